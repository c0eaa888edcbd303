import { replacedGroups } from '../../plan/guard/replaced-groups.ts';
import type { PlanningJournal } from '../../store/store.ts';
import { windowStart, type PlannedRound } from './judge-round.ts';

/** Marks the memberships of emptied groups that a new group replaces in this round. @returns their number */
export async function markReplaced(
  journal: PlanningJournal,
  planned: Pick<PlannedRound, 'spec' | 'pass' | 'known' | 'loadedAt' | 'reading' | 'now'> & {
    readonly round: number;
    /** The groups that the round empties. */
    readonly emptied: number;
  },
): Promise<number> {
  const { spec, pass, round, known, emptied } = planned;
  if (emptied === 0) return 0;
  const start = windowStart(planned);
  const before = start === undefined ? 0 : (await journal.groupTurnoverSince(spec.name, start, pass)).replaced;
  const moves = replacedGroups(await journal.groupTurnover(pass, spec.name, round), known.memberships, before);
  return journal.markReplaced(pass, spec.name, round, moves);
}
