/**
 * What one evaluation may cost: elements that are visited, and sixteenths of characters. It is reached after about a
 * second. A list of 3,000 values may be compared with itself; a list of 500,000 values may be read a few times.
 */
export const maxCost = 10_000_000;

/** An evaluation would cost too much. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';
  constructor() {
    super(
      `it needs more than ${maxCost.toLocaleString('en-US')} steps for this record; ` +
        'nest fewer loops (all, exists, map, filter), or read shorter lists',
    );
  }
}

let spent = 0;

/** Runs one evaluation with a budget of its own. @throws CostExceeded also where the expression ignores errors */
export function withBudget<Result>(evaluate: () => Result): Result {
  const outer = spent;
  spent = 0;
  try {
    const result = evaluate();
    charge(0);
    return result;
  } finally {
    spent = outer;
  }
}

/** Counts what an evaluation is about to do. @throws CostExceeded */
export function charge(cost: number): void {
  spent += cost;
  if (spent > maxCost) throw new CostExceeded();
}

/** What it costs to read a value once. */
export function costOf(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / 16;
  if (Array.isArray(value)) return 1 + value.length;
  return value instanceof Map || value instanceof Set ? 1 + value.size : 1;
}
