import type { TargetConfig } from '../../config/config.ts';
import { formatIssue } from '../../config/issues.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Profile } from '../../model/profile.ts';
import { formatDuration } from '../../model/time.ts';
import { describeLimit, limitsInForce } from '../../plan/guard/guard.ts';
import { guardRules } from '../../plan/guard/rules.ts';
import type { Discovery, Target } from '../../scim/target.ts';
import type { TargetStatus } from '../../store/read-only-store.ts';
import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { Columns, OpenSource } from '../../source/source.ts';
import { unionOfUses } from '../../sync/plan-pass.ts';
import { duplicateNameText } from '../../sync/names/duplicate-names.ts';
import { testRead } from '../../sync/test-read.ts';
import { checkMeaning } from '../check-meaning.ts';
import { readTargetMismatch, type Context, type ExitCode } from '../context.ts';
import type { Console } from '../console.ts';
import { plural, rejectedText } from '../print/format.ts';
import { learnedText } from '../print/learned-text.ts';
import { openCheckState, type CheckedTarget, type CheckState } from './check-state.ts';
import { connect, wireSource, wireTargets } from '../wire.ts';

/**
 * `check`: validates the configuration, then tests the source and every target. Prints what each supports, and what
 * earlier passes learned. Changes no record and no account; the next pass uses the ServiceProviderConfig that it read.
 */
export async function checkCommand(context: Context): Promise<ExitCode> {
  const { config, console } = context;
  for (const warning of config.warnings) console.out(console.colors.yellow(`warning: ${formatIssue(warning)}`));
  console.out(
    `configuration: ${config.file} is valid; ${plural(config.targets.length, 'target')}, state in ${config.state}`,
  );
  const mismatch = readTargetMismatch(config);
  if (mismatch !== undefined) console.out(console.colors.red(`${mismatch.message} (code: ${mismatch.code})`));
  const isSourceUsable = await checkSource(context);
  const targetsUsable = await checkTargets(context);
  if (mismatch !== undefined) return mismatch.exitCode;
  return isSourceUsable && targetsUsable ? 0 : 1;
}

/** @returns whether all targets can be used */
async function checkTargets(context: Context): Promise<boolean> {
  const { config, console } = context;
  const state = openCheckState(config);
  try {
    const checks = await Promise.all(config.targets.map((target) => checkTarget(context, state, target)));
    const problem = await state.save(checks.map(({ checked }) => checked));
    if (problem !== undefined)
      console.out(
        console.colors.yellow(`the ServiceProviderConfigs were not stored, the next pass reads them: ${problem}`),
      );
    for (const target of config.targets) for (const line of guardLines(target, state.find(target))) console.out(line);
    return checks.every(({ isUsable }) => isUsable);
  } finally {
    state.close();
  }
}

async function checkSource(context: Context): Promise<boolean> {
  const { config, console, stop } = context;
  try {
    const { source } = wireSource(config);
    const opened = await source.open(stop);
    try {
      const { users } = opened.columns;
      console.out(`source: ${source.label} answers${users.length === 0 ? '' : `; people have ${users.join(', ')}`}`);
      for (const capability of opened.capabilities) console.out(`source: ${capability}`);
      const mappings = checkMappings(context, opened.columns);
      return (await checkReading(context, opened, mappings)) && mappings.length === config.targets.length;
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    console.out(console.colors.red(`source: ${error.message}`));
    return false;
  }
}

/** The valid mappings. Prints the mistakes of the others. */
function checkMappings({ config, console }: Context, columns: Columns): readonly TargetMapping[] {
  return wireTargets(config).flatMap((spec) => {
    try {
      const mapping = spec.compileMapping(columns);
      for (const note of mapping.notes) console.out(`${spec.name}: note: ${note}`);
      return [mapping];
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      console.out(console.colors.red(`${spec.name}: ${error.message}`));
      return [];
    }
  });
}

async function checkReading(
  context: Context,
  opened: OpenSource,
  mappings: readonly TargetMapping[],
): Promise<boolean> {
  const { console, stop } = context;
  const read = await testRead(opened, unionOfUses(mappings), mappings, stop);
  const { rows, supportsIncremental, rejected, excluded, rejections } = read;
  console.out(
    `source: read to its end: ${countText(rows.users, 'person', 'people')}, ` +
      countText(rows.groups, 'group', 'groups'),
  );
  if (excluded > 0) console.out(`source: "where" leaves out ${plural(excluded, 'row')}`);
  // The server may support incremental reads, and the account's rights or the mapped attributes still prevent them.
  if (!supportsIncremental && opened.fingerprint === undefined)
    console.out(
      'source: incremental reads are not available (account rights or mapped attributes); every pass does a full read',
    );
  if (rows.users === 0)
    console.out(
      console.colors.red(
        'source: no users found; a pass would be held. Check base, filter and the read rights of the account',
      ),
    );
  for (const { part, line, reason } of rejections)
    console.out(console.colors.red(`source: row ${line} of the ${part}: ${reason}`));
  if (rejected > 0) console.out(console.colors.red(`source: ${rejectedText(rejected)}`));
  const { total, first } = read.sharedNames;
  for (const { name, keys } of first)
    console.out(console.colors.red(`source: ${duplicateNameText(name, keys.join(' and '))}`));
  if (total > first.length)
    console.out(console.colors.red(`source: … and ${total - first.length} more shared userNames`));
  const isAcceptable = await checkMeaning(context, opened, read);
  return isAcceptable && rows.users > 0 && rejected === 0 && total === 0;
}

const countText = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** The check of one target. */
interface TargetCheck {
  readonly isUsable: boolean;
  readonly checked: CheckedTarget;
}

async function checkTarget({ console, stop }: Context, state: CheckState, config: TargetConfig): Promise<TargetCheck> {
  const requestCounts = state.requestCounts(config);
  const target = connect(config, requestCounts);
  const { supportLevel, verifiedOn, notes = [] } = config.about;
  const provenance = [supportLevel ?? 'your own', ...(verifiedOn === undefined ? [] : [`as of ${verifiedOn}`])].join(
    ', ',
  );
  console.out(`${config.name}: profile "${config.profile.name}" (${provenance})`);
  for (const note of notes) console.out(`${config.name}: note: ${note}`);
  try {
    const discovery = await target.discover(stop);
    const checked = { config, requestCounts, discovery };
    const access =
      config.profile.protocol.listing === 'unreliable'
        ? await checkLookUp(target, config.profile, stop)
        : await checkListing(target, stop);
    if ('wrong' in access) {
      console.out(console.colors.red(`${config.name}: ${config.url} cannot be used: ${access.wrong}`));
      return { isUsable: false, checked };
    }
    console.out(`${config.name}: ${config.url} answers, and ${access.can}`);
    showDiscovery(console, config, discovery, state.find(config));
    for (const line of learnedText(state.find(config)?.learned ?? [])) console.out(`${config.name}: ${line}`);
    return { isUsable: true, checked };
  } finally {
    target.close();
  }
}

const featuresOf = (discovery: Discovery): readonly string[] => {
  const yesOrNo = (value: boolean | undefined): string => (value === undefined ? 'not stated' : value ? 'yes' : 'no');
  return [
    `PATCH ${yesOrNo(discovery.patch)}`,
    `filter ${yesOrNo(discovery.filter)}`,
    `ETag ${yesOrNo(discovery.etag)}`,
    `bulk ${yesOrNo(discovery.bulk?.supported)}`,
  ];
};

/** Shows the ServiceProviderConfig, what changed in it, and where it contradicts the profile. */
function showDiscovery(
  console: Console,
  { name, profile }: TargetConfig,
  discovery: Discovery | undefined,
  known: TargetStatus | undefined,
): void {
  if (discovery === undefined) {
    const why =
      profile.protocol.discovery === 'off'
        ? 'ServiceProviderConfig is not requested'
        : `no readable ServiceProviderConfig at ${profile.protocol.endpoints.discovery}`;
    console.out(`${name}: ${why}; the profile "${profile.name}" decides`);
    return;
  }
  console.out(`${name}: ServiceProviderConfig: ${featuresOf(discovery).join(', ')}`);
  const before = known?.discovery as Discovery | undefined;
  const { raw: _, ...features } = discovery;
  const { raw: __, ...featuresBefore } = before ?? {};
  if (before !== undefined && JSON.stringify(features) !== JSON.stringify(featuresBefore))
    console.out(
      console.colors.yellow(
        `${name}: ServiceProviderConfig changed; before: ${featuresOf(before).join(', ')}. ` +
          'The next pass forgets what was learned about this target',
      ),
    );
  if (discovery.patch === false && profile.protocol.update === 'patch')
    console.out(
      console.colors.yellow(
        `${name}: the profile "${profile.name}" sends PATCH although ServiceProviderConfig ` +
          'states that it is not supported; the profile takes precedence',
      ),
    );
  if (discovery.bulk?.supported !== true && profile.protocol.bulk === 'offered')
    console.out(
      console.colors.yellow(
        `${name}: the profile "${profile.name}" expects Bulk, which the target does not offer; ` +
          'requests are sent one by one',
      ),
    );
}

/** The table of limits in force at a target: once the target is loaded, with the floors that apply to its size. */
function guardLines(
  { name, guard: { table, windowMs } }: TargetConfig,
  status: TargetStatus | undefined,
): readonly string[] {
  const period = windowMs === 0 ? 'one pass' : formatDuration(windowMs);
  const limits =
    status === undefined || status.users.active + status.users.inactive === 0
      ? guardRules.map((rule) => ({ rule, limit: table[rule.limit] }))
      : limitsInForce(table, {
          users: status.users.active + status.users.inactive,
          activeUsers: status.users.active,
          groups: status.groups,
          memberships: status.memberships,
        });
  const nounsByLimit = new Map<string, string[]>();
  for (const { rule, limit } of limits) {
    const key = `${rule.limit} ${describeLimit(limit)}`;
    nounsByLimit.set(key, [...(nounsByLimit.get(key) ?? []), rule.noun]);
  }
  return [
    `${name}: the guard holds more than these changes within ${period}, until they are approved:`,
    ...[...nounsByLimit].map(([limit, nouns]) => `${name}:   ${limit}: ${nouns.join('; ')}`),
  ];
}

type AccessCheck = { readonly can: string } | { readonly wrong: string };

async function checkListing(target: Target, stop: AbortSignal): Promise<AccessCheck> {
  const page = await target.list('User', ['userName'], stop).next();
  if (page.done !== true) return { can: 'lists users' };
  return page.value.complete
    ? { can: 'lists no users yet' }
    : { wrong: page.value.detail ?? 'its users cannot be listed' };
}

/** If listings are unreliable, a look-up shows whether the URL is that of a SCIM application. */
async function checkLookUp(target: Target, { protocol }: Profile, stop: AbortSignal): Promise<AccessCheck> {
  const unusedName = Object.fromEntries(protocol.matchUsers.map((attribute) => [attribute, 'absent-scimsync-check']));
  const lookup = await target.find('User', unusedName, [], stop);
  if (lookup.kind === 'unavailable' || lookup.kind === 'untrusted') return { wrong: lookup.detail };
  return { can: 'looks users up' };
}
