import { nearestNames } from '../model/nearest-name.ts';
import { ImplausibleReading, IncompleteReading } from '../model/errors.ts';
import { quotedName } from '../model/reading/header-name.ts';
import type { OpenSource } from '../source/source.ts';
import type { SourceSpec } from '../sync/context.ts';
import { tryReading, type TriedReading } from '../sync/reading/try-reading.ts';
import { duplicateNameText } from '../sync/names/duplicate-names.ts';
import type { JoinedSourceReport } from '../sync/joins/joined-source-report.ts';
import type { TestRead } from '../sync/trial/test-read.ts';
import type { RejectedByRules, TriedRules } from '../sync/trial/try-rules.ts';
import { realClock } from './clock.ts';
import { passOptions, withCopy, type Context } from './context.ts';
import { plural } from './print/format.ts';
import type { CheckReport } from './print/check-report.ts';
import type { JsonLine } from './print/json-lines.ts';
import { keyChangeLines, keyChangesText } from './print/key-changes.ts';
import { isJoinFailed, joinedSourceLines, joinedSourcesText } from './source/joined-sources-text.ts';
import { wireJoinedSources } from './source/wire-joined-sources.ts';
import { wireSource } from './source/wire-source.ts';
import { wireTargets } from './wire.ts';

/**
 * Shows what decides who is active, and what a pass would make of the reading: how it differs from the last accepted
 * one in what it means, references that point nowhere, and keys that changed.
 *
 * @returns whether a pass would accept the reading
 */
export async function checkMeaning(
  context: Context,
  report: CheckReport,
  opened: OpenSource,
  read: TestRead,
): Promise<boolean> {
  report.fact(activityText(opened, read), activityLine(opened, read));
  try {
    const { judgements, keyChanges, joinedSources, rules } = await tried(context, opened);
    // What an operator accepted refuses nothing any more.
    report.judgements({ isRefused: false, judgements: judgements.map((one) => ({ ...one, refused: false })) });
    const lines = keyChangesText(keyChanges).map((line) => `source: ${line.trim()}`);
    for (const [index, line] of keyChangeLines(keyChanges).entries()) report.fact(index === 0 ? lines : [], line);
    showJoinedSources(context, report, joinedSources);
    showTriedRules(report, rules);
    return !isJoinFailed(joinedSources) && rules.sharedNames.total === 0;
  } catch (error) {
    if (!(error instanceof IncompleteReading)) throw error;
    if (error instanceof ImplausibleReading) report.judgements({ isRefused: true, judgements: error.judgements });
    else report.problem('error', 'source', error.message, error.code);
    return false;
  }
}

/** Users who would get one userName at a target, and records that its rules reject: no pass sends any of them. */
export function showTriedRules(report: CheckReport, { sharedNames: { total, first }, rejected }: TriedRules): void {
  for (const { name, keys } of first) report.problem('error', 'source', duplicateNameText(name, keys.join(' and ')));
  if (total > first.length) report.problem('error', 'source', `… and ${total - first.length} more shared userNames`);
  for (const one of rejected) report.problem('warning', { target: one.target }, rejectedByRulesText(one));
}

const rejectedByRulesText = ({ total, first }: RejectedByRules): string => {
  const named = first.map(({ key, reason }) => `${key}: ${reason}`).join('; ');
  const others = total > first.length ? `; … and ${total - first.length} more` : '';
  return `${plural(total, 'person or group', 'people and groups')} cannot be sent there: ${named}${others}`;
};

/** What a pass would make of the joined sources. */
function showJoinedSources(
  { console }: Context,
  report: CheckReport,
  joinedSources: readonly JoinedSourceReport[],
): void {
  for (const [index, line] of joinedSourceLines(joinedSources).entries()) {
    const one = joinedSources[index];
    if (one === undefined) continue;
    const { joined, missing } = one.counts;
    report.fact(
      [
        ...(one.failure === undefined
          ? [`source ${one.source}: read to its end: joined to ${plural(joined, 'user')}, ${missing} without a record`]
          : []),
        ...joinedSourcesText([one], console.colors),
      ],
      line,
    );
  }
}

/** A program runs once, and a server is asked once: the reading is made of the source that is open already. */
const tried = (context: Context, opened: OpenSource): Promise<TriedReading> =>
  withCopy(context, ({ store }) =>
    tryReading(
      {
        store,
        source: alreadyOpen(wireSource(context.config), opened),
        joinedSources: wireJoinedSources(context.config),
        targets: wireTargets(context.config),
        clock: realClock,
        emit: () => undefined,
      },
      passOptions(context, { only: undefined, full: true }),
      context.stop,
    ),
  );

const alreadyOpen = (spec: SourceSpec, opened: OpenSource): SourceSpec => ({
  ...spec,
  source: {
    label: spec.source.label,
    open: () => Promise.resolve({ ...opened, close: () => Promise.resolve() }),
  },
});

/** The same as `activityText`: what decides, and on how many people each column or sign has a value. */
function activityLine({ columns, activeColumn, signs }: OpenSource, read: TestRead): JsonLine {
  const column = activeColumn?.(columns.users);
  const decidedBy =
    signs !== undefined ? (signs.mayBeHidden ? 'signs' : 'condition') : column === undefined ? 'nothing' : 'column';
  return { type: 'activity', decidedBy, column: column ?? null, people: Object.fromEntries(read.signs) };
}

/** Who is active, by which column or signs, and what is missing for it. */
function activityText({ columns, activeColumn, signs }: OpenSource, read: TestRead): readonly string[] {
  if (signs !== undefined) return signs.mayBeHidden ? signsText(read.signs) : conditionText(read);
  const column = activeColumn?.(columns.users);
  if (activeColumn === undefined) return [];
  if (column !== undefined) return [`source: column ${quotedName(column)} decides who is active`];
  const [nearest] = nearestNames('active', columns.users, 1);
  const hint = nearest === undefined ? '' : `; if ${quotedName(nearest)} decides it, set source.users.active`;
  return [`source: there is no column "active", so all people are active${hint}`];
}

/** The columns of the condition. A blank cell is a value of a file, and no column is hidden. */
function conditionText({ signs, rows }: TestRead): readonly string[] {
  if (signs.size === 0 || rows.users === 0) return [];
  const columns = [...signs].map(([column, users]) =>
    users === 0
      ? `${quotedName(column)} (blank for all)`
      : `${quotedName(column)} (${plural(users, 'person', 'people')})`,
  );
  return [`source: source.users.active decides who is active, by the values of ${columns.join(', ')}`];
}

function signsText(signs: TestRead['signs']): readonly string[] {
  const seen = [...signs].filter(([, users]) => users > 0);
  const missing = [...signs].filter(([, users]) => users === 0).map(([sign]) => sign);
  return [
    ...(seen.length === 0
      ? []
      : [
          `source: signs of inactivity: ` +
            seen.map(([sign, users]) => `${sign} on ${plural(users, 'person', 'people')}`).join(', '),
        ]),
    ...(missing.length === 0
      ? []
      : [
          `source: signs of inactivity that no person shows: ${missing.join(', ')}. ` +
            'If some should, the account may not read them, and those people count as active',
        ]),
  ];
}
