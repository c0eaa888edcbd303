import type { GuardCode } from '../../model/error-codes.ts';
import type { ChangeKind, HeldPart, Known, LimitName } from '../../model/plan.ts';

/**
 * Up to which number a percentage never holds, beside the configured floor.
 *
 *     half           at most half of what is known, so that a floor of 10 does not let ten of ten people through;
 *                    one change is always possible, also at a target that holds one person
 *     halfOrPair     the same, and a pair is always possible: two names that are exchanged are two changes
 *     halfOrFive     the same, and five are always possible: an attribute that decides no access changes for all of a
 *                    small team when its manager does, and a small target grows by a few people
 *     plain          the floor as configured, until the first load has ended
 *     onePerPerson   at least one for each person: a new group of all people is no mass change
 *     perPersonToFifty  the same for up to fifty people: groups of a small target fill up in a day
 */
export type FloorRule = 'half' | 'halfOrPair' | 'halfOrFive' | 'plain' | 'onePerPerson' | 'perPersonToFifty';

/** One limit of the guard: what it counts, of what, and how a violation is reported. */
export interface GuardRule {
  readonly kind: ChangeKind;
  readonly code: GuardCode;
  readonly limit: LimitName;
  readonly part: HeldPart;
  /** Kinds that count together with this one: an account that is removed and one that is missing are both lost. */
  readonly together?: ChangeKind;
  /**
   * How many there are to change. `recent`: the changes of the window, which were there when it began, or were not.
   */
  readonly known: (known: Known, recent: number) => number;
  readonly floorRule: FloorRule;
  /** Whether the first load of a target is exempt. */
  readonly isFreeInFirstLoad: boolean;
  /** Whether `--allow-removals` approves it. */
  readonly isRemoval: boolean;
  /** For `check` and the documentation: what is limited. */
  readonly noun: string;
  /** "would deactivate or delete 12 of 100 people". */
  readonly clause: (planned: number, known: number, subject: string) => string;
}

const people = (count: number): string => `${count} ${count === 1 ? 'person' : 'people'}`;

/** The limits of the guard, in the order in which violations are reported. */
export const guardRules: readonly GuardRule[] = [
  {
    kind: 'usersRemoved',
    code: 'guard.userRemovals',
    limit: 'maxRemovals',
    part: 'removals',
    together: 'usersMissing',
    known: ({ activeUsers }, recent) => activeUsers + recent,
    floorRule: 'half',
    isFreeInFirstLoad: false,
    isRemoval: true,
    noun: 'people deactivated, deleted or missing at the target',
    clause: (planned, known) => `would deactivate or delete ${planned} of ${people(known)}`,
  },
  {
    kind: 'groupsRemoved',
    code: 'guard.groupRemovals',
    limit: 'maxGroupRemovals',
    part: 'removals',
    together: 'groupsMissing',
    known: ({ groups }, recent) => groups + recent,
    floorRule: 'half',
    isFreeInFirstLoad: false,
    isRemoval: true,
    noun: 'groups emptied, deleted or missing at the target',
    clause: (planned, known) => `would empty or delete ${planned} of ${known} groups`,
  },
  {
    kind: 'membershipsRemoved',
    code: 'guard.membershipRemovals',
    limit: 'maxMembershipRemovals',
    part: 'removals',
    known: ({ memberships }, recent) => memberships + recent,
    floorRule: 'half',
    isFreeInFirstLoad: false,
    isRemoval: true,
    noun: 'memberships that end, those of emptied and deleted groups included',
    clause: (planned, known) => `would end ${planned} of ${known} memberships`,
  },
  {
    kind: 'usersMissing',
    code: 'guard.recreations',
    limit: 'maxRemovals',
    part: 'recreations',
    together: 'usersRemoved',
    known: ({ activeUsers }, recent) => activeUsers + recent,
    floorRule: 'half',
    isFreeInFirstLoad: false,
    isRemoval: true,
    noun: 'people missing at the target, who would be created again',
    clause: (planned, known) => `${planned} of ${known} people are missing at the target and would be created again`,
  },
  {
    kind: 'groupsMissing',
    code: 'guard.recreations',
    limit: 'maxGroupRemovals',
    part: 'recreations',
    together: 'groupsRemoved',
    known: ({ groups }, recent) => groups + recent,
    floorRule: 'half',
    isFreeInFirstLoad: false,
    isRemoval: true,
    noun: 'groups missing at the target, which would be created again',
    clause: (planned, known) => `${planned} of ${known} groups are missing at the target and would be created again`,
  },
  {
    kind: 'usersCreated',
    code: 'guard.creates',
    limit: 'maxCreates',
    part: 'creates',
    known: ({ users }, recent) => Math.max(0, users - recent),
    floorRule: 'halfOrFive',
    isFreeInFirstLoad: true,
    isRemoval: false,
    noun: 'people created after the first load',
    clause: (planned, known) => `would create ${people(planned)} at a target that holds ${known}`,
  },
  {
    kind: 'usersReactivated',
    code: 'guard.reactivations',
    limit: 'maxReactivations',
    part: 'reactivations',
    known: ({ users, activeUsers }, recent) => users - activeUsers + recent,
    floorRule: 'half',
    isFreeInFirstLoad: true,
    isRemoval: false,
    noun: 'people whose deactivated account is activated again',
    clause: (planned, known) => `would reactivate ${planned} of ${known} deactivated people`,
  },
  {
    kind: 'usersRenamed',
    code: 'guard.renames',
    limit: 'maxRenames',
    part: 'renames',
    known: ({ activeUsers }) => activeUsers,
    floorRule: 'halfOrPair',
    isFreeInFirstLoad: false,
    isRemoval: false,
    noun: 'people whose userName, e-mail or active changes',
    clause: (planned, known) => `would change userName or e-mail of ${planned} of ${people(known)}`,
  },
  {
    kind: 'attributeChanged',
    code: 'guard.attributeChanges',
    limit: 'maxAttributeChanges',
    part: 'attributes',
    known: ({ activeUsers }) => activeUsers,
    floorRule: 'halfOrFive',
    isFreeInFirstLoad: true,
    isRemoval: false,
    noun: 'people for whom one and the same attribute changes',
    clause: (planned, known, subject) => `would change ${subject} of ${planned} of ${people(known)}`,
  },
  {
    kind: 'membershipsAdded',
    code: 'guard.membershipAdditions',
    limit: 'maxMembershipAdditions',
    part: 'memberships',
    known: ({ memberships }, recent) => Math.max(0, memberships - recent),
    floorRule: 'perPersonToFifty',
    isFreeInFirstLoad: true,
    isRemoval: false,
    noun: 'people with an account added to groups that the target holds',
    clause: (planned, known) => `would add ${planned} memberships at a target that holds ${known}`,
  },
  {
    kind: 'newGroupMemberships',
    code: 'guard.membershipAdditions',
    limit: 'maxMembershipAdditions',
    part: 'memberships',
    known: ({ memberships }, recent) => Math.max(0, memberships - recent),
    floorRule: 'onePerPerson',
    isFreeInFirstLoad: true,
    isRemoval: false,
    noun: 'people with an account added to new groups',
    clause: (planned, known) =>
      `would add ${planned} members to new groups at a target that holds ${known} memberships`,
  },
  {
    kind: 'groupsRenamed',
    code: 'guard.groupRenames',
    limit: 'maxGroupRenames',
    part: 'groupRenames',
    known: ({ groups }) => groups,
    floorRule: 'halfOrPair',
    isFreeInFirstLoad: false,
    isRemoval: false,
    noun: 'groups renamed',
    clause: (planned, known) => `would rename ${planned} of ${known} groups`,
  },
];
