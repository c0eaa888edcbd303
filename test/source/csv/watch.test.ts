import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { watchFiles } from '../../../src/source/csv/watch.ts';
import { createManualClock } from '../../daemon/manual-clock.ts';

/** A watched export whose time the test moves. */
async function watched() {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-watch-'));
  const file = join(folder, 'users.csv');
  writeFileSync(file, 'id\n1\n');
  const clock = createManualClock();
  const stop = new AbortController();
  let changes = 0;
  const listener = { listening: () => undefined, changed: () => (changes += 1) };
  const end = watchFiles([{ name: 'users', part: 'users', file }], clock, listener, stop.signal);
  /** The file system answers in real time, the clock moves in milliseconds of the test. */
  const advance = async (milliseconds: number): Promise<void> => {
    for (let remaining = milliseconds; remaining > 0; remaining -= 10) {
      await new Promise((done) => setTimeout(done, 2));
      await clock.advance(10);
    }
    await new Promise((done) => setTimeout(done, 5));
  };
  await advance(500);
  return {
    file,
    advance,
    changes: () => changes,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await end;
      rmSync(folder, { recursive: true });
    },
  };
}

test('a file that changed is reported once, after it did not change for 300 ms', async () => {
  await using at = await watched();
  expect(at.changes()).toBe(1);
  writeFileSync(at.file, 'id\n1\n2\n');
  await at.advance(250);
  expect(at.changes()).toBe(1);
  await at.advance(250);
  expect(at.changes()).toBe(2);
  await at.advance(1_000);
  expect(at.changes()).toBe(2);
});

test('a file that is still being written is not reported', async () => {
  await using at = await watched();
  for (let row = 2; row < 12; row += 1) {
    writeFileSync(at.file, `id\n${row}\n`.repeat(row));
    await at.advance(150);
  }
  expect(at.changes()).toBe(1);
  await at.advance(400);
  expect(at.changes()).toBe(2);
});

test('a file that is replaced again and again is reported each time, a missing one is not', async () => {
  await using at = await watched();
  for (let row = 2; row < 5; row += 1) {
    writeFileSync(`${at.file}.new`, `id\n${row}\n`);
    renameSync(`${at.file}.new`, at.file);
    await at.advance(600);
    expect(at.changes()).toBe(row);
  }
  rmSync(at.file);
  await at.advance(600);
  expect(at.changes()).toBe(4);
});
