import { AsyncResource } from 'node:async_hooks';
import { expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { OpenSource, ParsedRow, RowBatch } from '../../src/source/source.ts';
import type { PassEvent } from '../../src/sync/events.ts';
import { readSource } from '../world/read-source.ts';
import { companySource, manualClock } from './company.ts';

const keys = Array.from({ length: 40 }, (_, index) => `p${index}`);

/**
 * A directory with 40 users that then reports the first ones as deleted, while the account still sees `visible` users.
 */
async function readDeletions(deletions: number, visible: number) {
  const store = openStore(':memory:');
  const clock = manualClock();
  const events: PassEvent[] = [];
  let counted = 0;
  const row = (key: string): ParsedRow => ({
    kind: 'record',
    groups: undefined,
    record: { resourceType: 'User', key: sourceKey(key), active: true, attributes: { userName: [key] } },
    entryReferences: { handles: [`id:${key}`], members: [], groups: [], attributeReferences: {} },
  });
  const batch = (present: readonly string[], removed: readonly string[]): RowBatch => ({
    part: 'users',
    rows: present.map((key, line) => ({ line, digest: Buffer.from(key.padEnd(16)) })),
    parse: (indices) => indices.map((index) => row(present[index] ?? '')),
    removed: removed.map((key) => `id:${key}`),
  });
  async function* batches(one: RowBatch): AsyncGenerator<RowBatch> {
    yield one;
  }
  /** It would never end if the judgement asked the source inside its transaction. */
  const writeOfLane = AsyncResource.bind(() => store.reading(async () => undefined));
  const open = (present: readonly string[]): OpenSource => ({
    columns: { users: [], groups: [] },
    capabilities: [],
    fingerprint: undefined,
    referenceOptions: { nested: 'flatten' },
    signature: () => 'same',
    read: async (_uses, since) =>
      since === undefined
        ? { extent: 'full', batches: batches(batch(present, [])), bookmark: () => 'bookmark' }
        : {
            extent: 'incremental',
            batches: batches(batch([], keys.slice(0, deletions))),
            async countVisible() {
              counted += 1;
              await writeOfLane();
              return { users: visible, groups: 0 };
            },
            bookmark: () => 'next',
          },
    close: async () => undefined,
  });
  const deps = { clock, emit: (event: PassEvent) => events.push(event) };
  const spec = { ...companySource(() => ({ people: new Map(), groups: new Map() })), fullEveryMs: 86_400_000 };
  const uses = { users: undefined, groups: undefined };
  const options = { acceptImplausible: false, full: false, judgements: [], mappings: [] };
  const { signal } = new AbortController();
  const read = (present: readonly string[]) =>
    readSource({ ...deps, store }, spec, open(present), uses, options, signal);
  await read(keys);
  await read(keys.slice(keys.length - visible));
  const { users } = await store.mirror.counts();
  store.close();
  return { users, counted, isFull: events.some(({ type }) => type === 'fullReadRequired') };
}

test.each<[string, number, number, { users: number; counted: number; isFull: boolean }]>([
  ['few deletions need no count', 10, 40, { users: 30, counted: 0, isFull: false }],
  ['many that the count confirms', 20, 20, { users: 20, counted: 1, isFull: false }],
  ['many of entries that are visible', 20, 40, { users: 40, counted: 1, isFull: true }],
  ['fewer than are invisible', 20, 15, { users: 15, counted: 1, isFull: true }],
])('%s', async (_, deletions, visible, expected) => {
  expect(await readDeletions(deletions, visible)).toEqual(expected);
});
