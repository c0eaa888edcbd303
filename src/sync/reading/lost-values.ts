import { needsCompleteReading, type Absence } from '../../plan/reading/signs.ts';
import { needsCount, visibleContradiction } from '../../plan/reading/visible-entries.ts';
import type { AbsenceQuestion, LastReading, SourceReading } from '../../source/source.ts';
import type { Answers } from './commit-readings.ts';
import type { EmptiedGroups, LostSign, StagingSummary } from '../../store/store.ts';

/** Values that a reading lacks, with what the server proves about them. */
export interface LostValues {
  readonly signs: readonly (LostSign & { readonly absence: Absence })[];
  readonly groups: (EmptiedGroups & { readonly absence: Absence }) | undefined;
  /** Leavers who are back although their entries have not changed since the last reading. */
  readonly unchangedLeavers: number;
}

/** The questions of a judgement to the server, each of which is asked outside of the transaction. */
export function askedBetweenTransactions(
  reading: SourceReading,
  answers: Answers,
): Pick<SourceReading, 'extent' | 'proveAbsence' | 'countUnchanged' | 'countVisible'> {
  const { extent, proveAbsence, countUnchanged, countVisible } = reading;
  const ask = <T>(question: unknown, asked: () => Promise<T>): Promise<T> =>
    answers.of(JSON.stringify(question), asked);
  return {
    extent,
    ...(proveAbsence === undefined
      ? {}
      : { proveAbsence: (question, signal) => ask(question, () => proveAbsence.call(reading, question, signal)) }),
    ...(countUnchanged === undefined
      ? {}
      : {
          countUnchanged: (handles, last, signal) =>
            ask(handles, () => countUnchanged.call(reading, handles, last, signal)),
        }),
    ...(countVisible === undefined
      ? {}
      : { countVisible: (signal) => ask('visible', () => countVisible.call(reading, signal)) }),
  };
}

/** Asks the server about the signs and members that vanished, and about leavers who are back. */
export async function lostValuesOf(
  reading: Pick<SourceReading, 'proveAbsence' | 'countUnchanged'>,
  { lostSigns, emptiedGroups, leaversBack }: Pick<StagingSummary, 'lostSigns' | 'emptiedGroups' | 'leaversBack'>,
  last: LastReading | undefined,
  signal: AbortSignal,
): Promise<LostValues> {
  const unchangedLeavers =
    last === undefined || leaversBack.length === 0
      ? 0
      : ((await reading.countUnchanged?.(leaversBack, last, signal)) ?? 0);
  /** Only an answer for every entry is a proof. */
  const ask = async (question: AbsenceQuestion, lost: number): Promise<Absence> =>
    question.handles.length === 0 || question.handles.length !== lost
      ? 'unknown'
      : ((await reading.proveAbsence?.(question, signal)) ?? 'unknown');
  const signs: (LostSign & { readonly absence: Absence })[] = [];
  for (const one of lostSigns) {
    const { sign: attribute, handles, lost, remaining, reactivated } = one;
    const isNeeded = reactivated > 0 || remaining === 0;
    signs.push({ ...one, absence: isNeeded ? await ask({ part: 'users', attribute, handles }, lost) : 'unknown' });
  }
  if (emptiedGroups === undefined) return { signs, groups: undefined, unchangedLeavers };
  const { handles, emptied } = emptiedGroups;
  return {
    signs,
    groups: { ...emptiedGroups, absence: await ask({ part: 'groups', attribute: undefined, handles }, emptied) },
    unchangedLeavers,
  };
}

/** Why the changes that an incremental reading reports need a complete reading; undefined: they do not. */
export async function contradictedChanges(
  reading: Pick<SourceReading, 'extent' | 'countVisible'>,
  { reportedDeletions, after }: Pick<StagingSummary, 'reportedDeletions' | 'after'>,
  { signs, groups }: LostValues,
  signal: AbortSignal,
): Promise<string | undefined> {
  const reason = reading.extent === 'incremental' ? needsCompleteReading(signs, groups) : undefined;
  if (reason !== undefined) return reason;
  if (!needsCount(reportedDeletions)) return undefined;
  const visible = await reading.countVisible?.(signal);
  return visible === undefined ? undefined : visibleContradiction(reportedDeletions, after, visible);
}
