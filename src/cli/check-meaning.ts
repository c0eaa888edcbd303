import { nearestNames } from '../model/nearest-name.ts';
import type { Limit } from '../model/plan.ts';
import { quotedName } from '../model/reading/header-name.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import { judgeEncoding } from '../plan/reading/garbled-text.ts';
import { judgeKeyReferences } from '../plan/reading/references.ts';
import { judgeSourceIdentity } from '../plan/reading/source-identity.ts';
import type { OpenSource } from '../source/source.ts';
import { openReadOnlyStore } from '../store/read-only-store.ts';
import type { Reading } from '../store/store.ts';
import { judgeOpenSource } from '../sync/reading/judge-open-source.ts';
import type { DanglingNames } from '../sync/reading/count-dangling.ts';
import type { TestRead } from '../sync/test-read.ts';
import { realClock } from './clock.ts';
import type { Context } from './context.ts';
import { plural } from './print/format.ts';
import type { CheckReport } from './print/check-report.ts';
import type { JsonLine } from './print/json-lines.ts';
import { wireSource, wireTargets } from './wire.ts';

/**
 * Shows what decides who is active, and how the source differs from the last accepted reading in what it means.
 *
 * @returns whether a pass would accept the reading, as far as this check can know
 */
export async function checkMeaning(
  context: Context,
  report: CheckReport,
  opened: OpenSource,
  read: TestRead,
): Promise<boolean> {
  report.fact(activityText(opened, read), activityLine(opened, read));
  const last = await lastReading(context);
  const { maxAgeMs, identity, sanity } = wireSource(context.config);
  const judgements = [
    ...judgeSourceIdentity(last?.facts.source, identity),
    ...judgeOpenSource(opened, last, wireTargets(context.config), { now: realClock.now(), maxAgeMs }),
    ...(await encodingJudgements(opened, read, last, context.stop)),
    ...read.references.flatMap((found) => referenceJudgements(found, last, sanity.maxDangling)),
  ];
  const isRefused = judgements.some(({ refused }) => refused);
  report.judgements({ isRefused, judgements });
  return !isRefused;
}

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

/**
 * In a later reading, a pass knows which references name a record that left, and this check does not: it reports them,
 * and refuses nothing.
 */
const referenceJudgements = (
  { kind, counts, examples }: DanglingNames,
  last: Reading | undefined,
  maxDangling: Limit,
): readonly Judgement[] =>
  judgeKeyReferences(
    { kind, counts, before: last === undefined ? undefined : counts, misspelt: 0, examples, hint: undefined },
    maxDangling,
  );

/** In a later reading, a pass compares each record with the last one, which this check does not. */
async function encodingJudgements(
  opened: OpenSource,
  { text }: TestRead,
  last: Reading | undefined,
  stop: AbortSignal,
): Promise<readonly Judgement[]> {
  if (last !== undefined || text.garbled + text.undecodable === 0) return [];
  return judgeEncoding({ ...text, isFirst: true }, await opened.fittingEncoding?.([], stop));
}

async function lastReading({ config }: Context): Promise<Reading | undefined> {
  const view = openReadOnlyStore(config.state);
  try {
    return await view?.mirror.last();
  } finally {
    view?.close();
  }
}
