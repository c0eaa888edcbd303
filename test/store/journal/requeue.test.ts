import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Outcome, SnapshotChange } from '../../../src/model/outcome.ts';
import type { FlatResource } from '../../../src/model/resource.ts';
import type { FollowUp } from '../../../src/model/requeue.ts';
import type { SettledOutcome } from '../../../src/sync/operation-result.ts';
import {
  acknowledged,
  add,
  answer,
  begin,
  change,
  create,
  createGroup,
  edit,
  everything,
  followUps,
  found,
  members,
  people,
  planned,
  remember,
  remove,
  requeued,
  target,
  under,
  verifyCreate,
  work,
  workOf,
} from '../operations.ts';
import { at, read, state, type State } from '../state.ts';

/** A pass with these operations, planned and requeued. */
async function pass(one: State, operations: readonly (Operation | ReturnType<typeof planned>)[]): Promise<number> {
  const number = await begin(one, operations);
  await one.store.journal.requeueRound(number, target, 0, everything);
  return number;
}

const gaveUp = (keys: string): SnapshotChange => ({ kind: 'members', added: [], removed: people(keys) });

const refused: Outcome = { kind: 'rejected', status: 400, detail: 'no' };
const unavailable: Outcome = { kind: 'unavailable', detail: 'down' };
const unknown: Outcome = { kind: 'unknown', detail: 'lost' };
const skipped: Outcome = { kind: 'skipped', detail: 'later' };
const gone: Outcome = { kind: 'notFound', status: 404, detail: 'not there' };

describe('planned records are requeued until they are settled', () => {
  test('all of them, before the first response', async () => {
    const one = state();
    await pass(one, [
      create('ada'),
      change('bob', [edit('title', null, 'x')]),
      createGroup('eng'),
      members('eng', 'add ada', 'remove bob'),
    ]);
    expect(requeued(one)).toEqual(['User ada', 'User bob', 'Group eng', 'eng>ada', 'eng>bob']);
  });

  test.each<[string, Partial<SettledOutcome> & { followUp: FollowUp }, string[]]>([
    ['settled', { followUp: 'none' }, []],
    ['nextPass', { outcome: refused, followUp: 'nextPass' }, ['User ada']],
    ['once more in this pass', { followUp: 'thisPass' }, ['User ada thisPass']],
    ['looked up first', { outcome: unknown, followUp: 'verifyFirst' }, ['User ada verifyFirst']],
  ])('%s', async (_, given, expected) => {
    const one = state();
    await answer(one, await pass(one, [create('ada')]), 'create ada', given);
    expect(requeued(one)).toEqual(expected);
  });

  test('a response settles a membership, unless the request left it out', async () => {
    const one = state();
    await acknowledged(one, ['ada', 'bob', 'cy']);
    const number = await pass(one, [members('eng', 'add ada bob', 'remove cy')]);
    await answer(one, number, 'members', {
      change: { kind: 'members', added: people('ada'), removed: people('cy') },
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['eng>bob']);
  });

  test('a failed membership operation settles no membership', async () => {
    const one = state();
    await answer(one, await pass(one, [members('eng', 'add ada', 'remove cy')]), 'members', {
      outcome: refused,
      followUp: 'nextPass',
    });
    expect(requeued(one)).toEqual(['eng>ada', 'eng>cy']);
  });

  test('a membership operation without a response leaves the encodable members in doubt', async () => {
    const one = state();
    await acknowledged(one, ['ada']);
    await answer(one, await pass(one, [members('eng', 'add ada bob')]), 'members', {
      outcome: unknown,
      change: { kind: 'membersInDoubt', members: people('ada bob') },
      followUp: 'nextPass',
    });
    expect(requeued(one)).toEqual(['eng>ada inDoubt', 'eng>bob']);
  });

  test('a member whose account is found later is in doubt afterwards', async () => {
    const one = state();
    const bulk = [create('ada'), create('bob'), members('eng', 'add ada bob'), members('ops', 'add ada', 'remove cy')];
    const before = await pass(one, bulk);
    for (const key of ['ada', 'bob'])
      await answer(one, before, `create ${key}`, { outcome: unknown, followUp: 'verifyFirst' });
    await answer(one, before, 'members eng', {
      outcome: unknown,
      change: { kind: 'membersInDoubt', members: people('ada bob') },
      followUp: 'nextPass',
    });
    await answer(one, before, 'members ops', { outcome: skipped, followUp: 'nextPass', requests: 0 });
    await one.store.journal.end(before, at(250), 'done', undefined);
    const number = await pass(one, [create('ada'), create('bob')]);
    await answer(one, number, 'create ada', {
      outcome: { kind: 'adopted', status: 200, resource: found('r1', {}) },
      change: { kind: 'adopt', resource: found('r1', { userName: 'ada' }) },
      followUp: 'none',
    });
    await answer(one, number, 'create bob', { change: remember('r2', { userName: 'bob' }), followUp: 'none' });
    expect(requeued(one)).toEqual(['eng>ada thisPass inDoubt']);
  });

  test('a missing group and its members are requeued', async () => {
    const one = state();
    const number = await pass(one, [members('eng', 'add ada')]);
    await answer(one, number, 'members', { outcome: gone, change: { kind: 'missing' }, followUp: 'nextPass' });
    expect(requeued(one)).toEqual(['Group eng', 'eng>ada']);
  });

  test('the success of one operation does not settle another one on the same account', async () => {
    const one = state();
    await acknowledged(one, ['ada']);
    const number = await pass(one, [
      planned(change('ada', [], 'deactivate'), 10),
      planned(change('ada', [edit('userName', 'ada', 'x')]), 50),
    ]);
    await answer(one, number, 'deactivate', { outcome: refused, followUp: 'nextPass' });
    await answer(one, number, 'update', { followUp: 'none' });
    expect(requeued(one)).toEqual(['User ada']);
  });

  const titleOfBob = change('bob', [edit('title', null, 'x')]);
  const acknowledgedTitle = (body: FlatResource): Partial<SettledOutcome> & { followUp: FollowUp } => ({
    change: { kind: 'remember', body, active: true, inDoubt: { begins: [], ends: ['title'] } },
    followUp: 'none',
  });

  test.each<[string, SnapshotChange, string]>([
    ['got another id', { kind: 'adopt', resource: found('r-ada-2', { userName: 'ada' }) }, 'User bob thisPass'],
    ['is missing', { kind: 'missing' }, 'User bob'],
  ])('the success of another change does not settle a user whose manager %s meanwhile', async (_, change, expected) => {
    const one = state();
    await acknowledged(one, ['ada', 'bob'], (key) => (key === 'bob' ? under('ada') : {}));
    const number = await pass(one, [titleOfBob, remove('ada')]);
    await answer(one, number, 'delete ada', { change, followUp: 'none' });
    await answer(one, number, 'update bob', acknowledgedTitle({ userName: 'bob', ...under('ada') }));
    expect(requeued(one)).toEqual([expected]);
    expect((await one.store.target(target)).known('User', sourceKey('bob'))?.inDoubt).toEqual([managerPath]);
  });

  test('nor a user whose pending manager got an account meanwhile', async () => {
    const one = state();
    await acknowledged(one, ['bob']);
    await (await one.store.target(target)).setPendingManager(sourceKey('bob'), sourceKey('ada'));
    const number = await pass(one, [titleOfBob, create('ada')]);
    await answer(one, number, 'create ada', { change: remember('r-ada', { userName: 'ada' }), followUp: 'none' });
    await answer(one, number, 'update bob', acknowledgedTitle({ userName: 'bob' }));
    expect(requeued(one)).toEqual(['User bob thisPass']);
  });
});

describe('a create without a response', () => {
  test.each<[string, Outcome, FollowUp, string[]]>([
    ['is still looked up first if the target is unavailable', unavailable, 'nextPass', ['User ada verifyFirst']],
    ['is still looked up first if no request was sent', skipped, 'nextPass', ['User ada verifyFirst']],
    ['is still looked up first if there is no response again', unknown, 'verifyFirst', ['User ada verifyFirst']],
    ['is not in doubt after a rejection', refused, 'nextPass', ['User ada']],
    [
      'is not in doubt after the account was found',
      { kind: 'adopted', status: 200, resource: found('r1', {}) },
      'thisPass',
      ['User ada thisPass'],
    ],
    ['is settled once it is done', { kind: 'done', status: 201 }, 'none', []],
  ])('%s', async (_, outcome, next, expected) => {
    const one = state();
    await answer(one, await pass(one, [create('ada')]), 'create ada', { outcome: unknown, followUp: 'verifyFirst' });
    const inDoubt = async (): Promise<number> => (await workOf(one, 0, work(create('ada')))).unansweredCreates.size;
    expect(await inDoubt()).toBe(1);
    const second = await pass(one, [create('ada')]);
    expect(requeued(one)).toEqual(['User ada verifyFirst']);
    await answer(one, second, 'create ada', { outcome, followUp: next });
    expect(requeued(one)).toEqual(expected);
    expect(await inDoubt()).toBe(expected.includes('User ada verifyFirst') ? 1 : 0);
  });

  test.each<[string, readonly Operation[], string[]]>([
    [
      'stays in doubt after a look-up without a response',
      [create('ada'), verifyCreate('ada')],
      ['User ada verifyFirst'],
    ],
    ['that was never sent is not in doubt after such a look-up', [verifyCreate('ada')], []],
  ])('%s', async (_, operations, expected) => {
    const one = state();
    for (const operation of operations)
      await answer(one, await pass(one, [operation]), `${operation.action} ada`, {
        outcome: unknown,
        followUp: 'verifyFirst',
      });
    expect(requeued(one)).toEqual(['User ada verifyFirst']);
    await pass(one, []);
    expect(requeued(one)).toEqual(expected);
  });

  test('stays requeued in a pass that plans no operation for it', async () => {
    const one = state();
    await answer(one, await pass(one, [create('ada')]), 'create ada', { outcome: unknown, followUp: 'verifyFirst' });
    await pass(one, []);
    expect(requeued(one)).toEqual(['User ada verifyFirst']);
  });

  test('is settled by a look-up without a result', async () => {
    const one = state();
    await answer(one, await pass(one, [verifyCreate('ada')]), 'verifyCreate ada', { outcome: gone, followUp: 'none' });
    expect(requeued(one)).toEqual([]);
  });
});

describe('follow-ups for other records', () => {
  test('users that wait for a manager are requeued once the manager has an account', async () => {
    const one = state();
    const store = await one.store.target(target);
    await store.setPendingManager(sourceKey('bob'), sourceKey('ada'));
    await store.setPendingManager(sourceKey('cy'), sourceKey('dan'));
    await store.setPendingManager(sourceKey('eve'), sourceKey('ada'));
    await store.setPendingManager(sourceKey('eve'), undefined);
    await answer(one, await pass(one, [create('ada')]), 'create ada', {
      change: remember('r1', { userName: 'ada' }),
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['User bob thisPass']);
    expect(await store.hasFollowUps()).toBe(true);
  });

  test('adopting a manager requeues them too, updating one does not', async () => {
    const one = state();
    await acknowledged(one, ['old']);
    const store = await one.store.target(target);
    for (const [key, manager] of [
      ['bob', 'ada'],
      ['cy', 'old'],
    ] as const)
      await store.setPendingManager(sourceKey(key), sourceKey(manager));
    const number = await pass(one, [create('ada'), change('old', [])]);
    await answer(one, number, 'create ada', {
      outcome: { kind: 'adopted', status: 200, resource: found('r1', {}) },
      change: { kind: 'adopt', resource: found('r1', { userName: 'ada' }) },
      followUp: 'none',
    });
    await answer(one, number, 'update old', {
      change: { kind: 'remember', body: {}, active: true },
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['User bob thisPass']);
  });

  test('users that refer to a deleted account are requeued: its successor has another id', async () => {
    const one = state();
    await acknowledged(one, ['ada', 'bob', 'cy', 'dan', 'eve'], (key) =>
      key === 'bob' ? under('ada') : key === 'dan' ? under('cy') : {},
    );
    const number = await pass(one, [change('ada', []), remove('cy')]);
    await answer(one, number, 'update ada', { outcome: gone, change: { kind: 'missing' }, followUp: 'nextPass' });
    await answer(one, number, 'delete cy', { outcome: gone, change: { kind: 'forget' }, followUp: 'none' });
    expect(requeued(one)).toEqual(['User ada', 'User bob', 'User dan']);
    const store = await one.store.target(target);
    for (const [key, inDoubt] of [
      ['bob', [managerPath]],
      ['dan', [managerPath]],
      ['eve', undefined],
    ] as const)
      expect(store.known('User', sourceKey(key))?.inDoubt).toEqual(inDoubt);
  });

  test('an account that returns with another id is referred to and added to its groups in the same pass', async () => {
    const one = state();
    await acknowledged(one, ['ada', 'bob', 'eve'], (key) => (key === 'bob' ? under('ada') : {}));
    const before = await begin(one, [createGroup('eng'), members('eng', 'add ada eve')]);
    await answer(one, before, 'create eng', { change: remember('g-eng', { displayName: 'eng' }), followUp: 'none' });
    await answer(one, before, 'members', {
      change: { kind: 'members', added: people('ada eve'), removed: [] },
      followUp: 'none',
    });
    await one.store.journal.end(before, at(180), 'done', undefined);
    const number = await pass(one, [change('ada', [], 'reactivate'), change('eve', [], 'reactivate')]);
    await answer(one, number, 'reactivate eve', {
      change: remember('r-eve', { userName: 'eve' }),
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['User ada']);
    await answer(one, number, 'reactivate ada', {
      change: remember('r-ada-2', { userName: 'ada' }),
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['User bob thisPass', 'eng>ada thisPass inDoubt']);
    expect((await one.store.target(target)).known('User', sourceKey('bob'))?.inDoubt).toEqual([managerPath]);
  });

  test('and compares the memberships whose removal may have named the old id', async () => {
    const one = state();
    await acknowledged(one, ['ada', 'eve']);
    const first = await begin(one, [createGroup('eng'), members('old', 'remove ada')]);
    await answer(one, first, 'members old', { change: gaveUp('ada'), followUp: 'none', at: at(100) });
    await answer(one, first, 'create eng', { change: remember('g-eng', { displayName: 'eng' }), followUp: 'none' });
    const number = await pass(one, [change('ada', [], 'deactivate'), members('eng', 'remove ada eve')]);
    await answer(one, number, 'members eng', { change: gaveUp('ada eve'), followUp: 'none', at: at(400) });
    await answer(one, number, 'deactivate ada', {
      outcome: { kind: 'done', status: 200, movedTo: remoteId('r-ada-2') },
      change: remember('r-ada-2', { userName: 'ada' }, false),
      followUp: 'none',
      at: at(400),
    });
    expect(requeued(one)).toEqual(['eng>ada thisPass inDoubt']);
  });

  test('so is an account that is found with another id', async () => {
    const one = state();
    await acknowledged(one, ['ada', 'bob'], (key) => (key === 'bob' ? under('ada') : {}));
    const again = found('r-ada-2', { userName: 'ada' });
    await answer(one, await pass(one, [change('ada', [], 'reactivate')]), 'reactivate ada', {
      outcome: { kind: 'adopted', status: 200, resource: again },
      change: { kind: 'adopt', resource: again },
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['User bob thisPass']);
    expect((await one.store.target(target)).known('User', sourceKey('bob'))?.inDoubt).toEqual([managerPath]);
  });

  test('all present and desired members of an adopted group are compared in the same pass', async () => {
    const one = state();
    await acknowledged(one, ['ada', 'bob']);
    await read(one, {
      users: [{ key: 'ada' }, { key: 'bob' }, { key: 'cy' }],
      groups: [{ key: 'eng' }],
      memberships: ['eng>ada', 'eng>cy', 'ops>ada'],
    });
    const group = found('g1', { displayName: 'eng' }, { members: [remoteId('r-ada'), remoteId('r-bob')] });
    await answer(one, await pass(one, [createGroup('eng')]), 'create eng', {
      outcome: { kind: 'adopted', status: 200, resource: group },
      change: { kind: 'adopt', resource: group },
      followUp: 'none',
    });
    expect(requeued(one)).toEqual(['eng>ada thisPass', 'eng>bob thisPass', 'eng>cy thisPass']);
    expect(await (await one.store.target(target)).hasFollowUps()).toBe(true);
  });
});

test('members of a group that has another id are in doubt, unless the new group shows them', async () => {
  const one = state();
  await acknowledged(one, ['ada', 'bob']);
  const number = await pass(one, [createGroup('eng'), members('eng', 'add ada bob')]);
  await answer(one, number, 'create eng', { change: remember('g0', { displayName: 'eng' }), followUp: 'none' });
  await answer(one, number, 'members eng', {
    change: { kind: 'members', added: people('ada bob'), removed: [] },
    followUp: 'none',
  });
  const store = await one.store.target(target);
  const existing = async (): Promise<number | undefined> =>
    (await workOf(one, 0, work(members('eng', 'add ada bob')))).memberships.get(0)?.existing.size;
  expect(await existing()).toBe(2);
  const group = found('g1', { displayName: 'eng' }, { members: [remoteId('r-bob')] });
  const next = await pass(one, [members('eng', 'remove bob')]);
  await answer(one, next, 'members eng', {
    outcome: { kind: 'adopted', status: 200, resource: group },
    change: { kind: 'adopt', resource: group },
    followUp: 'thisPass',
  });
  expect([store.known('Group', sourceKey('eng'))?.remoteId, await existing()]).toEqual(['g1', 1]);
  expect(requeued(one)).toContain('eng>ada thisPass inDoubt');
});

describe('the requeue after a planning', () => {
  test('compared records without an operation are settled', async () => {
    const one = state();
    await pass(one, [create('ada'), members('eng', 'add ada')]);
    await pass(one, [create('bob')]);
    expect(requeued(one)).toEqual(['User bob']);
  });

  test('a follow-up round compares follow-ups only', async () => {
    const one = state();
    const number = await pass(one, [create('ada'), create('bob'), create('cy'), members('eng', 'add ada')]);
    await answer(one, number, 'create ada', { followUp: 'thisPass' });
    await answer(one, number, 'create cy', { followUp: 'thisPass' });
    await add(one, number, [change('cy', [])], 1);
    await one.store.journal.requeueRound(number, target, 1, followUps);
    expect(requeued(one)).toEqual(['User bob', 'User cy', 'eng>ada']);
  });

  test('a rejected record stays requeued, a record with a note does not', async () => {
    const one = state();
    const number = await begin(one, []);
    const note = { resourceType: 'User', name: '', text: 'is odd' } as const;
    await one.store.journal.note(number, target, [
      { ...note, key: sourceKey('ada'), problem: true },
      { ...note, key: sourceKey('bob'), problem: false },
    ]);
    await one.store.journal.requeueRound(number, target, 0, everything);
    expect(requeued(one)).toEqual(['User ada']);
  });

  test('a membership in doubt stays requeued until a response', async () => {
    const one = state();
    await acknowledged(one, ['ada']);
    await answer(one, await pass(one, [members('eng', 'add ada')]), 'members', {
      outcome: unknown,
      change: { kind: 'membersInDoubt', members: people('ada') },
      followUp: 'nextPass',
    });
    await pass(one, []);
    expect(requeued(one)).toEqual(['eng>ada inDoubt']);
    await answer(one, await pass(one, [members('eng', 'remove ada')]), 'members', {
      change: { kind: 'members', added: [], removed: people('ada') },
      followUp: 'none',
    });
    expect(requeued(one)).toEqual([]);
  });

  test('each target has its own requeue', async () => {
    const one = state();
    await pass(one, [create('ada')]);
    const { pass: second } = await one.store.journal.begin('sync', at(300));
    await one.store.journal.requeueRound(second, 'other', 0, everything);
    expect(requeued(one)).toEqual(['User ada']);
  });
});
