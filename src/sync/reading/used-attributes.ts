/** All names of these sets; undefined where one of them is: all attributes. */
export function union(uses: readonly (ReadonlySet<string> | undefined)[]): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const used of uses) {
    if (used === undefined) return undefined;
    for (const name of used) names.add(name);
  }
  return names;
}

/**
 * The attributes of groups that one of several sources is asked for. Expressions about groups read the groups of all
 * sources, so a source may lack some of the attributes; what it had in its last reading it must still have.
 *
 * @param now the attributes of its groups; empty if it cannot list them
 * @param before those of its last accepted reading
 */
export function usedOfSeveral(
  used: ReadonlySet<string> | undefined,
  now: readonly string[],
  before: readonly string[] = [],
): ReadonlySet<string> | undefined {
  if (used === undefined || now.length === 0) return used;
  return new Set([...used].filter((name) => now.includes(name) || before.includes(name)));
}
