import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

const moduleUrl = new URL('../../src/cli/young-generation.ts', import.meta.url).href;

/** Many objects survive a few turns of the event loop, as the pages of a pass do. Prints the peak in bytes. */
const allocation = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const survivors = Array.from({ length: 50 });
  let peak = 0;
  for (let turn = 0; turn < 200; turn += 1) {
    survivors[turn % survivors.length] = Array.from({ length: 5000 }, (_, n) => ({ n, turn }));
    await new Promise((resolve) => setImmediate(resolve));
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    peak = Math.max(peak, space_size);
  }
  console.log(peak);
`;

/**
 * Of a process of its own, because V8's flags apply to the whole process. V8 derives its own limit from the memory of
 * the computer; the flag makes it 64 MB for each half everywhere.
 */
function peakOfYoungGeneration(firstLine: string): number {
  const args = ['--no-warnings', '--max-semi-space-size=64', '--input-type=module', '--eval', firstLine + allocation];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('limitYoungGeneration', () => {
  const limit = 16 * 1024 * 1024;

  test('V8 obeys the limit, after it let the young generation grow up to it', () => {
    const peak = peakOfYoungGeneration(
      `const { limitYoungGeneration } = await import(${JSON.stringify(moduleUrl)}); limitYoungGeneration();`,
    );
    expect(peak).toBeGreaterThan(limit / 2);
    expect(peak).toBeLessThanOrEqual(2 * limit);
  });

  test('without the limit, the same program exceeds it', () => {
    expect(peakOfYoungGeneration('')).toBeGreaterThan(2 * limit);
  });
});
