import type { SourceKey } from '../../model/ids.ts';
import type { GroupMove, GroupTurnover } from '../../model/plan.ts';

/** This share of both groups is the same people. In a group of fewer than ten, these are all. */
const sameShare = 0.9;

/**
 * The groups that another one replaces: a department that was renamed in a column of the export, or several that
 * became one. The group that left the source and a new group have the same members, so these memberships do not count
 * as ended.
 *
 *     all 33 of HR join the new group People of 33                  replaced
 *     30 of 33 join, and 3 join no group                            replaced, and 3 memberships end
 *     all 33 join, and 3 joiners with them                          replaced
 *     HR (33) and Legal (20) both join the new group Staff of 53    both replaced
 *     20 join one new group, 13 another one                         not replaced
 *     all 33 join the new group All of 200                          not replaced: it is another kind of group
 *     the same for more than half of the target's memberships       not replaced: so much access needs an approval
 *
 * @param known the number of memberships that the target holds
 * @param before how many of them were replaced within the window: portions count together
 */
export function replacedGroups(
  { endings, additions, moves }: GroupTurnover,
  known: number,
  before: number,
): readonly GroupMove[] {
  const successors = new Map<SourceKey, GroupMove>();
  for (const move of moves) {
    const isMost = move.count >= sameShare * (endings.get(move.from) ?? Number.POSITIVE_INFINITY);
    const other = successors.get(move.from);
    const sizeOf = ({ to }: GroupMove): number => additions.get(to) ?? Number.POSITIVE_INFINITY;
    if (isMost && (other === undefined || sizeOf(move) < sizeOf(other))) successors.set(move.from, move);
  }
  const moved = new Map<SourceKey, number>();
  for (const { to, count } of successors.values()) moved.set(to, (moved.get(to) ?? 0) + count);
  const replaced = [...successors.values()].filter(
    ({ to }) => (moved.get(to) ?? 0) >= sameShare * (additions.get(to) ?? Number.POSITIVE_INFINITY),
  );
  const total = replaced.reduce((sum, { count }) => sum + count, 0);
  return total + before > known / 2 ? [] : replaced;
}
