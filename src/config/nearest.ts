/**
 * The name that was probably meant: the one with the fewest slips, at most one in three letters; else the only one that begins like this.
 * Letters' case does not count; of equally near names the first one wins. Undefined where none is near.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of names) {
    const distance = slips(wanted, candidate.toLowerCase());
    if (distance < least && distance <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3))) {
      best = candidate;
      least = distance;
    }
  }
  return best ?? onlyOneThatBegins(wanted, names);
}

/** `; did you mean "x"?`, to be joined to a sentence; empty where nothing is near. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
}

function onlyOneThatBegins(wanted: string, names: readonly string[]): string | undefined {
  const [only, ...others] = wanted.length < 2 ? [] : names.filter((name) => name.toLowerCase().startsWith(wanted));
  return others.length === 0 ? only : undefined;
}

/** Letters to insert, delete, replace or exchange with their neighbour: Damerau–Levenshtein, each letter moved once at most. */
function slips(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const exchanged = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (exchanged) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
