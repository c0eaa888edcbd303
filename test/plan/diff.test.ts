import { describe, expect, test } from '@jest/globals';
import { instant, remoteId, sourceKey } from '../../src/model/ids.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import type { LeaverAction } from '../../src/model/resource.ts';
import type { FlatResource, KnownState, DesiredState } from '../../src/model/resource.ts';
import { dayMs } from '../../src/model/time.ts';
import { describeOperation } from '../../src/plan/describe.ts';
import { diff, displayName, immutableEdits, type DiffOptions } from '../../src/plan/diff.ts';

const now = instant(1_000 * dayMs);
const key = sourceKey('1');
const managed = { User: ['userName', 'displayName', 'title', 'active'], Group: ['displayName'] };

interface Given {
  readonly action?: LeaverAction;
  readonly days?: number;
  readonly groups?: 'delete' | 'keep';
  readonly caseInsensitive?: readonly string[];
  readonly paths?: readonly string[];
  readonly supports?: Partial<DiffOptions['supports']>;
  readonly configuredAction?: LeaverAction;
  readonly isFinal?: boolean;
}

function options({
  action = 'deactivate',
  days,
  groups = 'delete',
  caseInsensitive = [],
  paths,
  supports,
  configuredAction = action,
  isFinal = false,
}: Given = {}): DiffOptions {
  const leaverPolicy = { action, deleteAfterDays: days, outOfScope: undefined, groups };
  return {
    leaverPolicy,
    configuredLeaverPolicy: { ...leaverPolicy, action: configuredAction },
    deletionIsFinal: isFinal,
    paths: (resourceType) => paths ?? managed[resourceType],
    supports: {
      caseInsensitive,
      ignoresPunctuation: [],
      groupsReadOnly: false,
      groupNameImmutable: false,
      immutableAttributes: [],
      ...supports,
    },
  };
}

const ada = { userName: 'ada', active: true };
/** The key names another person now. */
const former = sourceKey('1 (former person, until 2026-11-29T09:00:00.000Z)');
const present = (body: FlatResource): DesiredState => ({ kind: 'present', body });
const left: DesiredState = { kind: 'absent', reason: 'left' };
const rejected: DesiredState = { kind: 'rejected', reason: 'too long' };
const known = (body: FlatResource, daysInactive?: number, resourceType: ResourceType = 'User'): KnownState => ({
  resourceType,
  key,
  remoteId: remoteId('r1'),
  body,
  active: daysInactive === undefined,
  origin: 'created',
  ...(daysInactive === undefined ? {} : { inactiveSince: instant(now - daysInactive * dayMs) }),
});
const off = { ...ada, active: false };

const compare = (resourceType: ResourceType, desired: DesiredState, existing: KnownState | undefined, given?: Given) =>
  diff({ resourceType, key, desired, known: existing }, options(given), now);
const describeDiff = (
  resourceType: ResourceType,
  desired: DesiredState,
  existing: KnownState | undefined,
  given?: Given,
): string => {
  const operation = compare(resourceType, desired, existing, given);
  return operation === undefined ? 'nothing' : describeOperation(operation);
};

describe('a user', () => {
  test.each<[string, DesiredState, KnownState | undefined, string, Given?]>([
    ['a joiner', present(ada), undefined, 'create user ada (1)'],
    ['no difference', present(ada), known(ada), 'nothing'],
    ['a mover', present({ ...ada, title: 'CTO' }), known(ada), 'update user ada (1): title: set "CTO"'],
    [
      'a rename',
      present({ ...ada, userName: 'countess' }),
      known(ada),
      'update user countess (1): userName "ada" → "countess"',
    ],
    [
      'an attribute without a value in the source',
      present(ada),
      known({ ...ada, title: 'CTO' }),
      'update user ada (1): title: remove "CTO"',
    ],
    [
      'a userName in another letter case',
      present({ ...ada, userName: 'Ada' }),
      known(ada),
      'update user Ada (1): userName "ada" → "Ada"',
    ],
    [
      'case that the target does not preserve',
      present({ ...ada, userName: 'Ada' }),
      known(ada),
      'nothing',
      { caseInsensitive: ['userName'] },
    ],
    ['a path that the mapping does not contain', present(ada), known({ ...ada, nickName: 'x' }), 'nothing'],
    ['returned', present(ada), known(off, 3), 'reactivate user ada (1)'],
    ['at the start date', present(ada), { ...known(off, 3), awaitsStart: true }, 'reactivate user ada (1)'],
    [
      'returned and moved',
      present({ ...ada, title: 'CTO' }),
      known(off, 3),
      'reactivate user ada (1): title: set "CTO"',
    ],
    [
      'returned, active is not mapped',
      present({ userName: 'ada' }),
      known({ userName: 'ada' }, 3),
      'reactivate user ada (1)',
      { paths: ['userName'] },
    ],
    ['back, with active: true in the known body', present(ada), known(ada, 3), 'reactivate user ada (1)'],
    [
      'active account, inactive in the known body',
      present(ada),
      known(off),
      'update user ada (1): active false → true',
    ],
    [
      'a mover whose change received no response',
      present(ada),
      { ...known(ada), inDoubt: ['title'] },
      'update user ada (1): title without a value (resend: last update was not acknowledged)',
    ],
    [
      'a user whose return received no response',
      present(ada),
      { ...known(ada), inDoubt: ['active'] },
      'update user ada (1): active true (resend: last update was not acknowledged)',
    ],
    [
      'a leaver whose return received no response',
      left,
      { ...known(off, 3), inDoubt: ['active'] },
      'deactivate user ada (1), who left the source',
    ],
    ['a leaver without an account', left, undefined, 'nothing'],
    ['a leaver', left, known(ada), 'deactivate user ada (1), who left the source'],
    [
      'an inactive user',
      { kind: 'absent', reason: 'inactive' },
      known(ada),
      'deactivate user ada (1), who is inactive in the source',
    ],
    [
      'a user out of scope',
      { kind: 'absent', reason: 'outOfScope' },
      known(ada),
      'deactivate user ada (1), who is out of scope',
    ],
    ['a leaver who is inactive already', left, known(off, 3), 'nothing'],
    ['a leaver before deleteAfterDays', left, known(off, 29), 'nothing', { days: 30 }],
    [
      'a leaver after deleteAfterDays',
      left,
      known(off, 30),
      'delete user ada (1), who left the source, and deleteAfterDays have passed',
      { days: 30 },
    ],
    [
      'a leaver who is deleted at once',
      left,
      known(ada),
      'delete user ada (1), who left the source',
      { action: 'delete' },
    ],
    [
      'an inactive leaver who is deleted at once',
      left,
      known(off, 1),
      'delete user ada (1), who left the source',
      { action: 'delete' },
    ],
    [
      'a leaver who cannot be deleted',
      left,
      known(ada),
      'deactivate user ada (1), who left the source; this application does not support deletion',
      { configuredAction: 'delete' },
    ],
    [
      'a leaver whose deletion is final',
      left,
      known(ada),
      'delete user ada (1), who left the source; this application cannot restore the account',
      { action: 'delete', isFinal: true },
    ],
    [
      'a leaver whose deletion is final, later',
      left,
      known(off, 30),
      'delete user ada (1), who left the source, and deleteAfterDays have passed; ' +
        'this application cannot restore the account',
      { days: 30, isFinal: true },
    ],
    ['a leaver who is kept', left, known(ada), 'nothing', { action: 'keep' }],
    ['rejected and unknown', rejected, undefined, 'nothing'],
    ['rejected and active', rejected, known(ada), 'nothing'],
    ['rejected and inactive', rejected, known(off, 99), 'nothing', { days: 30 }],
  ])('%s', (_, desired, existing, expected, given = {}) => {
    expect(describeDiff('User', desired, existing, given)).toBe(expected);
  });

  test('a create contains the whole body', () => {
    expect(compare('User', present(ada), undefined)).toEqual({
      action: 'create',
      resourceType: 'User',
      key,
      name: 'ada',
      reason: 'is new',
      body: ada,
    });
  });

  test('the body of an update keeps the known values of unmanaged paths only', () => {
    const existing = known({ userName: 'ada', active: true, title: 'old', nickName: 'Countess' });
    expect(compare('User', present({ ...ada, displayName: 'Ada' }), existing)).toEqual({
      action: 'update',
      resourceType: 'User',
      key,
      name: 'ada',
      reason: 'displayName, title changed',
      edits: [
        { path: 'displayName', from: null, to: 'Ada' },
        { path: 'title', from: 'old', to: null },
      ],
      body: { nickName: 'Countess', userName: 'ada', active: true, displayName: 'Ada' },
    });
  });

  test('a reactivation edits active exactly once, also without other differences', () => {
    expect(compare('User', present(ada), known(ada, 1))).toMatchObject({
      reason: 'is back',
      edits: [{ path: 'active', from: false, to: true }],
      body: ada,
    });
    expect(compare('User', present(ada), known(off, 1))).toMatchObject({
      edits: [{ path: 'active', from: false, to: true }],
    });
  });

  test('a deactivation edits active only, and uses the name known to the target', () => {
    expect(compare('User', left, known({ ...ada, title: 'CTO' }))).toEqual({
      action: 'deactivate',
      resourceType: 'User',
      key,
      name: 'ada',
      reason: 'left the source',
      edits: [{ path: 'active', from: true, to: false }],
      body: { userName: 'ada', active: false, title: 'CTO' },
    });
  });
});

describe('a group', () => {
  const team = { displayName: 'Team' };
  test.each<[string, DesiredState, KnownState | undefined, string, Given?]>([
    ['new', present(team), undefined, 'create group Team (1)'],
    ['no difference', present(team), known(team, undefined, 'Group'), 'nothing'],
    [
      'renamed',
      present({ displayName: 'Crew' }),
      known(team, undefined, 'Group'),
      'update group Crew (1): displayName "Team" → "Crew"',
    ],
    ['left', left, known(team, undefined, 'Group'), 'delete group Team (1), which left the source'],
    [
      'out of scope',
      { kind: 'absent', reason: 'outOfScope' },
      known(team, undefined, 'Group'),
      'delete group Team (1), which is out of scope',
    ],
    ['left and kept', left, known(team, undefined, 'Group'), 'nothing', { groups: 'keep' }],
    [
      'left, independent of the action for users',
      left,
      known(team, undefined, 'Group'),
      'delete group Team (1), which left the source',
      { action: 'keep' },
    ],
    ['left, without an account', left, undefined, 'nothing'],
    ['rejected', rejected, known(team, undefined, 'Group'), 'nothing'],
    ['a group is never inactive', present(team), known(team, 3, 'Group'), 'nothing'],
  ])('%s', (_, desired, existing, expected, given = {}) => {
    expect(describeDiff('Group', desired, existing, given)).toBe(expected);
  });
});

test.each<[ResourceType, FlatResource, string]>([
  ['User', { userName: 'ada', displayName: 'Ada' }, 'ada'],
  ['Group', { userName: 'ada', displayName: 'Team' }, 'Team'],
  ['User', { displayName: 'Ada' }, ''],
  ['User', { userName: 42 }, ''],
])('the display name of a %s with %j is "%s"', (resourceType, body, expected) => {
  expect(displayName(resourceType, body)).toBe(expected);
});

describe('a group whose displayName is immutable', () => {
  const named = (displayName: string): FlatResource => ({ displayName });
  test.each<[string, DesiredState, KnownState | undefined, Given, string]>([
    [
      'immutable name: renamed',
      present(named('New')),
      known(named('Old'), undefined, 'Group'),
      { supports: { groupNameImmutable: true } },
      'nothing',
    ],
    [
      'immutable name: created',
      present(named('New')),
      undefined,
      { supports: { groupNameImmutable: true } },
      'create group New (1)',
    ],
    [
      'immutable name: left',
      left,
      known(named('Old'), undefined, 'Group'),
      { supports: { groupNameImmutable: true } },
      'delete group Old (1)',
    ],
    [
      'read-only groups: renamed',
      present(named('New')),
      known(named('Old'), undefined, 'Group'),
      { supports: { groupsReadOnly: true } },
      'nothing',
    ],
    [
      'read-only groups: left',
      left,
      known(named('Old'), undefined, 'Group'),
      { supports: { groupsReadOnly: true } },
      'nothing',
    ],
  ])('%s', (_, desired, existing, given, expected) => {
    expect(describeDiff('Group', desired, existing, given)).toMatch(
      new RegExp(`^${expected.replace(/[()]/g, '\\$&')}`),
    );
  });
});

describe('a user whose userName is immutable', () => {
  const given: Given = { supports: { immutableAttributes: ['userName', 'emails'] } };
  test.each<[string, DesiredState, KnownState, string]>([
    ['renamed', present({ ...ada, userName: 'eve' }), known(ada), 'nothing'],
    [
      'renamed, and a new title',
      present({ ...ada, userName: 'eve', title: 'CTO' }),
      known(ada),
      'update user eve (1): title: set "CTO"',
    ],
  ])('%s', (_, desired, existing, expected) => expect(describeDiff('User', desired, existing, given)).toBe(expected));

  test('the body keeps immutable values, and the edits are reported', () => {
    const desired = { ...ada, userName: 'eve', title: 'CTO' };
    expect(compare('User', present(desired), known(ada), given)).toMatchObject({
      body: { userName: 'ada', title: 'CTO' },
    });
    expect(immutableEdits(known(ada), desired, options(given))).toEqual([{ path: 'userName', from: 'ada', to: 'eve' }]);
  });
});

describe('a leaver whose key names another person now gives up the externalId', () => {
  const withId = { ...ada, externalId: '1' };
  const edit = { path: 'externalId', from: '1', to: former };
  const idsOf = (existing: KnownState, given: Partial<DiffOptions> = {}): unknown => {
    const all = { ...options({ paths: ['userName', 'externalId', 'active'] }), ...given };
    const operation = diff({ resourceType: 'User', key: existing.key, desired: left, known: existing }, all, now);
    return operation === undefined || !('edits' in operation)
      ? operation?.action
      : [operation.action, operation.edits.filter(({ path }) => path === 'externalId'), operation.body['externalId']];
  };
  const named = (state: KnownState): KnownState => ({ ...state, key: former });
  const inactive = { ...withId, active: false };

  test.each<[string, unknown, unknown]>([
    ['when it is deactivated', idsOf(named(known(withId))), ['deactivate', [edit], former]],
    [
      'when it is inactive already',
      idsOf(named(known(inactive, 3)), { writesInactiveUsers: true }),
      ['update', [edit], former],
    ],
    ['not where the target changes no inactive account', idsOf(named(known(inactive, 3))), undefined],
    ['once', idsOf(named(known({ ...inactive, externalId: former }, 3)), { writesInactiveUsers: true }), undefined],
    ['not without an externalId', idsOf(named(known(ada))), ['deactivate', [], undefined]],
    ['not where the key is still the own one', idsOf(known(withId)), ['deactivate', [], '1']],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});
