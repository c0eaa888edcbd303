import { formatIssue } from '../../config/issues.ts';
import type { SourceConfig } from '../../config/source-config.ts';
import { IncompleteReading, OperatorError } from '../../model/errors.ts';
import type { Columns, OpenSource } from '../../source/source.ts';
import { unionOfUses } from '../../sync/reading/stage-sources.ts';
import { testRead, type TestRead } from '../../sync/trial/test-read.ts';
import type { RulesOfTarget } from '../../sync/trial/try-rules.ts';
import { checkMeaning, showTriedRules } from '../check-meaning.ts';
import { openView, readTargetMismatch, stateName, type Context, type ExitCode } from '../context.ts';
import { realClock } from '../clock.ts';
import { expiryFindings } from '../facts/upkeep.ts';
import { proxyFacts, proxyText } from '../facts/proxy-facts.ts';
import { checkChannels } from '../notify/check-channels.ts';
import { checkReport, type CheckReport } from '../print/check-report.ts';
import { plural, rejectedText, sizeText } from '../print/format.ts';
import { checkTargets } from './check-target.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';

/**
 * `check`: validates the configuration, then tests the source and every target. Prints what each supports, and what
 * earlier passes learned. Changes no record and no account; the next pass uses the ServiceProviderConfig that it read.
 */
export async function checkCommand(context: Context, flags: { readonly json: boolean }): Promise<ExitCode> {
  const { config, console } = context;
  const report = checkReport(console, flags.json);
  for (const warning of config.warnings) report.problem('warning', 'configuration', formatIssue(warning), warning.code);
  const { file, targets } = config;
  const state = stateName(context);
  report.fact([`configuration: ${file} is valid; ${plural(targets.length, 'target')}, state in ${state}`], {
    ...{ type: 'configuration', file, state, targets: targets.map(({ name }) => name) },
  });
  for (const fact of proxyFacts(config)) {
    const { target = null, purpose, url, proxy = null } = fact;
    report.fact([proxyText(fact)], { type: 'proxy', target, purpose, url, proxy });
  }
  const mismatch = readTargetMismatch(config);
  if (mismatch !== undefined) report.problem('error', 'configuration', mismatch.message, mismatch.code);
  noteStuckSpace(context, report);
  for (const { target, text } of expiryFindings(config, realClock.now()))
    report.problem('warning', target === undefined ? 'configuration' : { target }, text);
  const areChannelsUsable = await checkChannels(context, report);
  const isSourceUsable = await checkSource(context, report);
  const targetsUsable = await checkTargets(context, report);
  const isUsable = isSourceUsable && targetsUsable && mismatch === undefined && areChannelsUsable;
  report.end(isUsable);
  return mismatch?.exitCode ?? (!areChannelsUsable ? 4 : isUsable ? 0 : 1);
}

/** Less free space is not worth a rewrite of the file, in bytes. */
const leastStuckBytes = 64 * 2 ** 20;

function noteStuckSpace({ config }: Context, report: CheckReport): void {
  const view = openView(config);
  const bytes = view?.stuckBytes() ?? 0;
  view?.close();
  if (bytes < leastStuckBytes) return;
  report.problem(
    'note',
    'configuration',
    `${config.state} is a file of an older version, with ${sizeText(bytes)} of free space that it cannot give back: ` +
      '"scimsync vacuum" rewrites it once',
  );
}

async function checkSource(context: Context, report: CheckReport): Promise<boolean> {
  const { config, stop } = context;
  try {
    const { source } = wireSource(config);
    const opened = await source.open(stop);
    try {
      const { users, groups } = opened.columns;
      const { capabilities } = opened;
      report.fact(
        [
          `source: ${source.label} answers${users.length === 0 ? '' : `; people have ${users.join(', ')}`}`,
          ...capabilities.map((capability) => `source: ${capability}`),
        ],
        { type: 'columns', source: source.label, users, groups, capabilities },
      );
      const rules = checkRules(context, report, opened.columns);
      return (await checkReading(context, report, opened, rules)) && rules.length === config.targets.length;
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    if (error instanceof IncompleteReading && config.sources !== undefined) error.nameSettings(config.sources.primary);
    report.problem('error', 'source', error.message, error.code);
    return false;
  }
}

/** The targets with valid mappings. Prints the mistakes of the others. */
function checkRules({ config }: Context, report: CheckReport, columns: Columns): readonly RulesOfTarget[] {
  return wireTargets(config).flatMap((spec) => {
    const subject = { target: spec.name };
    try {
      const mapping = spec.compileMapping(columns);
      for (const note of mapping.notes) report.problem('note', subject, note);
      return [{ name: spec.name, mapping }];
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      report.problem('error', subject, error.message, error.code);
      return [];
    }
  });
}

async function checkReading(
  context: Context,
  report: CheckReport,
  opened: OpenSource,
  targets: readonly RulesOfTarget[],
): Promise<boolean> {
  const mappings = targets.map(({ mapping }) => mapping);
  const uses = unionOfUses(mappings, wireJoinedSources(context.config));
  const read = await testRead(opened, uses, targets, context.stop);
  const { rows, rejected, rules } = read;
  showReading(report, opened, read);
  const wrong = (message: string): void => report.problem('error', 'source', message);
  if (rows.users === 0)
    wrong(`no users found; a pass would be held. Check ${whatFindsUsers(context.config.source.type)}`);
  for (const { part, line, reason } of read.rejections) wrong(`row ${line} of the ${part}: ${reason}`);
  if (rejected > 0) wrong(rejectedText(rejected));
  showTriedRules(report, rules);
  const isAcceptable = await checkMeaning(context, report, opened, read);
  return isAcceptable && rows.users > 0 && rejected === 0 && rules.sharedNames.total === 0;
}

/** What an operator corrects where a source of this kind has no users. */
function whatFindsUsers(type: SourceConfig['type']): string {
  switch (type) {
    case 'ldap':
      return 'base, filter and the read rights of the account';
    case 'scim':
      return 'the URL and the read rights of the credentials';
    case 'http':
      return 'the URL, "items", "where" and the read rights of the credentials';
    case 'csv':
    case 'command':
      return 'the export and "where"';
  }
}

function showReading(report: CheckReport, opened: OpenSource, read: TestRead): void {
  const { users, groups, memberships } = read.rows;
  const { excluded, rejected } = read;
  // The server may support incremental reads, and the account's rights or the mapped attributes still prevent them.
  const lacksIncremental = !read.supportsIncremental && opened.fingerprint === undefined;
  report.fact(
    [
      `source: read to its end: ${countText(users, 'person', 'people')}, ${countText(groups, 'group', 'groups')}`,
      ...(excluded > 0 ? [`source: "where" leaves out ${plural(excluded, 'row')}`] : []),
      ...(lacksIncremental
        ? [
            'source: incremental reads are not available (account rights or mapped attributes); ' +
              'every pass does a full read',
          ]
        : []),
    ],
    {
      ...{ type: 'source', users, groups, memberships, excluded, rejected },
      sharedNames: read.rules.sharedNames.total,
      incremental: read.supportsIncremental,
    },
  );
}

const countText = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
