import { describe, expect, test } from '@jest/globals';
import type { ChangedMember, MembershipCause, Operation } from '../../../src/model/operation.ts';
import type { ChangeKind } from '../../../src/model/plan.ts';
import { sourceKey } from '../../../src/model/ids.ts';
import type { PlannedOperation } from '../../../src/store/store.ts';
import {
  add,
  all,
  answer,
  begin,
  change,
  create,
  createGroup,
  edit,
  members,
  planned,
  remove,
  target,
} from '../operations.ts';
import { at, state, type State } from '../state.ts';

const settled = { followUp: 'none' } as const;

/** The counts of these kinds since a time, without those that are 0. */
async function counted(one: State, kinds: readonly ChangeKind[], since = 0, currentPass = 0, others = since) {
  const start = { removals: at(since), others: at(others) };
  const changes = await one.store.journal.changedSince(target, start, currentPass, new Set(kinds));
  return Object.fromEntries(
    changes.filter(({ count }) => count > 0).map((row) => [row.subject ?? row.kind, row.count]),
  );
}

const removals = ['usersRemoved', 'groupsRemoved', 'membershipsRemoved'] as const;

const withCause = (operation: Operation, cause: MembershipCause): Operation => {
  if (operation.action !== 'members') return operation;
  const all = (list: readonly ChangedMember[]) => list.map((member) => ({ ...member, cause }));
  return { ...operation, add: all(operation.add), remove: all(operation.remove) };
};

test('counts acknowledged removals; memberships of leavers count with the leavers', async () => {
  const one = state();
  const deactivate = (key: string) => change(key, [], 'deactivate');
  const pass = await begin(one, [
    deactivate('ada'),
    deactivate('bob'),
    deactivate('late'),
    remove('eve'),
    remove('eng', 'Group'),
    members('ops', 'add x', 'remove cy dan'),
    withCause(members('qa', 'remove ada'), 'leaver'),
    withCause(members('old', 'remove zoe'), 'emptied'),
  ]);
  await one.store.journal.setEndedMemberships(pass, target, 0, [[sourceKey('eng'), 36]]);
  for (const text of ['deactivate ada', 'delete eve', 'delete eng', 'members ops', 'members qa', 'members old'])
    await answer(one, pass, text, settled);
  await answer(one, pass, 'deactivate bob', { ...settled, outcome: { kind: 'rejected', status: 400, detail: 'no' } });
  expect(await counted(one, removals, 200)).toEqual({ usersRemoved: 2, groupsRemoved: 2, membershipsRemoved: 39 });
  expect(await counted(one, removals, 201)).toEqual({});
  expect(await counted(one, removals, 0, pass)).toEqual({});
});

test('counts creates, reactivations, renames, attributes and additions after the first load', async () => {
  const one = state();
  const title = edit('title', 'a', 'b');
  const pass = await begin(one, [
    create('ada'),
    { ...create('bob'), isRecreation: true } as Operation,
    change('cy', [], 'reactivate'),
    { ...change('joiner', [], 'reactivate'), isStart: true } as Operation,
    { ...planned(change('dan', [edit('userName', 'a', 'b'), title])), isRenaming: true },
    change('eve', [title, edit('nickName', 'x', 'x')]),
    members('ops', 'add x y', 'remove z'),
    withCause(members('qa', 'add ada'), 'joiner'),
  ]);
  for (const text of [
    ...[
      'create ada',
      'create bob',
      'reactivate cy',
      'reactivate joiner',
      'update dan',
      'update eve',
      'members ops',
      'members qa',
    ],
  ])
    await answer(one, pass, text, settled);
  const kinds: readonly ChangeKind[] = [
    ...(['usersCreated', 'usersMissing', 'usersReactivated', 'usersRenamed', 'attributeChanged'] as const),
    ...(['membershipsAdded', 'groupsRenamed'] as const),
  ];
  expect(await counted(one, kinds)).toEqual({
    ...{ usersCreated: 1, usersMissing: 1, usersReactivated: 1, usersRenamed: 1, membershipsAdded: 2 },
    ...{ title: 2, userName: 1 },
  });
  expect(await counted(one, kinds, 0, 0, 201)).toEqual({ usersMissing: 1 });
});

test('counts a person once', async () => {
  const one = state();
  const again = async (operation: Operation, text: string): Promise<number> => {
    const pass = await begin(one, [operation]);
    await answer(one, pass, text, settled);
    return pass;
  };
  for (let round = 0; round < 2; round += 1) {
    await again(change('ada', [], 'deactivate'), 'deactivate ada');
    await again(change('ada', [], 'reactivate'), 'reactivate ada');
    await again(members('ops', 'add ada', 'remove bob'), 'members ops');
  }
  const kinds = ['usersRemoved', 'usersReactivated', 'membershipsRemoved', 'membershipsAdded'] as const;
  const once = { usersRemoved: 1, usersReactivated: 1, membershipsRemoved: 1, membershipsAdded: 1 };
  expect(await counted(one, kinds)).toEqual(once);
  // A person whom the current pass changes again counts in that pass.
  const current = await begin(one, [change('ada', [], 'deactivate')]);
  expect(await counted(one, ['usersRemoved'], 0, current)).toEqual({});
});

test('leaves out what an operator approved, and counts what the same pass did besides', async () => {
  const one = state();
  const { journal } = one.store;
  const pass = await begin(one, [remove('ada'), remove('bob')]);
  const approval = await journal.recordApproval(pass, {
    ...{ at: at(100), operator: 'root', host: 'hr', reason: undefined, command: 'sync', plan: 'id', removals: 5 },
  });
  const [first] = await journal.operations(pass, target, 0, undefined, 1);
  await journal.hold([first?.id ?? 0]);
  await journal.release(pass, target, 0, approval);
  await answer(one, pass, 'delete ada', settled);
  await answer(one, pass, 'delete bob', settled);
  expect(await counted(one, removals)).toEqual({ usersRemoved: 1 });
});

test('counts a deletion once that the target refused and that was tried again', async () => {
  const one = state();
  for (let pass = 0; pass < 2; pass += 1) await answer(one, await begin(one, [remove('ada')]), 'delete ada', settled);
  expect(await counted(one, removals)).toEqual({ usersRemoved: 1 });
});

describe('changes that two rounds of a pass plan count once', () => {
  const title = edit('title', 'a', 'b');
  const rename = (key: string) => ({ ...planned(change(key, [edit('userName', 'a', 'b')])), isRenaming: true });
  const renameGroup = (key: string) => ({
    ...planned(change(key, [edit('displayName', 'a', 'b')], 'update', 'Group')),
    isRenaming: true,
  });
  const recreate = (operation: Operation): Operation => ({ ...operation, isRecreation: true }) as Operation;
  type Planned = Operation | PlannedOperation;

  test.each<[string, ChangeKind, (key: string) => Planned, (key: string) => Planned]>([
    ['a deactivation', 'usersRemoved', (key) => change(key, [], 'deactivate'), create],
    ['a deletion', 'usersRemoved', (key) => remove(key), (key) => change(key, [title])],
    ['a deletion of a group', 'groupsRemoved', (key) => remove(key, 'Group'), createGroup],
    ['an emptied group', 'groupsRemoved', (key) => withCause(members(key, 'remove x'), 'emptied'), createGroup],
    ['a create', 'usersCreated', create, (key) => recreate(create(key))],
    ['a recreation', 'usersMissing', (key) => recreate(create(key)), create],
    ['a recreation of a group', 'groupsMissing', (key) => recreate(createGroup(key)), createGroup],
    ['a reactivation', 'usersReactivated', (key) => change(key, [], 'reactivate'), create],
    ['a rename', 'usersRenamed', rename, (key) => change(key, [title])],
    ['a rename of a group', 'groupsRenamed', renameGroup, createGroup],
    ['an attribute', 'attributeChanged', (key) => change(key, [title]), rename],
    ['an addition', 'membershipsAdded', (key) => members(key, 'add x'), (key) => members(key, 'remove x')],
    [
      'an addition to a new group',
      'newGroupMemberships',
      (key) => withCause(members(key, 'add x'), 'newGroup'),
      (key) => members(key, 'add x'),
    ],
    ['an ended membership', 'membershipsRemoved', (key) => members(key, 'remove x'), (key) => members(key, 'remove y')],
  ])('%s', async (_, kind, changeOf, otherChangeOf) => {
    const one = state();
    const { journal } = one.store;
    const pass = await begin(
      one,
      ['ada', 'bob', 'cy'].map((key) => changeOf(key)),
    );
    await add(one, pass, [changeOf('ada'), changeOf('dan')], 1);
    await add(one, pass, [changeOf('ada'), otherChangeOf('bob'), changeOf('eve')], 2);
    const subject = kind === 'attributeChanged' ? { subject: 'title' } : {};
    const inRound = (round: number) =>
      journal.changedInPass(pass, target, round, new Map([[kind, [...Array(round).keys()]]]));
    expect((await inRound(1)).earlier).toEqual([{ kind, ...subject, count: 2 }]);
    expect((await inRound(2)).earlier).toEqual([{ kind, ...subject, count: 3 }]);
    const approval = await journal.recordApproval(pass, {
      ...{ at: at(100), operator: 'root', host: 'hr', reason: undefined, command: 'sync', plan: 'id', removals: 5 },
    });
    await journal.hold((await all(one, pass)).map(({ id }) => id));
    await journal.release(pass, target, 0, approval);
    expect(await inRound(2)).toEqual({
      earlier: [{ kind, ...subject, count: 1 }],
      approved: [{ kind, ...subject, count: 1 }],
    });
  });

  test('memberships that end with a group', async () => {
    const one = state();
    const { journal } = one.store;
    const pass = await begin(one, [remove('eng', 'Group'), remove('ops', 'Group')]);
    await journal.setEndedMemberships(pass, target, 0, [
      [sourceKey('eng'), 36],
      [sourceKey('ops'), 5],
    ]);
    await add(one, pass, [remove('eng', 'Group')], 1);
    const { earlier } = await journal.changedInPass(pass, target, 1, new Map([['membershipsRemoved', [0]]]));
    expect(earlier).toEqual([{ kind: 'membershipsRemoved', count: 5 }]);
  });
});

test('counts new groups and memberships that they replaced, for the window of the guard', async () => {
  const one = state();
  const pass = await begin(one, [
    create('ada'),
    createGroup('people'),
    { ...createGroup('again'), isRecreation: true } as Operation,
    withCause(members('hr', 'remove ada bob'), 'replaced'),
    withCause(members('old', 'remove zoe'), 'emptied'),
  ]);
  for (const text of ['create ada', 'create people', 'create again', 'members hr', 'members old'])
    await answer(one, pass, text, settled);
  const since = (time: number, currentPass = 0) =>
    one.store.journal.groupTurnoverSince(target, { removals: at(time), others: at(time) }, currentPass);
  expect(await since(200)).toEqual({ created: 1, replaced: 2 });
  expect(await since(201)).toEqual({ created: 0, replaced: 0 });
  expect(await since(0, pass)).toEqual({ created: 0, replaced: 0 });
});

test('counts users whom a round creates again after a refusal, and no others', async () => {
  const one = state();
  const users = ['refused', 'unanswered', 'made', 'held', 'missing'];
  const pass = await begin(one, [
    ...users.slice(0, 4).map((key) => create(key)),
    { ...create('missing'), isRecreation: true } as Operation,
  ]);
  await answer(one, pass, 'create refused', { ...settled, outcome: { kind: 'rejected', status: 500, detail: 'no' } });
  await answer(one, pass, 'create unanswered', { ...settled, outcome: { kind: 'unknown', detail: 'late' } });
  await answer(one, pass, 'create made', settled);
  await answer(one, pass, 'create missing', { ...settled, outcome: { kind: 'rejected', status: 500, detail: 'no' } });
  const next = await begin(
    one,
    [...users, 'joiner'].map((key) => create(key)),
  );
  expect(await one.store.journal.repeatedCreates(next, target, 0)).toBe(2);
  expect(await one.store.journal.repeatedCreates(pass, target, 0)).toBe(0);
});
