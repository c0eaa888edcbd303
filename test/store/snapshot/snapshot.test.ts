import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import { managerPath } from '../../../src/model/path.ts';
import { openSnapshot, type Snapshot } from '../../../src/store/snapshot/snapshot.ts';
import { found, people, remember } from '../operations.ts';
import { at, tables } from '../state.ts';

const ada = sourceKey('ada');
const eng = sourceKey('eng');

function open(): Snapshot {
  const db = tables();
  db.exec(`insert into target (id, name) values (1, 'app'), (2, 'other')`);
  return openSnapshot(db, 1);
}

/** Ada, Bob and Cy are there, and Ada and Bob in a group. */
function company(): Snapshot {
  const snapshot = open();
  for (const key of ['ada', 'bob', 'cy'])
    snapshot.apply('User', sourceKey(key), remember(`r-${key}`, { userName: key.toUpperCase() }), at(1));
  snapshot.apply('Group', eng, remember('g-eng', { displayName: 'Engineers' }), at(1));
  snapshot.apply('Group', eng, { kind: 'members', added: people('ada bob'), removed: [] }, at(1));
  return snapshot;
}

const membersOf = (snapshot: Snapshot, group = eng): string[] =>
  snapshot
    .membersOf(group)
    .map(({ resourceType, key }) => `${resourceType} ${key}`)
    .sort();

describe('what a change makes of the snapshot', () => {
  test('keep: nothing', () => {
    const snapshot = company();
    const before = [snapshot.known('User', ada), snapshot.totals()];
    snapshot.apply('User', ada, { kind: 'keep' }, at(9));
    snapshot.apply('User', sourceKey('unknown'), { kind: 'keep' }, at(9));
    expect([snapshot.known('User', ada), snapshot.totals()]).toEqual(before);
  });

  test('remember: as it was acknowledged', () => {
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

  test('remember without an id: the id that is known; where none is, nothing', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'remember', body: { userName: 'ada2' }, active: true }, at(9));
    expect(snapshot.known('User', ada)).toMatchObject({ remoteId: 'r-ada', body: { userName: 'ada2' } });
    snapshot.apply('User', sourceKey('dan'), { kind: 'remember', body: { userName: 'dan' }, active: true }, at(9));
    expect(snapshot.known('User', sourceKey('dan'))).toBeUndefined();
  });

  test('a version that the last answer did not give is not the old one', () => {
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

  test('inactive since the first time, until active again', () => {
    const snapshot = company();
    const since = (active: boolean, time: number): number | undefined => {
      snapshot.apply('User', ada, { kind: 'remember', body: { active }, active }, at(time));
      return snapshot.known('User', ada)?.inactiveSince;
    };
    expect([since(false, 10), since(false, 20), since(true, 30), since(false, 40)]).toEqual([10, 10, undefined, 40]);
  });

  test('adopt: as it was found, with those members that are ours', () => {
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
    expect(membersOf(snapshot, ops)).toEqual(['Group eng', 'User cy']);
  });

  test('adopt: an inactive account', () => {
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
    ['a truth', true],
    ['nothing', null],
    ['a list', ['x']],
  ])('a manager that is no key but %s is no reference', (_, manager) => {
    const snapshot = open();
    snapshot.apply(
      'User',
      ada,
      { kind: 'adopt', resource: found('r1', { userName: 'ada', [managerPath]: manager as string }) },
      at(9),
    );
    expect(snapshot.known('User', ada)?.remoteId).toBe('r1');
  });

  test('forget: a person, and every membership of theirs', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'forget' }, at(9));
    expect(snapshot.known('User', ada)).toBeUndefined();
    expect(membersOf(snapshot)).toEqual(['User bob']);
  });

  test('forget: a group, and its members, who stay', () => {
    const snapshot = company();
    snapshot.apply('Group', eng, { kind: 'forget' }, at(9));
    expect(membersOf(snapshot)).toEqual([]);
    expect(snapshot.totals()).toEqual({ users: 3, groups: 0, memberships: 0 });
  });

  test('forget: a person is not the group of the same key', () => {
    const snapshot = company();
    snapshot.apply('Group', ada, remember('g-ada', { displayName: 'ada' }), at(1));
    snapshot.apply('Group', eng, { kind: 'members', added: [{ resourceType: 'Group', key: ada }], removed: [] }, at(1));
    snapshot.apply('User', ada, { kind: 'forget' }, at(9));
    expect(snapshot.known('Group', ada)).toBeDefined();
    expect(membersOf(snapshot)).toEqual(['Group ada', 'User bob']);
  });

  test('members: removed and added, and a version that the answer did not give is not the old one', () => {
    const snapshot = company();
    snapshot.apply('Group', eng, { kind: 'remember', body: { displayName: 'E' }, active: true, version: '1' }, at(2));
    snapshot.apply('Group', eng, { kind: 'members', added: people('cy ada'), removed: people('bob unknown') }, at(9));
    expect(membersOf(snapshot)).toEqual(['User ada', 'User cy']);
    expect(snapshot.known('Group', eng)).not.toHaveProperty('version');
    snapshot.apply('Group', eng, { kind: 'members', added: [], removed: [], version: '2' }, at(9));
    expect(snapshot.known('Group', eng)?.version).toBe('2');
  });

  test('in doubt: paths are gathered, and gone once they were acknowledged', () => {
    const snapshot = company();
    snapshot.apply('User', ada, { kind: 'inDoubt', paths: ['title'] }, at(8));
    snapshot.apply('User', ada, { kind: 'inDoubt', paths: ['title', 'active'] }, at(9));
    expect(snapshot.known('User', ada)).toMatchObject({ body: { userName: 'ADA' }, inDoubt: ['title', 'active'] });
    expect(snapshot.inDoubt(10).map(({ key }) => String(key))).toEqual(['ada']);
    snapshot.apply('User', ada, { kind: 'remember', body: {}, active: true, inDoubt: ['active'] }, at(10));
    expect(snapshot.known('User', ada)?.inDoubt).toEqual(['active']);
    snapshot.apply('User', ada, { kind: 'remember', body: {}, active: true, inDoubt: [] }, at(10));
    expect(snapshot.known('User', ada)).not.toHaveProperty('inDoubt');
    expect(snapshot.inDoubt(10)).toEqual([]);
  });
});

describe('questions about the snapshot', () => {
  test('who holds a name, whatever its case', () => {
    const snapshot = company();
    expect(snapshot.knownByName('User', 'ada').map(({ key }) => String(key))).toEqual(['ada']);
    expect(snapshot.knownByName('User', 'ADA')).toEqual([]);
    expect(snapshot.knownByName('Group', 'engineers').map(({ key }) => String(key))).toEqual(['eng']);
    expect(snapshot.knownByName('Group', 'ada')).toEqual([]);
  });

  test('letters beyond ASCII fold as they do elsewhere', () => {
    const snapshot = open();
    snapshot.apply('User', ada, remember('r1', { userName: 'ÅSA@X' }), at(1));
    expect(snapshot.knownByName('User', 'åsa@x')).toHaveLength(1);
  });

  test('each target has its own', () => {
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

  test('who is in a group', () => {
    const snapshot = company();
    expect(snapshot.isMember(eng, { resourceType: 'User', key: ada })).toBe(true);
    expect(snapshot.isMember(eng, { resourceType: 'Group', key: ada })).toBe(false);
    expect(snapshot.isMember(eng, { resourceType: 'User', key: sourceKey('cy') })).toBe(false);
    expect(snapshot.totals()).toEqual({ users: 3, groups: 1, memberships: 2 });
  });
});
