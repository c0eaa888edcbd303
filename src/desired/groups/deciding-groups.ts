/** Which groups of a user decide the result of a rule. */
export interface DecidingGroups<Group> {
  /** `all`: without any one of them the result is another one; `each`: one of them is enough; `none`. */
  readonly kind: 'all' | 'each' | 'none';
  readonly groups: readonly Group[];
}

/**
 * Finds the groups that decide the result of a rule, by evaluating the rule without them:
 *
 *     another result without this one group          it decides, together with the others of this kind
 *     otherwise, the same result with it alone,      each of these is enough
 *     and another result without any group
 *     otherwise                                      groups do not decide: other attributes do, or a group is missing
 *
 * @param resultWith the result of the rule for a user with these groups, as comparable text
 */
export function decidingGroups<Group>(
  groups: readonly Group[],
  resultWith: (groups: readonly Group[]) => string,
): DecidingGroups<Group> {
  const result = resultWith(groups);
  const necessary = groups.filter((group) => resultWith(groups.filter((one) => one !== group)) !== result);
  if (necessary.length > 0) return { kind: 'all', groups: necessary };
  const sufficient = resultWith([]) === result ? [] : groups.filter((group) => resultWith([group]) === result);
  return sufficient.length > 0 ? { kind: 'each', groups: sufficient } : { kind: 'none', groups: [] };
}
