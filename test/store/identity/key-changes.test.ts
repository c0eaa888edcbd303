import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { ReadingExtent } from '../../../src/model/row.ts';
import { duplicateKeyReason } from '../../../src/plan/duplicate-key.ts';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { openMirror } from '../../../src/store/mirror/mirror.ts';
import type { KeyChangeRules, Mirror, StagedReading } from '../../../src/store/store.ts';
import { rejectionOptions } from '../state.ts';
import { identity, parsed, rowOf, type Entry } from '../mirror/directory-in-memory.ts';

const at = instant(1);

const entry = (id: string, key: string, dn: string): Entry => ({
  ...{ id, key, dn, part: 'users', hidden: false, broken: false },
  ...{ mail: '1', locked: false, login: 'l', members: [] },
});

/** All users are one person, and all groups one group. */
const rules: KeyChangeRules = {
  rules: 'r',
  tokensOf: () => [{ text: 'ada', isStrong: true, value: 'ada@x', reason: 'same userName and name' }],
  otherPerson: () => undefined,
  at,
  doWeakSignsCount: () => false,
  groupNameOf: () => ({ value: 'Crew', folded: 'crew' }),
  reasonOfGroup: ({ common }) => (common > 0 ? 'same displayName' : undefined),
};

async function open(mirror: Mirror, extent: ReadingExtent): Promise<StagedReading> {
  return mirror.openStaging({
    extent,
    referenceOptions: { nested: 'flatten' },
    parseAll: false,
    groupsFromColumn: false,
    blankedAttributes: () => [],
    duplicateKeyReason,
    ...rejectionOptions(),
  });
}

async function stage(staged: StagedReading, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map((one, index) => rowOf(one, index + 1));
  const changed = new Set(await staged.changedRows('users', rows));
  const picked = rows.filter((_, index) => changed.has(index));
  await staged.stage(
    'users',
    picked,
    picked.map((row) => parsed(row)),
  );
}

const reading = {
  ...{ at, fingerprint: '', signature: 's', bookmark: 'b', facts: {} },
  columns: { users: [], groups: [] },
};

/** The user has an account at a target, which compared the first reading. */
function addAccount(db: Db, key: string): void {
  db.exec(`
    insert into target (id, name, planned_reading) values (1, 'app', 1);
    insert into account (target, resource_type, key, remote_id, body, name, active, origin, changed_at)
      values (1, 'User', '${key}', 'r1', '{}', 'ada', 1, 'created', 1)`);
}

type Way = 'withheld' | 'relinked';

/** Commits a reading in which K2 is the new key of K1, and which K3 does not change. */
async function expectOneChange(db: Db, staged: StagedReading, way: Way): Promise<void> {
  expect(await staged.findKeyChanges(rules)).toEqual({ users: 1, groups: 0, reusedKeys: 0 });
  if (way === 'withheld') await staged.withholdKeyChanges(at);
  else await staged.relinkKeyChanges(at);
  expect((await staged.summary()).inconsistency).toBeUndefined();
  await staged.commit(reading);
  await staged.discard();
  const present = db.prepare('select key from record where removed_in is null order by key').pluck().all();
  expect(present).toEqual(way === 'withheld' ? ['K1', 'K3'] : ['K2', 'K3']);
}

test.each(['withheld', 'relinked'] as const)(
  'an incremental reading with a replaced entry contradicts nothing: %s',
  async (way) => {
    const db = openDatabase(':memory:');
    try {
      const mirror = openMirror(db);
      const first = await open(mirror, 'full');
      await stage(first, [entry('e1', 'K1', 'ada'), entry('e3', 'K3', 'other')]);
      await first.commit(reading);
      await first.discard();
      addAccount(db, 'K1');

      const staged = await open(mirror, 'incremental');
      await staged.stageRemovals('users', [identity('e1')]);
      await stage(staged, [entry('e2', 'K2', 'ada')]);
      await staged.staleReferences();
      await expectOneChange(db, staged, way);
    } finally {
      db.close();
    }
  },
);

test.each(['withheld', 'relinked'] as const)(
  'a removed user whose new entry was read before, and has no account, changed the key: %s',
  async (way) => {
    const db = openDatabase(':memory:');
    try {
      const mirror = openMirror(db);
      const first = await open(mirror, 'full');
      await stage(first, [entry('e1', 'K1', 'ada'), entry('e2', 'K2', 'ada2'), entry('e3', 'K3', 'other')]);
      await first.commit(reading);
      await first.discard();
      addAccount(db, 'K1');
      db.exec(`insert into requeue (target, resource_type, key) values (1, 'User', 'K2')`);

      const staged = await open(mirror, 'incremental');
      await staged.stageRemovals('users', [identity('e1')]);
      await staged.staleReferences();
      await expectOneChange(db, staged, way);
      const owners = db
        .prepare(
          `select h.text from handle h join handle_owner o on o.handle = h.id join record r on r.id = o.record
          where r.key = ? and r.removed_in is null order by h.text`,
        )
        .pluck();
      expect(owners.all(way === 'withheld' ? 'K1' : 'K2')).toContain(identity('e2'));
    } finally {
      db.close();
    }
  },
);
