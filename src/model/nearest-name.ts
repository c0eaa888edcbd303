/** The names most similar to `wanted`, best first; case and word separators are ignored. */
export function nearestNames(wanted: string, names: readonly string[], count = 3): readonly string[] {
  const plain = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, '');
  const target = plain(wanted);
  return names
    .map((name) => ({ name, distance: distance(target, plain(name)) }))
    .filter((candidate) => candidate.distance <= Math.max(2, target.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name }) => name);
}

/** Levenshtein distance: the number of insertions, deletions and substitutions. */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
