/** A generator of pseudo-random numbers in [0, 1), deterministic for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** An integer of at least 0 and less than `below`. */
export const randomInt = (random: () => number, below: number): number => Math.floor(random() * below);

export function shuffled<T>(random: () => number, items: Iterable<T>): T[] {
  const order = [...items];
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = randomInt(random, index + 1);
    [order[index], order[other]] = [order[other] as T, order[index] as T];
  }
  return order;
}
