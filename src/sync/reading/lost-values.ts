import { needsCompleteReading, type Absence } from '../../plan/reading/signs.ts';
import { needsCount, visibleContradiction } from '../../plan/reading/visible-entries.ts';
import type { AbsenceQuestion, LastReading, SourceReading } from '../../source/source.ts';
import type { EmptiedGroups, LostSign, StagingSummary } from '../../store/store.ts';

/** Values that a reading lacks, with what the server proves about them. */
export interface LostValues {
  readonly signs: readonly (LostSign & { readonly absence: Absence })[];
  readonly groups: (EmptiedGroups & { readonly absence: Absence }) | undefined;
  /** Leavers who are back although their entries have not changed since the last reading. */
  readonly unchangedLeavers: number;
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
