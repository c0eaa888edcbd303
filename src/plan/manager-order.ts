/** Upper bound of waves. Users below a longer chain of managers get their manager by a second request. */
const maxWave = 1000;

/** What an array and a compact list have in common. */
interface Numbers {
  readonly length: number;
  at(index: number): number | undefined;
}

const unvisited = 0;
const onPath = 0xffff;
const inRing = 0xfffe;

/**
 * Waves in which creates can name their managers: each user one wave after the manager.
 *
 *     wave 0   created without a manager, or under one that exists
 *     wave 1   under a manager of wave 0
 *     …
 *     last     users who manage each other in a ring, and users below them
 *
 * Compact, because it handles all creates of a first load: 10 bytes for each, with the two lists.
 *
 * @param creates ids of the creates whose manager is created in the same round, ascending
 * @param managers by the same index: the id of the manager's create
 * @returns the wave of each create, and how many are in or below a ring
 */
export function managerWaves(
  creates: Numbers,
  managers: Numbers,
): { readonly waves: Uint16Array; readonly unordered: number } {
  const waves = new Uint16Array(creates.length);
  let lastWave = 0;
  let unordered = 0;
  for (let start = 0; start < creates.length; start += 1) {
    const path: number[] = [];
    let index = start;
    while (index >= 0 && waves[index] === unvisited) {
      waves[index] = onPath;
      path.push(index);
      index = indexOf(creates, managers.at(index) ?? 0);
    }
    const above = index < 0 ? 0 : (waves[index] ?? 0);
    const isRing = above === onPath || above === inRing;
    let wave = above;
    for (const position of path.reverse()) {
      wave = isRing ? inRing : Math.min(wave + 1, maxWave);
      waves[position] = wave;
      if (isRing) unordered += 1;
      else lastWave = Math.max(lastWave, wave);
    }
  }
  for (const [index, wave] of waves.entries()) if (wave === inRing) waves[index] = lastWave + 1;
  return { waves, unordered };
}

/** Binary search. @returns -1 if the id does not occur */
function indexOf(sorted: Numbers, id: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = sorted.at(middle) ?? 0;
    if (value === id) return middle;
    if (value < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
