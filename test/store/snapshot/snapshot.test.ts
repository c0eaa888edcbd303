import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { SnapshotChange } from '../../../src/model/outcome.ts';
import { resourceTypes } from '../../../src/model/resource-type.ts';
import { openBatchLookups, type BatchLookups } from '../../../src/store/serving/batch-lookups.ts';
import { openSnapshot, type Snapshot } from '../../../src/store/snapshot/snapshot.ts';
import { found, people, remember } from '../operations.ts';
import { at, tables } from '../state.ts';

const ada = sourceKey('ada');
const eng = sourceKey('eng');

type TestSnapshot = Snapshot & Pick<BatchLookups, 'existingMembers'>;

function open(): TestSnapshot {
  const db = tables();
  db.exec(`insert into target (id, name) values (1, 'app'), (2, 'other')`);
  const { existingMembers } = openBatchLookups(db, 1);
  return { ...openSnapshot(db, 1), existingMembers };
}

/** Users ada, bob and cy, and a group with ada and bob. */
function company(): TestSnapshot {
  const snapshot = open();
  for (const key of ['ada', 'bob', 'cy'])
    snapshot.apply('User', sourceKey(key), remember(`r-${key}`, { userName: key.toUpperCase() }), at(1));
  snapshot.apply('Group', eng, remember('g-eng', { displayName: 'Engineers' }), at(1));
  snapshot.apply('Group', eng, { kind: 'members', added: people('ada bob'), removed: [] }, at(1));
  return snapshot;
}

/** Each key of these tests, as a user and as a group. */
const possibleMembers = people('ada bob cy dan eng ops unknown').flatMap(({ key }) =>
  resourceTypes.map((resourceType) => ({ resourceType, key })),
);

/** The acknowledged members of a group: `User:ada`. */
const membersOf = ({ existingMembers }: TestSnapshot, group = eng): string[] =>
  [...existingMembers(group, possibleMembers)].sort();

describe('changes to the snapshot', () => {
  test('keep: nothing changes', () => {
    const snapshot = company();
    const before = [snapshot.known('User', ada), snapshot.totals()];
    snapshot.apply('User', ada, { kind: 'keep' }, at(9));
    snapshot.apply('User', sourceKey('unknown'), { kind: 'keep' }, at(9));
    expect([snapshot.known('User', ada), snapshot.totals()]).toEqual(before);
  });

  test('remember: stores the acknowledged state', () => {
    const snapshot = open();
    snapshot.apply(
      'User',
      ada,
      { ...remember('r1', { userName: 'Ada', active: true }), version: 'W/"1"' } as Parameters<Snapshot['apply']>[2],
      at(5),
    );
    expect(snapshot.known('User', ada)).toEqual({
      resourceType: 'User',
      key: 'ada',
      remoteId: 'r1',
      body: { userName: 'Ada', active: true },
      active: true,
      version: 'W/"1"',
      origin: 'created',
    });
    expect(snapshot.remoteIdOf('User', ada)).toBe('r1');
    expect(snapshot.owner('User', remoteId('r1'))).toBe('ada');
  });

  test('remember without an id: keeps the known id; an unknown account is not stored', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'remember', body: { userName: 'ada2' }, active: true }, at(9));
    expect(snapshot.known('User', ada)).toMatchObject({ remoteId: 'r-ada', body: { userName: 'ada2' } });
    snapshot.apply('User', sourceKey('dan'), { kind: 'remember', body: { userName: 'dan' }, active: true }, at(9));
    expect(snapshot.known('User', sourceKey('dan'))).toBeUndefined();
  });

  test('remember without a version: removes the stored version', () => {
    const snapshot = open();
    snapshot.apply(
      'User',
      ada,
      { kind: 'remember', remoteId: remoteId('r1'), body: {}, active: true, version: '1' },
      at(5),
    );
    snapshot.apply('User', ada, { kind: 'remember', body: {}, active: true }, at(6));
    expect(snapshot.known('User', ada)).not.toHaveProperty('version');
  });

  test('inactiveSince is the time of the first deactivation, until the account is active again', () => {
    const snapshot = company();
    const since = (active: boolean, time: number): number | undefined => {
      snapshot.apply('User', ada, { kind: 'remember', body: { active }, active }, at(time));
      return snapshot.known('User', ada)?.inactiveSince;
    };
    expect([since(false, 10), since(false, 20), since(true, 30), since(false, 40)]).toEqual([10, 10, undefined, 40]);
  });

  test('adopt: stores the returned resource, with the members that belong to records', () => {
    const snapshot = company();
    const ops = sourceKey('ops');
    snapshot.apply(
      'Group',
      ops,
      {
        kind: 'adopt',
        resource: found(
          'g-ops',
          { displayName: 'Ops' },
          { version: '7', members: [remoteId('r-cy'), remoteId('unrelated'), remoteId('g-eng')] },
        ),
      },
      at(9),
    );
    expect(snapshot.known('Group', ops)).toMatchObject({ remoteId: 'g-ops', origin: 'adopted', version: '7' });
    expect(membersOf(snapshot, ops)).toEqual(['Group:eng', 'User:cy']);
  });

  test('adopt: stores an inactive account as inactive', () => {
    const snapshot = open();
    snapshot.apply(
      'User',
      ada,
      { kind: 'adopt', resource: found('r1', { userName: 'ada' }, { active: false }) },
      at(9),
    );
    expect(snapshot.known('User', ada)).toMatchObject({ active: false, inactiveSince: 9, origin: 'adopted' });
    snapshot.apply('User', ada, { kind: 'remember', body: { userName: 'ada' }, active: true }, at(10));
    expect(snapshot.known('User', ada)).toMatchObject({ active: true, origin: 'adopted' });
  });

  test.each<[string, unknown]>([
    ['an object', { value: 'x' }],
    ['a boolean', true],
    ['null', null],
    ['a list', ['x']],
  ])('adopt: a manager that is %s instead of a key is no reference', (_, manager) => {
    const snapshot = open();
    snapshot.apply(
      'User',
      ada,
      { kind: 'adopt', resource: found('r1', { userName: 'ada', [managerPath]: manager as string }) },
      at(9),
    );
    expect(snapshot.known('User', ada)?.remoteId).toBe('r1');
  });

  test('forget: removes a user and all memberships of the user', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'forget' }, at(9));
    expect(snapshot.known('User', ada)).toBeUndefined();
    expect(membersOf(snapshot)).toEqual(['User:bob']);
  });

  test('missing: keeps the id and the values of a user, and removes what refers to the user', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'missing' }, at(9));
    snapshot.apply('User', ada, { kind: 'missing' }, at(10));
    expect(snapshot.known('User', ada)).toMatchObject({
      remoteId: 'r-ada',
      body: { userName: 'ADA' },
      missingSince: 9,
    });
    expect(membersOf(snapshot)).toEqual(['User:bob']);
    expect(snapshot.remoteIdOf('User', ada)).toBeUndefined();
    expect(snapshot.knownByName('User', 'ada')).toEqual([]);
    expect(snapshot.owner('User', remoteId('r-ada'))).toBe('ada');
    expect(snapshot.inDoubt(9)).toEqual([]);
    snapshot.apply('User', ada, remember('r-new', { userName: 'ada' }), at(11));
    expect(snapshot.known('User', ada)).toEqual({
      resourceType: 'User',
      key: 'ada',
      remoteId: 'r-new',
      body: { userName: 'ada' },
      active: true,
      origin: 'created',
    });
  });

  test('missing: an acknowledgement without an id brings nothing back', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'missing' }, at(9));
    snapshot.apply('User', ada, { kind: 'remember', body: { userName: 'x' }, active: true }, at(10));
    expect(snapshot.known('User', ada)).toMatchObject({ missingSince: 9 });
  });

  test('forget: removes a group and its memberships, and keeps its members', () => {
    const snapshot = company();
    snapshot.apply('Group', eng, { kind: 'forget' }, at(9));
    expect(membersOf(snapshot)).toEqual([]);
    expect(snapshot.totals()).toEqual({ users: 3, activeUsers: 3, groups: 0, memberships: 0 });
  });

  test('forget: removes a user, and keeps the group with the same key', () => {
    const snapshot = company();
    snapshot.apply('Group', ada, remember('g-ada', { displayName: 'ada' }), at(1));
    snapshot.apply('Group', eng, { kind: 'members', added: [{ resourceType: 'Group', key: ada }], removed: [] }, at(1));
    snapshot.apply('User', ada, { kind: 'forget' }, at(9));
    expect(snapshot.known('Group', ada)).toBeDefined();
    expect(membersOf(snapshot)).toEqual(['Group:ada', 'User:bob']);
  });

  test('members: removes and adds memberships; without a version, removes the stored version', () => {
    const snapshot = company();
    snapshot.apply('Group', eng, { kind: 'remember', body: { displayName: 'E' }, active: true, version: '1' }, at(2));
    snapshot.apply('Group', eng, { kind: 'members', added: people('cy ada'), removed: people('bob unknown') }, at(9));
    expect(membersOf(snapshot)).toEqual(['User:ada', 'User:cy']);
    expect(snapshot.known('Group', eng)).not.toHaveProperty('version');
    snapshot.apply('Group', eng, { kind: 'members', added: [], removed: [], version: '2' }, at(9));
    expect(snapshot.known('Group', eng)?.version).toBe('2');
  });

  test('inDoubt: adds paths, until a response acknowledges them', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'inDoubt', paths: ['title'] }, at(8));
    snapshot.apply('User', ada, { kind: 'inDoubt', paths: ['title', 'active'] }, at(9));
    expect(snapshot.known('User', ada)).toMatchObject({ body: { userName: 'ADA' }, inDoubt: ['title', 'active'] });
    expect(snapshot.inDoubt(10).map(({ key }) => String(key))).toEqual(['ada']);
    snapshot.apply(
      'User',
      ada,
      { kind: 'remember', body: {}, active: true, inDoubt: { begins: [], ends: ['title'] } },
      at(10),
    );
    expect(snapshot.known('User', ada)?.inDoubt).toEqual(['active']);
    snapshot.apply('User', ada, { kind: 'remember', body: {}, active: true }, at(10));
    expect(snapshot.known('User', ada)).not.toHaveProperty('inDoubt');
    expect(snapshot.inDoubt(10)).toEqual([]);
  });
});

describe('queries', () => {
  test('accounts by folded name', () => {
    const snapshot = company();
    expect(snapshot.knownByName('User', 'ada').map(({ key }) => String(key))).toEqual(['ada']);
    expect(snapshot.knownByName('User', 'ADA')).toEqual([]);
    expect(snapshot.knownByName('Group', 'engineers').map(({ key }) => String(key))).toEqual(['eng']);
    expect(snapshot.knownByName('Group', 'ada')).toEqual([]);
  });

  test('letters beyond ASCII are folded', () => {
    const snapshot = open();
    snapshot.apply('User', ada, remember('r1', { userName: 'ÅSA@X' }), at(1));
    expect(snapshot.knownByName('User', 'åsa@x')).toHaveLength(1);
  });

  test('each target has its own accounts', () => {
    const db = tables();
    db.exec(`insert into target (id, name) values (1, 'app'), (2, 'other')`);
    const [one, other] = [openSnapshot(db, 1), openSnapshot(db, 2)];
    one.apply('User', ada, remember('r1', { userName: 'ada' }), at(1));
    other.apply('User', ada, remember('r2', { userName: 'ada' }), at(1));
    one.apply('User', ada, { kind: 'forget' }, at(2));
    expect(one.totals().users).toBe(0);
    expect(other.remoteIdOf('User', ada)).toBe('r2');
    expect(other.owner('User', remoteId('r1'))).toBeUndefined();
  });

  test('totals and the number of members of a group', () => {
    const snapshot = company();
    expect(membersOf(snapshot)).toEqual(['User:ada', 'User:bob']);
    expect(snapshot.countMembers(eng)).toBe(2);
    expect(snapshot.totals()).toEqual({ users: 3, activeUsers: 3, groups: 1, memberships: 2 });
  });
});

describe('an account that awaits the start date', () => {
  const off = remember('r-joe', { userName: 'joe', active: false }, false);
  const on = remember('r-joe', { userName: 'joe', active: true });
  test.each<[string, readonly SnapshotChange[], true | undefined]>([
    ['created inactive', [off], true],
    ['created inactive, and changed since', [off, off], true],
    ['created active', [on], undefined],
    ['created inactive, and activated', [off, on], undefined],
    ['created inactive, activated and deactivated', [off, on, off], undefined],
    ['created active, and deactivated', [on, off], undefined],
    ['adopted inactive', [{ kind: 'adopt', resource: found('r-joe', {}, { active: false }) }], undefined],
    ['missing, and created inactive again', [on, { kind: 'missing' }, off], true],
  ])('%s', (_, changes, expected) => {
    const snapshot = open();
    for (const change of changes) snapshot.apply('User', sourceKey('joe'), change, at(1));
    expect(snapshot.known('User', sourceKey('joe'))?.awaitsStart).toBe(expected);
  });
});
