import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { Member } from '../../../src/model/operation.ts';
import { openBatchLookups, type BatchLookups } from '../../../src/store/serving/batch-lookups.ts';
import { openSnapshot } from '../../../src/store/snapshot/snapshot.ts';
import { people, remember } from '../operations.ts';
import { at, tables } from '../state.ts';

const eng = sourceKey('eng');
const groups = (...keys: string[]): Member[] => keys.map((key) => ({ resourceType: 'Group', key: sourceKey(key) }));

/**
 * Target "app" has accounts of the users ada and bob and of the groups eng and ada. The members of eng are the users
 * ada, bob and old, who has no account, and the group ada. The create of dan and the membership of bob are in doubt.
 * Target "other" has different ids, and nothing is in doubt there.
 */
function lookups(): { readonly app: BatchLookups; readonly other: BatchLookups } {
  const db = tables();
  db.exec(`
    insert into target (id, name) values (1, 'app'), (2, 'other');
    insert into requeue (target, resource_type, key, verify_first)
    values (1, 'User', 'dan', 1), (1, 'User', 'ada', 0), (1, 'Group', 'cy', 1);
    insert into requeue_membership (target, group_key, member_key, in_doubt)
    values (1, 'eng', 'bob', 1), (1, 'eng', 'ada', 0), (1, 'ops', 'ada', 1)`);
  for (const [target, prefix] of [
    [1, 'r'],
    [2, 'other'],
  ] as const) {
    const snapshot = openSnapshot(db, target);
    for (const member of [...people('ada bob'), ...groups('eng', 'ada')])
      snapshot.apply(
        member.resourceType,
        member.key,
        remember(`${prefix}-${member.resourceType}-${member.key}`, { userName: member.key }),
        at(1),
      );
    snapshot.apply(
      'Group',
      eng,
      { kind: 'members', added: [...people('ada bob old'), ...groups('ada')], removed: [] },
      at(1),
    );
  }
  return { app: openBatchLookups(db, 1), other: openBatchLookups(db, 2) };
}

describe('many records with one statement', () => {
  test('remote ids: those of this target, for records that have an account', () => {
    const { app, other } = lookups();
    const records = [...people('ada bob cy'), ...groups('ada', 'bob')];
    expect(Object.fromEntries(app.remoteIds(records))).toEqual({
      'User:ada': 'r-User-ada',
      'User:bob': 'r-User-bob',
      'Group:ada': 'r-Group-ada',
    });
    expect(other.remoteIds(people('ada')).get('User:ada')).toBe('other-User-ada');
  });

  test('known states', () => {
    const known = lookups().app.knownStates([...people('ada cy'), ...groups('eng')]);
    expect([...known.keys()].sort()).toEqual(['Group:eng', 'User:ada']);
    expect(known.get('User:ada')).toEqual({
      resourceType: 'User',
      key: 'ada',
      remoteId: 'r-User-ada',
      body: { userName: 'ada' },
      active: true,
      origin: 'created',
    });
  });

  test('creates in doubt: not the requeued records whose last response is known', () => {
    const { app, other } = lookups();
    const records = [...people('ada bob cy dan'), ...groups('cy', 'dan')];
    expect([...app.createsInDoubt(records)].sort()).toEqual(['Group:cy', 'User:dan']);
    expect([...other.createsInDoubt(records)]).toEqual([]);
  });

  test('existing members: acknowledged and not in doubt, by type and key', () => {
    const { app, other } = lookups();
    const records = [...people('ada bob cy old'), ...groups('ada', 'bob')];
    expect([...app.existingMembers(eng, records)].sort()).toEqual(['Group:ada', 'User:ada', 'User:old']);
    expect([...app.existingMembers(eng, people('bob cy'))]).toEqual([]);
    expect([...app.existingMembers(sourceKey('ops'), records)]).toEqual([]);
    expect([...other.existingMembers(eng, people('ada bob'))].sort()).toEqual(['User:ada', 'User:bob']);
  });

  test('members with ids: all acknowledged members that have an account', () => {
    const { app } = lookups();
    const rows = app.membersWithIds(eng).map(({ member, id }) => `${member.resourceType} ${member.key} ${id}`);
    expect(rows.sort()).toEqual(['Group ada r-Group-ada', 'User ada r-User-ada', 'User bob r-User-bob']);
    expect(app.membersWithIds(sourceKey('ops'))).toEqual([]);
  });

  test('no records: no results', () => {
    const { app } = lookups();
    expect([app.remoteIds([]).size, app.knownStates([]).size, app.createsInDoubt([]).size]).toEqual([0, 0, 0]);
    expect(app.existingMembers(eng, []).size).toBe(0);
  });
});
