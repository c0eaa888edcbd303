import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import type { MembershipCandidate, PlannedOperation } from '../../src/store/store.ts';
import type { PlannedState } from '../../src/sync/planned-states.ts';
import type { PlanContext } from '../../src/sync/plan-context.ts';
import { planMembers } from '../../src/sync/plan-members.ts';
import { profileWith, type ProfileOverrides } from '../world/profile.ts';

const existing: PlannedState = {
  presence: 'present',
  isKnown: true,
  action: undefined,
  releasesName: false,
  name: 'existing',
};

interface Given {
  /** One letter a user, in group g. */
  readonly memberships: Readonly<Record<string, Partial<MembershipCandidate>>>;
  readonly users?: Readonly<Record<string, Partial<PlannedState>>>;
  readonly group?: Partial<PlannedState>;
  readonly profile?: ProfileOverrides;
  /** Members that the group has already. */
  readonly memberCount?: number;
}

/** The operations as `-removed +added`, and the number of memberships that end although the user stays. */
async function planned({ memberships, users = {}, group = {}, profile = {}, memberCount = 0 }: Given) {
  const page = Object.entries(memberships).map(([key, membership]): MembershipCandidate => ({
    group: sourceKey('g'),
    member: sourceKey(key),
    memberType: 'User',
    isDesired: false,
    isKnown: false,
    isInDoubt: false,
    ...membership,
  }));
  const operations: PlannedOperation[] = [];
  const notes: string[] = [];
  const context = {
    store: {
      state: async () => ({ discovery: undefined }),
      selectMemberships: async () => undefined,
      memberships: async (after: number) => (after === 0 ? { page, next: 1 } : { page: [], next: undefined }),
      countMembers: () => memberCount,
    },
    profile: profileWith(profile),
    plannedStates: {
      exceptions: () => [],
      cached: () => undefined,
      of: async (resourceType: string, key: string) => ({
        ...existing,
        ...(resourceType === 'Group' ? group : users[key]),
      }),
    },
    add: async (more: readonly PlannedOperation[]) => void operations.push(...more),
    note: (_candidate: unknown, text: string) => void notes.push(text),
    postponedTries: { isMemberPostponed: async () => false },
    nextSlice: async () => undefined,
  } as unknown as PlanContext;
  const { deleted, emptied } = await planMembers(context, { kind: 'full', deletions: undefined }, []);
  const keysOf = (members: readonly { readonly key: string }[]): string => members.map(({ key }) => key).join('');
  return {
    operations: operations.map(({ operation }) =>
      operation.action === 'members' ? `-${keysOf(operation.remove)} +${keysOf(operation.add)}` : operation.action,
    ),
    ended:
      operations.flatMap(({ operation }) =>
        operation.action === 'members' ? operation.remove.filter(({ cause }) => cause !== 'leaver') : [],
      ).length + (deleted.get(sourceKey('g')) ?? 0),
    emptied,
    causes: operations.flatMap(({ operation }) =>
      operation.action === 'members' ? [...operation.remove, ...operation.add].map(({ cause }) => cause) : [],
    ),
    notes: notes.length,
  };
}

const joins = { isDesired: true };
const leaves = { isKnown: true };
const stays = { isDesired: true, isKnown: true };

describe('the memberships of a group', () => {
  test.each<[string, Given, readonly string[], number]>([
    ['unchanged', { memberships: { a: stays } }, [], 0],
    ['a member joins', { memberships: { a: stays, b: joins } }, ['- +b'], 0],
    ['a member leaves', { memberships: { a: stays, b: leaves } }, ['-b +'], 1],
    ['one leaves, one joins: in one request', { memberships: { a: leaves, b: joins } }, ['-a +b'], 1],
    [
      'a member who is being created joins later than the removal',
      { memberships: { a: leaves, b: joins }, users: { b: { isKnown: false } } },
      ['-a +', '- +b'],
      1,
    ],
    [
      'a leaver: the membership is removed',
      { memberships: { a: stays }, users: { a: { presence: 'absent', action: 'deactivate' } } },
      ['-a +'],
      0,
    ],
    [
      'a deleted leaver, the target removes the memberships',
      {
        memberships: { a: stays },
        users: { a: { presence: 'absent', action: 'delete' } },
        profile: { protocol: { deletionEndsMemberships: true } },
      },
      [],
      0,
    ],
    [
      'a deactivated leaver, the target removes memberships only of deleted users',
      {
        memberships: { a: stays },
        users: { a: { presence: 'absent', action: 'deactivate' } },
        profile: { protocol: { deletionEndsMemberships: true } },
      },
      ['-a +'],
      0,
    ],
    ['a protected member', { memberships: { a: leaves }, users: { a: { presence: 'protected' } } }, [], 0],
    ['a protected group', { memberships: { a: leaves, b: joins }, group: { presence: 'protected' } }, [], 0],
    [
      'a group that is deleted, with a leaver',
      {
        memberships: { a: stays, b: leaves, c: stays },
        users: { c: { presence: 'absent', action: 'deactivate' } },
        group: { presence: 'absent', action: 'delete' },
      },
      [],
      2,
    ],
    ['a group that is emptied', { memberships: { a: stays, b: joins }, group: { presence: 'emptied' } }, ['-a +'], 1],
    [
      'in doubt, desired: sent again',
      { memberships: { a: { isDesired: true, isKnown: true, isInDoubt: true } } },
      ['- +a'],
      0,
    ],
    ['in doubt, not desired: removed', { memberships: { a: { isInDoubt: true } } }, ['-a +'], 1],
    [
      'in doubt, of a user without an account',
      { memberships: { a: { isInDoubt: true } }, users: { a: { isKnown: false, presence: 'absent' } } },
      [],
      0,
    ],
    [
      'more members than a request may change',
      { memberships: { a: joins, b: joins, c: joins }, profile: { limits: { membersPerRequest: 2 } } },
      ['- +ab', '- +c'],
      0,
    ],
  ])('%s', async (_, given, operations, ended) => {
    expect(await planned(given)).toMatchObject({ operations, ended, notes: 0 });
  });

  test.each<[string, Given, readonly string[], number]>([
    ['one place is free', { memberships: { a: joins, b: joins }, memberCount: 2 }, ['- +a'], 1],
    ['none is free', { memberships: { a: joins }, memberCount: 3 }, [], 1],
    ['a place becomes free', { memberships: { a: joins, b: leaves }, memberCount: 3 }, ['-b +a'], 0],
    ['it has too many already', { memberships: { a: joins, b: leaves }, memberCount: 5 }, ['-b +'], 1],
    [
      'a member that is sent again needs no further place',
      { memberships: { a: { ...stays, isInDoubt: true } }, memberCount: 3 },
      ['- +a'],
      0,
    ],
  ])('at most three: %s', async (_, given, operations, notes) => {
    const limited = { ...given, profile: { limits: { membersPerGroup: 3 } } };
    expect(await planned(limited)).toMatchObject({ operations, notes });
  });
});

describe('the cause of a change', () => {
  test.each<[string, Given, string | undefined, number]>([
    ['by itself', { memberships: { a: leaves } }, undefined, 0],
    ['of a leaver', { memberships: { a: stays }, users: { a: { presence: 'absent' } } }, 'leaver', 0],
    ['of an emptied group', { memberships: { a: stays }, group: { presence: 'emptied' } }, 'emptied', 1],
    [
      'of a leaver in an emptied group',
      { memberships: { a: stays }, users: { a: { presence: 'absent' } }, group: { presence: 'emptied' } },
      'leaver',
      0,
    ],
    ['of a joiner', { memberships: { a: joins }, users: { a: { isKnown: false, action: 'create' } } }, 'joiner', 0],
    [
      'of an account that was missing',
      { memberships: { a: joins }, users: { a: { action: 'recreate' } } },
      'recreated',
      0,
    ],
    ['of a returning user', { memberships: { a: joins }, users: { a: { action: 'reactivate' } } }, 'returning', 0],
  ])('%s', async (_, given, cause, emptied) => {
    expect(await planned(given)).toMatchObject({ causes: [cause], emptied });
  });
});
