/**
 * The name that was probably meant: the one with the fewest slips, at most one in three letters; else the only one that begins like this.
 * Letters' case does not count; of equally near names the first one wins. Undefined where none is near.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const lowerCased = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of names) {
    const distance = editDistance(lowerCased, candidate.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? uniquePrefixMatch(lowerCased, names);
}

/** `; did you mean "x"?`, to be joined to a sentence; empty where nothing is near. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
}

function uniquePrefixMatch(prefix: string, names: readonly string[]): string | undefined {
  const [only, ...others] = prefix.length < 2 ? [] : names.filter((name) => name.toLowerCase().startsWith(prefix));
  return others.length === 0 ? only : undefined;
}

/** Letters to insert, delete, replace or exchange with their neighbour: Damerau–Levenshtein, each letter moved once at most. */
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
