import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { csvSource, type CsvSettings } from '../../../src/source/csv/csv-source.ts';
import type { Encoding } from '../../../src/model/reading/encodings.ts';
import type { Source } from '../../../src/source/source.ts';
import type { Db } from '../../../src/store/database.ts';
import type { Store } from '../../../src/store/store.ts';
import type { PassEvent } from '../../../src/sync/events.ts';
import { folder } from '../../source/csv/csv-fixture.ts';
import { editedCsv, randomCsv } from '../../source/csv/random-csv.ts';
import { state } from '../../store/state.ts';
import { readSource } from '../../world/read-source.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';

jest.setTimeout(randomRunsTimeoutMs);

const signal = new AbortController().signal;
const at = folder();

/** The source without blocks: each of its rows is compared. */
const withoutBlocks = (source: Source): Source => ({
  ...source,
  async open(stop) {
    const open = await source.open(stop);
    return {
      ...open,
      async read(uses, since, stop2) {
        const { batchesBeside: _, ...reading } = await open.read(uses, since, stop2);
        return reading;
      },
    };
  },
});

const mapping = {
  identityValues: () => ({}),
  identify: () => ({}),
  mapsManager: true,
  managerOf: ({ attributes }: { readonly attributes: Readonly<Record<string, readonly string[]>> }) =>
    attributes['a']?.[0],
  fingerprint: 'a',
};

/** Reads a source into a mirror. @returns what the reading reports */
async function readInto(store: Store, source: Source): Promise<unknown> {
  const events: PassEvent[] = [];
  const spec = {
    source,
    groupsFromColumn: false,
    sanity: { maxShrink: 1, maxBlank: 1, maxDangling: { kind: 'share', share: 1, floor: 2 }, floor: 2 },
    relink: 'ask',
    fullEveryMs: 0,
  } as const;
  const deps = {
    store,
    clock: createSkippingClock(),
    emit: (event: PassEvent) => void events.push(event),
  };
  const options = { acceptImplausible: true, full: false, judgements: [], mappings: [mapping] };
  try {
    const open = await source.open(signal);
    const result = await readSource(deps, spec, open, { users: undefined, groups: undefined }, options, signal);
    return { result, events };
  } catch (error) {
    return { error: String(error), events };
  }
}

/** All that a reading leaves, without the blocks themselves. */
function contentOf(db: Db): unknown {
  const select = (sql: string): unknown[] => db.prepare(sql).all();
  return {
    records: select('select * from record order by id'),
    memberships: select('select * from source_membership order by id'),
    rejected: select('select * from rejected_row order by part, line'),
    inDoubt: select('select * from record_in_doubt order by record'),
    membershipsInDoubt: select('select * from membership_in_doubt order by membership'),
    keyChanges: select('select * from key_change order by from_key, to_key'),
    managers: select('select * from manager_name order by record, name'),
    unresolved: select('select * from unresolved_reference order by relation, name'),
    reading: select('select number, rejected, facts, memberships, managers from reading'),
  };
}

/** Members of few groups; edits change, repeat and move rows. */
const randomMemberships = fc
  .tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 40 }))
  .map(([count, groups]) =>
    ['group,member', ...Array.from({ length: count }, (_, n) => `G${n % groups},E${(n * 7) % 600}`), ''].join('\n'),
  );

const encodings = fc.constantFrom<Encoding>('utf-8', 'utf-8', 'utf-8', 'latin1', 'utf-16le');

const encoded = (text: string, encoding: Encoding): Buffer =>
  Buffer.from(text, encoding === 'latin1' ? 'latin1' : encoding === 'utf-16le' ? 'utf16le' : 'utf8');

test('a mirror that is read by blocks equals one that is read by rows, after any edits', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomCsv,
      randomMemberships,
      fc.array(fc.tuple(fc.boolean(), editedCsv, encodings), { minLength: 1, maxLength: 5 }),
      async (firstUsers, firstMemberships, edits) => {
        const [blocks, rows] = [state(), state()];
        const texts = { users: firstUsers, memberships: firstMemberships };
        const compare = async (encoding: Encoding): Promise<void> => {
          const files = { users: join(at, 'users.csv'), memberships: join(at, 'memberships.csv') };
          writeFileSync(files.users, encoded(texts.users, encoding));
          writeFileSync(files.memberships, encoded(texts.memberships, encoding));
          const settings: CsvSettings = {
            users: { file: files.users, key: 'id', encoding },
            memberships: { file: files.memberships, group: 'group', member: 'member' },
          };
          const source = csvSource(settings, createSkippingClock());
          const byBlocks = await readInto(blocks.store, source);
          const byRows = await readInto(rows.store, withoutBlocks(source));
          expect(byBlocks).toEqual(byRows);
          expect(contentOf(blocks.db)).toEqual(contentOf(rows.db));
        };
        await compare('utf-8');
        for (const [isUsers, edit, encoding] of edits) {
          const part = isUsers ? 'users' : 'memberships';
          texts[part] = edit(texts[part]);
          await compare(encoding);
        }
      },
    ),
    randomRuns(6),
  );
});
