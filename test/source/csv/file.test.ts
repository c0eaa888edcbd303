import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { readChunks, requireUnchanged, type PartFile } from '../../../src/source/csv/file.ts';
import type { ContentState } from '../../../src/source/table/content.ts';
import { folder, signal, write } from './csv-fixture.ts';

const at = folder();
const content = Buffer.from('0123456789'.repeat(70_000));
const table = (file = write(at, 'people.csv', content)): PartFile => ({
  part: 'users',
  file,
  name: 'people.csv',
});

async function drain(
  of: PartFile,
  afterFirst: () => void = () => undefined,
): Promise<{ readonly bytes: Buffer; readonly state: ContentState }> {
  const chunks = readChunks(of, signal);
  const parts: Buffer[] = [];
  let next = await chunks.next();
  afterFirst();
  while (next.done !== true) {
    parts.push(Buffer.from(next.value));
    next = await chunks.next();
  }
  return { bytes: Buffer.concat(parts), state: next.value };
}

describe('the bytes of a file', () => {
  test('are complete, in several chunks, with their hash', async () => {
    const { bytes, state } = await drain(table());
    expect(bytes.equals(content)).toBe(true);
    expect(state.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    await expect(requireUnchanged(table(join(at, 'people.csv')), state)).resolves.toBeUndefined();
  });

  test.each<[string, (file: string) => void]>([
    ['it grew', (file) => appendFileSync(file, '1,a\n')],
    ['it was replaced', (file) => renameSync(write(at, 'next.csv', content), file)],
    ['it was deleted', (file) => rmSync(file)],
  ])('cannot be read where %s meanwhile', async (_, change) => {
    const of = table();
    const reading = drain(of, () => change(of.file));
    await expect(reading).rejects.toThrow(IncompleteReading);
    await expect(reading).rejects.toMatchObject({ code: 'csv.changed' });
  });

  // root can read every file.
  (process.getuid?.() === 0 ? test.skip : test)('cannot be read without permission', async () => {
    const of = table();
    chmodSync(of.file, 0);
    await expect(drain(of)).rejects.toMatchObject({ code: 'csv.fileForbidden' });
    rmSync(of.file);
  });
});
