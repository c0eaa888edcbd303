import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../../src/model/ids.ts';
import type { StaleReferences } from '../../../src/model/record.ts';
import type { ReadingExtent } from '../../../src/model/row.ts';
import { duplicateKeyReason } from '../../../src/plan/duplicate-key.ts';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { wrongCounts } from '../counts.ts';
import { openMirror } from '../../../src/store/mirror/mirror.ts';
import type { StagingSummary, Mirror } from '../../../src/store/store.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { rejectionOptions } from '../state.ts';
import {
  DirectoryInMemory,
  entryParts,
  identity,
  parsed,
  rowOf,
  type DirectoryRow,
  type Entry,
  type EntryPart,
} from './directory-in-memory.ts';
import { DirectoryModel } from './directory-model.ts';

jest.setTimeout(randomRunsTimeoutMs);

type Nested = 'flatten' | 'keep';
/** What happens to a directory, by numbers that choose among those who are there. */
type Event = readonly [kind: number, one: number, other: number];

const dns = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'];
const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(1, items.length)];

let made = 0;
const person = (dn: string, changes: Partial<Entry> = {}): Entry => {
  const id = `e${(made += 1)}`;
  return {
    id,
    part: 'users',
    key: `k${id}`,
    dn,
    hidden: false,
    broken: false,
    mail: '1',
    locked: false,
    login: `l${dn}`,
    members: [],
    ...changes,
  };
};

/** @param trouble whether two entries may have one key, and rows be broken */
function happen(directory: DirectoryInMemory, [kind, a, b]: Event, now: number, trouble: boolean): void {
  const all = [...directory.entries.values()];
  const people = all.filter(({ part }) => part === 'users');
  const groups = all.filter(({ part }) => part !== 'users');
  const free = dns.filter((dn) => directory.holder(dn) === undefined);
  const [one, another, group, dn] = [pick(all, a), pick(all, b), pick(groups, a), pick(free, b)];
  const user = pick(people, a);
  switch (kind) {
    case 0:
      if (dn !== undefined) directory.put(person(dn));
      return;
    case 1:
      if (dn !== undefined)
        directory.put(person(dn, { part: a % 3 === 0 ? 'nested' : 'groups', login: undefined, rid: `r${a % 4}` }));
      return;
    case 2:
      if (
        one !== undefined &&
        (one.part !== 'users' || people.filter(({ hidden, broken }) => !hidden && !broken).length > 1)
      )
        directory.delete(one.id);
      return;
    case 3:
    case 4:
      if (one !== undefined && dn !== undefined) directory.rename(one.id, dn);
      return;
    case 5: {
      if (one === undefined || another === undefined) return;
      const [from, to] = [one.dn, another.dn];
      directory.rename(one.id, 'between');
      directory.rename(another.id, from);
      directory.rename(one.id, to);
      return;
    }
    case 6: {
      if (one === undefined) return;
      directory.delete(one.id);
      directory.put({ ...person(one.dn), part: one.part, rid: one.rid, ...(b % 2 === 0 ? { key: one.key } : {}) });
      return;
    }
    case 7:
    case 8:
    case 9:
      if (group !== undefined && another !== undefined)
        directory.change(group.id, {
          members: [
            ...new Set([
              ...group.members,
              b % 3 === 0 && another.login !== undefined ? `login:${another.login}` : `dn:${another.dn}`,
            ]),
          ],
        });
      return;
    case 10:
      if (group !== undefined)
        directory.change(group.id, {
          members: group.members.filter((_, index) => index !== b % Math.max(1, group.members.length)),
        });
      return;
    case 11:
      if (user !== undefined) directory.change(user.id, { manager: b % 4 === 0 ? undefined : another?.dn });
      return;
    case 12:
      if (one !== undefined) directory.change(one.id, { mail: String(b % 5), locked: b % 3 === 0 });
      return;
    case 13:
      if (user !== undefined) directory.change(user.id, { until: b % 4 === 0 ? undefined : now + (b % 5) - 1 });
      return;
    case 14:
    case 15:
      if (one !== undefined) directory.change(one.id, { hidden: !one.hidden });
      return;
    case 16:
      if (one !== undefined) directory.change(one.id, { key: `new${b}` });
      return;
    case 17:
      if (group !== undefined) directory.change(group.id, { part: group.part === 'groups' ? 'nested' : 'groups' });
      return;
    case 18:
      if (user !== undefined)
        directory.change(user.id, { login: `l${pick(dns, b)}`, primary: b % 3 === 0 ? undefined : `r${b % 4}` });
      return;
    case 19:
      if (one !== undefined) directory.put(one);
      return;
    case 20:
      if (trouble && one !== undefined && another !== undefined) directory.change(one.id, { key: another.key });
      return;
    case 21:
      if (trouble && one !== undefined) directory.change(one.id, { broken: !one.broken });
      return;
    case 22:
      directory.applyPendingUpdates();
      return;
  }
}

interface Reader {
  readonly mirror: Mirror;
  readonly db: Db;
  readonly directory: DirectoryInMemory;
  readonly nested: Nested;
  /** Who was there in the last reading. */
  readonly before: Map<EntryPart, ReadonlySet<string>>;
}

interface Result {
  readonly extent: ReadingExtent;
  readonly summary: StagingSummary;
  readonly number: number;
}

/** As `takeReading` does, with the rows of a directory in memory. */
async function readAndCommit(reader: Reader, extent: ReadingExtent, now: number, batch: number): Promise<Result> {
  const { mirror, directory, nested, before } = reader;
  const parts = entryParts.filter((part) => part !== 'nested' || nested === 'flatten');
  const intake = await mirror.openStaging({
    extent,
    referenceOptions: { nested },
    parseAll: false,
    groupsFromColumn: false,
    blankedAttributes: () => [],
    duplicateKeyReason,
    ...rejectionOptions(),
  });
  const given = new Set<string>();
  const fill = async (part: EntryPart, entries: readonly Entry[]): Promise<void> => {
    const rows = entries.map((entry, index) => rowOf(entry, index + 1));
    for (const { id } of entries) given.add(`${part} ${id}`);
    for (let at = 0; at < rows.length; at += batch) {
      const some = rows.slice(at, at + batch);
      const differing = await intake.changedRows(part, some);
      const picked = differing.map((index) => some[index]).filter((row): row is DirectoryRow => row !== undefined);
      await intake.stage(
        part,
        picked,
        picked.map((row) => parsed(row)),
      );
    }
  };
  for (const part of parts) {
    const visible = directory.visible(part);
    const ids = new Set(visible.map(({ id }) => id));
    if (extent === 'incremental') {
      const gone = [...new Set([...(before.get(part) ?? []), ...directory.reported])].filter((id) => !ids.has(id));
      await intake.stageRemovals(part, gone.map(identity));
    }
    await fill(part, extent === 'full' ? visible : visible.filter(({ id }) => directory.reported.has(id)));
  }
  const stale = await intake.staleReferences();
  if (stale !== undefined) {
    const wanted = namesOf(directory, stale);
    for (const part of parts) {
      const visible = directory.visible(part);
      const refused = visible
        .filter((entry) => entry.broken || visible.some((other) => other !== entry && other.key === entry.key))
        .map(({ id }) => identity(id));
      const asked = new Set(stale.referrers.filter((one) => one.part === part).map(({ handle }) => handle));
      const rows = visible.filter(({ id }) => !given.has(`${part} ${id}`));
      const found = rows.filter(({ id }) => asked.has(identity(id)));
      // Asks for no entry that was removed or already read, except for rejected ones.
      expect(
        [...asked].filter((handle) => !found.some(({ id }) => identity(id) === handle) && !refused.includes(handle)),
      ).toEqual([]);
      await fill(
        part,
        rows.filter(
          (entry) =>
            found.includes(entry) ||
            entry.members.some((member) => wanted.has(member)) ||
            wanted.has(`dn:${entry.manager ?? ''}`),
        ),
      );
    }
  }
  const summary = await intake.summary();
  if (summary.inconsistency !== undefined) {
    await intake.discard();
    // Only two entries for one key, or one that could not be read, can contradict what was read before.
    expect(
      parts.some(
        (part) => hasDuplicateKeys(directory.visible(part)) || directory.visible(part).some(({ broken }) => broken),
      ),
    ).toBe(true);
    return readAndCommit(reader, 'full', now, batch);
  }
  const { number } = await intake.commit({
    at: instant(now),
    fingerprint: '',
    signature: 's',
    columns: { users: [], groups: [] },
    bookmark: 'b',
    facts: {},
  });
  await intake.discard();
  for (const part of parts) before.set(part, new Set(directory.visible(part).map(({ id }) => id)));
  directory.reported.clear();
  return { extent, summary, number };
}

const namesOf = (directory: DirectoryInMemory, { renamedEntries }: StaleReferences): Set<string> =>
  new Set(
    [...directory.entries.values()]
      .filter(({ id }) => renamedEntries.some(({ handle }) => handle === identity(id)))
      .map(({ dn }) => `dn:${dn}`),
  );

const hasDuplicateKeys = (entries: readonly Entry[]): boolean =>
  new Set(entries.map(({ key }) => key)).size < entries.length;

/** A line for each record and each membership. */
function mirrored(db: Db): Map<string, string> {
  const records = db
    .prepare(
      `
      select resource_type || ' ' || key as name, iif(active, 'active ', 'inactive ')
        || coalesce('until ' || valid_to || ' ', '') || attributes as text
      from record
      where removed_in is null`,
    )
    .all() as { name: string; text: string }[];
  const memberships = db
    .prepare(
      `select group_key || '>' || member_key as name, '' as text from source_membership where removed_in is null`,
    )
    .all() as { name: string; text: string }[];
  return new Map([...records, ...memberships].map(({ name, text }) => [name, text]));
}

const marked = (db: Db, after: number): Set<string> =>
  new Set(
    db
      .prepare(
        `select resource_type || ' ' || key from record where changed_in > :after
  union select group_key || '>' || member_key from source_membership where changed_in > :after`,
      )
      .pluck()
      .all({ after }) as string[],
  );

const differing = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));

const sorted = (lines: ReadonlyMap<string, string>): string[] =>
  [...lines].map(([name, text]) => `${name} ${text}`).sort();

const event: fc.Arbitrary<Event> = fc.tuple(fc.nat(22), fc.nat(60), fc.nat(60));
const chapter = fc.record({
  events: fc.array(event, { maxLength: 7 }),
  extent: fc.constantFrom('incremental', 'incremental', 'incremental', 'incremental', 'full' as const),
  isSettled: fc.boolean(),
  batch: fc.integer({ min: 1, max: 3 }),
  later: fc.nat(3),
});
const life = fc.record({
  first: fc.array(event, { minLength: 20, maxLength: 40 }),
  chapters: fc.array(chapter, { minLength: 2, maxLength: 8 }),
});

describe.each<[Nested, string, boolean, boolean]>([
  ['flatten', 'a server that puts names right', true, false],
  ['keep', 'a server that puts names right', true, false],
  ['flatten', 'a server that leaves names as they are', false, false],
  ['flatten', 'two entries for one key, and broken ones', true, true],
  ['keep', 'two entries for one key, and broken ones', false, true],
])('nested groups: %s, %s', (nested, _, tidies, trouble) => {
  test('after any history and any readings the mirror equals the model and marks the changes', async () => {
    await fc.assert(
      fc.asyncProperty(life, async ({ first, chapters }) => {
        made = 0;
        const db = openDatabase(':memory:');
        const reader: Reader = {
          db,
          mirror: openMirror(db),
          directory: new DirectoryInMemory(tidies),
          nested,
          before: new Map(),
        };
        const { directory } = reader;
        const model = new DirectoryModel(nested);
        const earlier: { readonly number: number; readonly lines: ReadonlyMap<string, string> }[] = [];
        let now = 1_000_000;
        let mayGoOn = false;
        const readAndCompare = async (wanted: ReadingExtent, batch: number): Promise<Result> => {
          const before = { users: model.count('users'), groups: model.count('groups') };
          const result = await readAndCommit(reader, mayGoOn ? wanted : 'full', now, batch);
          model.read(directory);
          const lines = model.lines();
          expect(sorted(mirrored(db))).toEqual(sorted(lines));
          expect(wrongCounts(db)).toEqual([]);
          expect(result.summary.before).toMatchObject(before);
          if (result.summary.rejected === 0)
            expect(result.summary.after).toMatchObject({ users: model.count('users'), groups: model.count('groups') });
          for (const past of earlier) {
            const missed = differing(past.lines, lines).filter((name) => !marked(db, past.number).has(name));
            expect(missed).toEqual([]);
          }
          earlier.push({ number: result.number, lines });
          mayGoOn = result.summary.rejected === 0;
          return result;
        };
        try {
          directory.put(person('a'));
          for (const one of first) happen(directory, one, now, trouble);
          directory.applyPendingUpdates();
          await readAndCompare('full', 5);
          for (const { events, extent, isSettled, batch, later } of chapters) {
            now += later;
            for (const one of events) happen(directory, one, now, trouble);
            if (isSettled) directory.applyPendingUpdates();
            const { number } = await readAndCompare(extent, batch);
            // Where nothing happened, nothing is marked.
            if (!isSettled || !mayGoOn) continue;
            expect((await readAndCompare('incremental', batch)).number).toBe(number);
          }
        } finally {
          db.close();
        }
      }),
      randomRuns(12),
    );
  });
});
