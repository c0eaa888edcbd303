/**
 * How a property test runs its random histories: a few with a fixed seed in the suite, thousands where scripts/histories asks for
 * them. When a history fails, the test prints the seed that makes it again.
 */
export function randomRuns(suiteRuns: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: numberFrom('HISTORIES') ?? suiteRuns, seed: numberFrom('SEED') ?? 4711 };
}

/** Longer than any number of runs that is asked for should take, in milliseconds. */
export const randomRunsTimeoutMs = numberFrom('HISTORIES') === undefined ? 120_000 : 3_600_000;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
