import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instant, type Instant } from '../../../src/model/ids.ts';
import { settleFiles } from '../../../src/source/csv/settle.ts';
import type { PartFile } from '../../../src/source/csv/file.ts';

const startMs = 1_800_000_000_000;

describe('a scheduled pass waits for an export that is being written', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scimsync-settle-'));
    file = join(folder, 'people.csv');
    writeFileSync(file, 'id\n1\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const modifiedAt = (ms: number): void => utimesSync(file, ms / 1000, ms / 1000);

  /** Sleeps at once; `duringSleep` may write the file. @returns the waits in ms */
  async function settle(settleMs: number, duringSleep: (at: number) => void = () => undefined): Promise<number[]> {
    let now = startMs;
    const waits: number[] = [];
    const clock = {
      now: (): Instant => instant(now),
      async sleep(ms: number) {
        waits.push(ms);
        now += ms;
        duringSleep(now);
      },
    };
    const tables: readonly PartFile[] = [{ part: 'users', file, name: basename(file) }];
    await settleFiles(tables, settleMs, clock, new AbortController().signal);
    return waits;
  }

  test('that has held still: no wait', async () => {
    modifiedAt(startMs - 5000);
    expect(await settle(5000)).toEqual([]);
  });

  test('for the rest of the time', async () => {
    modifiedAt(startMs - 2000);
    expect(await settle(5000)).toEqual([3000]);
  });

  test('again after each change', async () => {
    modifiedAt(startMs - 2000);
    let changes = 2;
    expect(await settle(5000, (at) => changes-- > 0 && modifiedAt(at - 1000))).toEqual([3000, 4000, 4000]);
  });

  test('where the clock of the file server is ahead: until it did not change for the whole time', async () => {
    modifiedAt(startMs + 3_600_000);
    expect(await settle(5000)).toEqual([5000]);
  });

  test('that never holds still: the pass is refused', async () => {
    modifiedAt(startMs);
    await expect(settle(5000, modifiedAt)).rejects.toMatchObject({ code: 'csv.stillWritten' });
  });

  test('that is missing: the reading reports it', async () => {
    rmSync(file);
    expect(await settle(5000)).toEqual([]);
  });
});
