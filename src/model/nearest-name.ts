/**
 * The names most similar to `written`, the best first: those within one edit for every three letters; otherwise the
 * only name that begins with it; otherwise the only one with a word that begins with it: `status` in `Employee Status`.
 * Case and separators (space, `_`, `.`, `-`) do not count.
 */
export function nearestNames(written: string, names: readonly string[], count = 3): readonly string[] {
  const plain = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, '');
  const target = plain(written);
  const candidates = names.map((name) => ({ name, distance: editDistance(target, plain(name)) }));
  const similar = candidates
    .filter(
      ({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(target.length, plain(name).length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
  if (similar.length > 0 || target.length < 2) return similar.slice(0, count);
  const completions = names.filter((name) => plain(name).startsWith(target));
  if (completions.length === 1 || target.length < minContainedLength)
    return completions.length === 1 ? completions : [];
  const containing = names.filter((name) => {
    const words = name.split(wordStart);
    return words.some((_, index) => plain(words.slice(index).join('')).startsWith(target));
  });
  return containing.length === 1 ? containing : [];
}

/** `Employee Status`, `employee_status` and `employeeStatus` have two words. */
const wordStart = /(?<=[\s_.-])|(?<=\p{Ll})(?=\p{Lu})/u;

/** Shorter names occur in others by chance. */
const minContainedLength = 4;

/** `; did you mean "x"?`, to be appended to a sentence; empty where no name is similar. */
export function suggestion(written: string, names: readonly string[]): string {
  const [nearest] = nearestNames(written, names, 1);
  return nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

/**
 * Insertions, deletions, replacements and exchanges of neighbours (Damerau–Levenshtein, each letter moved once at
 * most).
 */
function editDistance(from: string, to: string): number {
  let rowBeforePrevious: readonly number[] = [];
  let previousRow: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const currentRow = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (previousRow[column] ?? 0) + 1,
        (currentRow[column - 1] ?? 0) + 1,
        (previousRow[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isTransposed =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isTransposed) cost = Math.min(cost, (rowBeforePrevious[column - 2] ?? 0) + 1);
      currentRow.push(cost);
    }
    rowBeforePrevious = previousRow;
    previousRow = currentRow;
  }
  return previousRow[to.length] ?? 0;
}
