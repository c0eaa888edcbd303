import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import type { PlanningScope, PlanningTarget } from '../../../src/store/store.ts';
import {
  acknowledged,
  answer,
  begin,
  change,
  create,
  createGroup,
  everything,
  followUps,
  found,
  members,
  people,
  remember,
  target,
  under,
} from '../operations.ts';
import { at, person, read, state, type State } from '../state.ts';

async function selected(store: PlanningTarget, pageSize = 2): Promise<string[]> {
  const result: string[] = [];
  for (let after = 0; ;) {
    const { page, next } = await store.candidates(after, pageSize);
    if (next === undefined) return result;
    after = next;
    for (const { resourceType, key, record, known, isCreateInDoubt, isRequeued } of page) {
      result.push(
        [
          resourceType,
          key,
          ...(record === undefined ? ['gone'] : []),
          ...(known === undefined ? [] : ['known']),
          ...(isCreateInDoubt ? ['verifyFirst'] : isRequeued ? ['requeued'] : []),
        ].join(' '),
      );
    }
  }
}

async function memberships(
  store: PlanningTarget,
  extent: PlanningScope,
  groups: readonly string[] = [],
  pageSize = 2,
): Promise<string[]> {
  await store.selectMemberships(extent, groups.map(sourceKey));
  const result: string[] = [];
  for (let after = 0; ;) {
    const { page, next } = await store.memberships(after, pageSize);
    if (next === undefined) return result;
    after = next;
    for (const { group, member, memberType, isDesired, isKnown, isInDoubt } of page) {
      result.push(
        [
          `${group}>${memberType} ${member}`,
          ...(isDesired ? ['wanted'] : []),
          ...(isKnown ? ['known'] : []),
          ...(isInDoubt ? ['inDoubt'] : []),
        ].join(' '),
      );
    }
  }
}

const changedSince = (after: number, inactiveBefore?: number): PlanningScope => ({
  kind: 'changed',
  after,
  deletions: inactiveBefore === undefined ? undefined : { days: 0, zone: 'UTC', now: at(inactiveBefore) },
});

describe('the candidates of a planning', () => {
  /**
   * Reading 1: Ada, Bob, Cy and a team. Reading 2: Bob changed, Cy left. Ada, Cy and a user outside the source are
   * known.
   */
  async function company(): Promise<{ readonly one: State; readonly store: PlanningTarget }> {
    const one = state();
    await read(one, { users: [person('ada'), person('bob'), person('cy')], groups: [{ key: 'eng' }] });
    await acknowledged(one, ['ada', 'cy', 'zoe']);
    await read(one, { users: [person('ada'), person('bob', 'new')], groups: [{ key: 'eng' }] });
    return { one, store: await one.store.target(target) };
  }

  test.each<[string, PlanningScope, string[]]>([
    [
      'all records',
      everything,
      ['User ada known', 'User bob', 'User cy gone known', 'User zoe gone known', 'Group eng'],
    ],
    ['changes since a reading', changedSince(1), ['User bob', 'User cy gone known']],
    ['changes since the beginning', changedSince(0), ['User ada known', 'User bob', 'User cy gone known', 'Group eng']],
    ['no changes', changedSince(2), []],
    ['follow-ups', followUps, []],
  ])('%s', async (_, extent, expected) => {
    const { store } = await company();
    await store.selectCandidates(extent);
    expect((await selected(store)).sort((a, b) => b.localeCompare(a))).toEqual(
      [...expected].sort((a, b) => b.localeCompare(a)),
    );
    expect(await selected(store, 100)).toEqual(await selected(store, 1));
  });

  test('users come before groups', async () => {
    const { store } = await company();
    await store.selectCandidates(everything);
    expect((await selected(store)).map((text) => text.split(' ')[0])).toEqual([
      'User',
      'User',
      'User',
      'User',
      'Group',
    ]);
  });

  test('requeued records; in a follow-up round only follow-ups', async () => {
    const { one, store } = await company();
    const pass = await begin(one, [create('bob'), change('ada', []), createGroup('eng'), create('dan')]);
    await answer(one, pass, 'create bob', {
      outcome: { kind: 'rejected', status: 400, detail: '' },
      followUp: 'nextPass',
    });
    await answer(one, pass, 'update ada', { followUp: 'thisPass' });
    await answer(one, pass, 'create dan', { outcome: { kind: 'unknown', detail: '' }, followUp: 'verifyFirst' });
    await store.selectCandidates(changedSince(2));
    expect(await selected(store)).toEqual([
      'User ada known requeued',
      'User bob requeued',
      'User dan gone verifyFirst',
    ]);
    await store.selectCandidates(followUps);
    expect(await selected(store)).toEqual(['User ada known requeued']);
    await store.selectCandidates(everything);
    expect(await selected(store)).toContain('User dan gone verifyFirst');
  });

  test('accounts that were deactivated before the given time', async () => {
    const { one, store } = await company();
    const pass = await begin(one, [change('ada', [], 'deactivate'), change('zoe', [], 'deactivate')]);
    for (const [key, time] of [
      ['ada', 1000],
      ['zoe', 2000],
    ] as const) {
      await answer(one, pass, `deactivate ${key}`, {
        change: { kind: 'remember', body: { active: false }, active: false },
        followUp: 'none',
        at: at(time),
      });
    }
    for (const [before, expected] of [
      [999, []],
      [1000, ['User ada known']],
      [2000, ['User ada known', 'User zoe gone known']],
    ] as const) {
      await store.selectCandidates(changedSince(2, before));
      expect(await selected(store)).toEqual(expected);
    }
    await store.selectCandidates(followUps);
    expect(await selected(store)).toEqual([]);
  });

  test('users that refer to a manager, or wait for one, are added once each', async () => {
    const { one, store } = await company();
    await acknowledged(one, ['eve'], () => under('ada'));
    await store.setPendingManager(sourceKey('bob'), sourceKey('ada'));
    await store.setPendingManager(sourceKey('cy'), sourceKey('zoe'));
    await store.selectCandidates(changedSince(1));
    const { next = 0 } = await store.candidates(0, 10);
    await store.selectReferrers([sourceKey('ada')]);
    expect((await store.candidates(next, 10)).page.map(({ key }) => String(key))).toEqual(['eve']);
    await store.selectReferrers([sourceKey('ada')]);
    expect((await selected(store)).filter((text) => text.includes('eve'))).toHaveLength(1);
  });

  test('one record, candidate or not', async () => {
    const { store } = await company();
    expect(await store.candidate('User', sourceKey('bob'))).toEqual({
      resourceType: 'User',
      key: 'bob',
      record: { resourceType: 'User', key: 'bob', active: true, attributes: { mail: ['new'] } },
      known: undefined,
      isCreateInDoubt: false,
      isRequeued: false,
    });
    expect(await store.candidate('User', sourceKey('cy'))).toMatchObject({
      record: undefined,
      known: { remoteId: 'r-cy' },
    });
    expect(await store.candidate('Group', sourceKey('bob'))).toMatchObject({ record: undefined, known: undefined });
  });

  test('a selection replaces the previous one, and each target has its own', async () => {
    const { one, store } = await company();
    await store.selectCandidates(everything);
    await store.selectCandidates(changedSince(2));
    expect(await selected(store)).toEqual([]);
    const other = await one.store.target('other');
    await other.selectCandidates(everything);
    expect(await selected(other)).toEqual(['User ada', 'User bob', 'Group eng']);
  });
});

describe('the memberships of a planning', () => {
  /** The source has eng: ada, bob, and sub; the target has eng: ada, zoe. */
  async function company(): Promise<{ readonly one: State; readonly store: PlanningTarget }> {
    const one = state();
    await read(one, {
      users: ['ada', 'bob', 'cy'].map((key) => person(key)),
      groups: [{ key: 'eng' }, { key: 'sub' }],
      memberships: ['eng>ada', 'eng>bob', 'eng>sub', 'ops>bob', 'ops>cy'],
    });
    await acknowledged(one, ['ada', 'zoe']);
    const pass = await begin(one, [createGroup('eng'), members('eng', 'add ada zoe')]);
    await answer(one, pass, 'create eng', { change: remember('g1', { displayName: 'eng' }), followUp: 'none' });
    await answer(one, pass, 'members eng', {
      change: { kind: 'members', added: people('ada zoe'), removed: [] },
      followUp: 'none',
    });
    await one.store.journal.end(pass, at(200), 'done', undefined);
    return { one, store: await one.store.target(target) };
  }

  const all = [
    'eng>User ada wanted known',
    'eng>User bob wanted',
    'eng>Group sub wanted',
    'eng>User zoe known',
    'ops>User bob wanted',
    'ops>User cy wanted',
  ];

  test('all memberships, ordered by group', async () => {
    const { store } = await company();
    expect(await memberships(store, everything)).toEqual(all);
    expect(await memberships(store, everything, [], 100)).toEqual(all);
  });

  test('changes since a reading', async () => {
    const { one, store } = await company();
    await store.selectCandidates(changedSince(9));
    expect(await memberships(store, changedSince(1))).toEqual([]);
    await read(one, {
      users: ['ada', 'bob', 'cy'].map((key) => person(key)),
      groups: [{ key: 'eng' }, { key: 'sub' }],
      memberships: ['eng>bob', 'eng>sub', 'ops>bob', 'ops>cy', 'ops>ada'],
    });
    expect(await memberships(store, changedSince(1))).toEqual(['eng>User ada known', 'ops>User ada wanted']);
  });

  test('those of candidate users', async () => {
    const { one, store } = await company();
    await read(one, {
      users: [person('ada'), person('bob', 'new'), person('cy')],
      groups: [{ key: 'eng' }, { key: 'sub' }],
      memberships: ['eng>ada', 'eng>bob', 'eng>sub', 'ops>bob', 'ops>cy'],
    });
    await store.selectCandidates(changedSince(1));
    expect(await memberships(store, changedSince(1))).toEqual(['eng>User bob wanted', 'ops>User bob wanted']);
  });

  test('those of given groups, as groups and as members', async () => {
    const { store } = await company();
    await store.selectCandidates(changedSince(9));
    expect(await memberships(store, changedSince(1), ['ops'])).toEqual(['ops>User bob wanted', 'ops>User cy wanted']);
    expect(await memberships(store, changedSince(1), ['eng'])).toEqual(all.slice(0, 4));
    expect(await memberships(store, changedSince(1), ['sub'])).toEqual(['eng>Group sub wanted']);
  });

  test('requeued memberships, and those in doubt', async () => {
    const { one, store } = await company();
    const pass = await begin(one, [members('eng', 'remove zoe'), members('ops', 'add cy')]);
    await one.store.journal.requeueRound(pass, target, 0, everything);
    await answer(one, pass, 'members eng', {
      outcome: { kind: 'unknown', detail: '' },
      change: { kind: 'membersInDoubt', members: people('zoe') },
      followUp: 'nextPass',
    });
    await store.selectCandidates(changedSince(9));
    expect(await memberships(store, changedSince(1))).toEqual(['eng>User zoe known inDoubt', 'ops>User cy wanted']);
    await store.selectCandidates(followUps);
    expect(await memberships(store, followUps)).toEqual([]);
  });

  test('memberships to follow up', async () => {
    const { one, store } = await company();
    const team = found('g2', { displayName: 'ops' }, { members: [remoteId('r-ada')] });
    await answer(one, await begin(one, [createGroup('ops')]), 'create ops', {
      outcome: { kind: 'adopted', status: 200, resource: team },
      change: { kind: 'adopt', resource: team },
      followUp: 'none',
    });
    await store.selectCandidates(followUps);
    expect(await memberships(store, followUps)).toEqual([
      'ops>User ada known',
      'ops>User bob wanted',
      'ops>User cy wanted',
    ]);
  });

  test.each<[string, ResourceType]>([
    ['unknown', 'User'],
    ['sub', 'Group'],
    ['ada', 'User'],
  ])('a member %s counts as a %s', async (member, resourceType) => {
    const { one, store } = await company();
    await read(one, {
      users: [person('ada')],
      groups: [{ key: 'sub' }, { key: 'ada' }],
      memberships: [`all>${member}`],
    });
    expect(await memberships(store, everything)).toContain(`all>${resourceType} ${member} wanted`);
  });
});

describe('the state of a target', () => {
  test('is empty at first', async () => {
    expect(await (await state().store.target(target)).state()).toEqual({
      plannedReading: 0,
      mappingFingerprint: '',
      discovery: undefined,
      discoveryReadAt: undefined,
      listedAt: undefined,
      leaversUnmatched: false,
    });
  });

  test('the discovery, the time of the listing, and the compared reading', async () => {
    const { store } = state();
    const one = await store.target(target);
    await one.saveDiscovery({ patch: true }, at(6));
    await one.saveListedAt(at(7));
    await one.markPlanned(3, 'abc');
    expect(await one.state()).toEqual({
      plannedReading: 3,
      mappingFingerprint: 'abc',
      discovery: { patch: true },
      discoveryReadAt: 6,
      listedAt: 7,
      leaversUnmatched: false,
    });
    expect(await (await store.target('other')).state()).toMatchObject({ plannedReading: 0 });
  });
});
