import { expect, test } from '@jest/globals';
import colors from 'picocolors';
import { createProgress } from '../../src/cli/progress.ts';
import type { Result } from '../../src/sync/events.ts';
import { instant } from '../../src/model/ids.ts';

const console = { out: () => {}, record: () => {}, err: () => {}, colors, errColors: colors, isInteractive: false };

test.each<[string, number, readonly Result[], string]>([
  ['all operations', 3, ['done', 'adopted', 'failed'], '3/3'],
  ['held operations do not count', 2, ['held', 'held', 'done', 'held', 'done'], '2/2'],
  ['skipped operations do not count', 3, ['done', 'skipped', 'done'], '2/3'],
])('%s', (_, announced, results, expected) => {
  let now = 0;
  const clock = { now: () => instant(now), sleep: () => Promise.resolve() };
  const lines: string[] = [];
  const progress = createProgress(clock, console, (target, done, total) => lines.push(`${target} ${done}/${total}`));
  progress.expect('app', announced);
  for (const result of results) {
    now += 20_000;
    progress.step('app', result);
  }
  expect(lines.at(-1)).toBe(`app ${expected}`);
});
