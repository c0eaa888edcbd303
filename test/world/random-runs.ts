/**
 * Number of random histories and first seed of a property test: a few with a fixed seed in the suite, thousands from
 * scripts/histories. A failing test prints the seed that repeats the history.
 */
export function randomRuns(suiteRuns: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: numberFrom('HISTORIES') ?? suiteRuns, seed: numberFrom('SEED') ?? 4711 };
}

/** Timeout of a test in ms: two minutes in the suite, one hour from scripts/histories. */
export const randomRunsTimeoutMs = numberFrom('HISTORIES') === undefined ? 120_000 : 3_600_000;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
