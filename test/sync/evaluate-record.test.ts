import { describe, expect, test } from '@jest/globals';
import { compileTargetMapping } from '../../src/desired/target-mapping.ts';
import { instant, remoteId, sourceKey } from '../../src/model/ids.ts';
import type { LeaverPolicy } from '../../src/model/resource.ts';
import type { ResourceOperation } from '../../src/model/operation.ts';
import type { SourceRecord } from '../../src/model/record.ts';
import type { KnownState } from '../../src/model/resource.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import type { PlannedPresence } from '../../src/plan/membership-diff.ts';
import type { Candidate } from '../../src/store/store.ts';
import { diffOptionsOf, evaluate, type Evaluation } from '../../src/sync/evaluate-record.ts';
import { createPlannedStates } from '../../src/sync/planned-states.ts';
import { profileWith, type ProfileOverrides } from '../world/profile.ts';
import { targetSpec } from './company.ts';

const now = instant(Date.UTC(2026, 0, 5));

interface Rules {
  readonly protect?: string;
  readonly scope?: { readonly users?: string; readonly groups?: string; readonly onlyMembers?: boolean };
  readonly leavers?: Partial<LeaverPolicy>;
  readonly profile?: ProfileOverrides;
}

/** The rules of one target, compiled: users have userName and title, groups have displayName. */
function compile({ protect, scope, leavers = {}, profile: overrides }: Rules) {
  const profile = profileWith(overrides);
  const mapping = compileTargetMapping(
    {
      scope,
      protect,
      mapping: {
        user: { userName: 'user.userName', title: 'user.department' },
        group: { displayName: 'group.name' },
      },
      supports: profile.supports,
    },
    { users: ['userName', 'department'], groups: ['name'] },
  );
  return { mapping, diffOptions: diffOptionsOf({ ...targetSpec(leavers), profile }, mapping) };
}

function evaluateWith(rules: Rules, candidate: Candidate): Evaluation {
  const { mapping, diffOptions } = compile(rules);
  return evaluate(candidate, mapping, diffOptions, now);
}

const user = (userName: string, attributes: Readonly<Record<string, string>> = {}, active = true): SourceRecord => ({
  resourceType: 'User',
  key: sourceKey('u'),
  active,
  attributes: Object.fromEntries(Object.entries({ userName, ...attributes }).map(([name, value]) => [name, [value]])),
});

const group = (name: string): SourceRecord => ({
  resourceType: 'Group',
  key: sourceKey('g'),
  active: true,
  attributes: { name: [name] },
});

const account = (body: KnownState['body'], active = true): KnownState => ({
  resourceType: 'User',
  key: sourceKey('u'),
  remoteId: remoteId('r1'),
  body: { externalId: 'u', active, ...body },
  active,
  origin: 'created',
});

const knownGroup = (displayName: string): KnownState => ({
  resourceType: 'Group',
  key: sourceKey('g'),
  remoteId: remoteId('r2'),
  body: { externalId: 'g', displayName },
  active: true,
  origin: 'created',
});

const candidate = (
  record: SourceRecord | undefined,
  known: KnownState | undefined,
  resourceType: ResourceType = record?.resourceType ?? known?.resourceType ?? 'User',
): Candidate => ({
  resourceType,
  key: sourceKey(resourceType === 'User' ? 'u' : 'g'),
  record,
  known,
  isCreateInDoubt: false,
  isRequeued: false,
});

type Action = ResourceOperation['action'] | undefined;

describe('the account of a user is protected', () => {
  const root = `scim.userName == 'root'`;
  // The expression compiles, but fails for every account with a title, because the title is not a number.
  const failing = 'int(scim.title) > 3';
  test.each<[string, string, SourceRecord | undefined, KnownState | undefined, PlannedPresence, Action]>([
    // case, protect, source record, known account, presence, action that is not planned
    ['that matches and leaves', root, undefined, account({ userName: 'root' }), 'protected', 'deactivate'],
    [
      'that matches and is inactive now',
      root,
      user('root', {}, false),
      account({ userName: 'root' }),
      'protected',
      'deactivate',
    ],
    [
      'that matches and changes',
      root,
      user('root', { department: 'it' }),
      account({ userName: 'root' }),
      'protected',
      'update',
    ],
    ['that matches and loses the name', root, user('ada'), account({ userName: 'root' }), 'protected', 'update'],
    ['that would match after the change', root, user('root'), account({ userName: 'ada' }), 'protected', 'update'],
    [
      'if the expression fails for a leaver',
      failing,
      undefined,
      account({ userName: 'ada', title: 'it' }),
      'protected',
      'deactivate',
    ],
    [
      'if the expression fails for the account',
      failing,
      user('ada', { department: '9' }),
      account({ userName: 'ada', title: 'it' }),
      'protected',
      'update',
    ],
    [
      'if the expression fails for the desired body',
      failing,
      user('ada', { department: 'it' }),
      account({ userName: 'ada', title: '1' }),
      'protected',
      'update',
    ],
    [
      'but not if the expression uses a missing attribute',
      failing,
      undefined,
      account({ userName: 'ada' }),
      'absent',
      'deactivate',
    ],
    ['but not where it does not match', root, undefined, account({ userName: 'ada' }), 'absent', 'deactivate'],
    ['but not before there is one', root, user('root'), undefined, 'present', 'create'],
  ])('%s', (_, protect, record, known, presence, action) => {
    const evaluation = evaluateWith({ protect }, candidate(record, known));
    expect({ presence: evaluation.presence, action: evaluation.operation?.action }).toEqual({ presence, action });
  });
});

describe('the planned presence of a record', () => {
  const ada = account({ userName: 'ada' });
  test.each<[string, Rules, SourceRecord | undefined, KnownState | undefined, PlannedPresence, Action]>([
    ['a joiner', {}, user('ada'), undefined, 'present', 'create'],
    ['a user without a change', {}, user('ada'), ada, 'present', undefined],
    ['a mover', {}, user('ada', { department: 'it' }), ada, 'present', 'update'],
    ['a leaver', {}, undefined, ada, 'absent', 'deactivate'],
    ['a leaver who is deleted', { leavers: { action: 'delete' } }, undefined, ada, 'absent', 'delete'],
    ['a leaver who is kept', { leavers: { action: 'keep' } }, undefined, ada, 'kept', undefined],
    [
      'a leaver at a target without deletion',
      { leavers: { action: 'delete' }, profile: { protocol: { deletion: 'never' } } },
      undefined,
      ada,
      'absent',
      'deactivate',
    ],
    ['a user who is inactive in the source', {}, user('ada', {}, false), ada, 'absent', 'deactivate'],
    ['a user who is inactive and has no account', {}, user('ada', {}, false), undefined, 'absent', undefined],
    ['a user out of scope', { scope: { users: `user.userName != 'ada'` } }, user('ada'), ada, 'absent', 'deactivate'],
    [
      'a user out of scope, by the rule for it',
      { scope: { users: `user.userName != 'ada'` }, leavers: { action: 'delete', outOfScope: 'keep' } },
      user('ada'),
      ada,
      'kept',
      undefined,
    ],
    [
      'a user who left, with another rule for the scope',
      { leavers: { action: 'delete', outOfScope: 'keep' } },
      undefined,
      ada,
      'absent',
      'delete',
    ],
    ['a user who returns', {}, user('ada'), account({ userName: 'ada' }, false), 'present', 'reactivate'],
    [
      'a user who does not fit the target',
      { profile: { supports: { requiredAttributes: ['title'] } } },
      user('ada'),
      ada,
      'kept',
      undefined,
    ],
    ['a new group', {}, group('red'), undefined, 'present', 'create'],
    ['a group that left', { leavers: { groups: 'delete' } }, undefined, knownGroup('red'), 'absent', 'delete'],
    ['a group that left and is kept', { leavers: { groups: 'keep' } }, undefined, knownGroup('red'), 'kept', undefined],
    [
      'a group that left, with read-only groups',
      { profile: { supports: { groupsReadOnly: true } } },
      undefined,
      knownGroup('red'),
      'emptied',
      undefined,
    ],
    [
      'a group that left: the action for users does not apply',
      { leavers: { action: 'keep', groups: 'delete' } },
      undefined,
      knownGroup('red'),
      'absent',
      'delete',
    ],
  ])('%s', (_, rules, record, known, presence, action) => {
    const evaluation = evaluateWith(rules, candidate(record, known));
    expect({ presence: evaluation.presence, action: evaluation.operation?.action }).toEqual({ presence, action });
    expect(evaluation.isKnown).toBe(known !== undefined);
  });
});

describe('a membership that a rejected row may have ended', () => {
  const member = (...groups: readonly (readonly [name: string, isInDoubt: boolean])[]): SourceRecord => ({
    ...user('ada'),
    groups: groups.map(([name, isInDoubt]) => ({ group: group(name), isInDoubt })),
  });
  const scope = { users: `'chat' in groups` };
  const known = account({ userName: 'ada' });

  test.each<[string, SourceRecord, KnownState | undefined, string, string | undefined]>([
    ['keeps an account', member(['chat', true]), known, 'present', undefined],
    ['creates none', member(['chat', true]), undefined, 'rejected', undefined],
    ['reactivates none', member(['chat', true]), account({ userName: 'ada' }, false), 'rejected', undefined],
    [
      'does not matter beside one that is certain',
      member(['chat', false], ['x', true]),
      undefined,
      'present',
      'create',
    ],
    ['does not matter to a leaver', member(['x', true]), known, 'absent', 'deactivate'],
  ])('%s', (_, record, account, kind, action) => {
    const evaluation = evaluateWith({ scope }, candidate(record, account));
    expect([evaluation.desired.kind, evaluation.operation?.action]).toEqual([kind, action]);
  });
});

describe('the planned state of a record, for other records', () => {
  const stateOf = async (rules: Rules, one: Candidate) => {
    const { mapping, diffOptions } = compile(rules);
    const store = { candidate: async () => one } as never;
    return createPlannedStates(store, mapping, diffOptions, now).of(one.resourceType, one.key);
  };

  test.each<[string, Rules, Candidate, object]>([
    [
      'a renamed user releases the name',
      {},
      candidate(user('eve'), account({ userName: 'ada' })),
      { action: 'update', releasesName: true },
    ],
    [
      'an updated user keeps the name',
      {},
      candidate(user('ada', { department: 'it' }), account({ userName: 'ada' })),
      { action: 'update', releasesName: false },
    ],
    [
      'a leaver keeps the name',
      {},
      candidate(undefined, account({ userName: 'ada' })),
      { action: 'deactivate', releasesName: false },
    ],
    [
      'a protected account has no action',
      { protect: `scim.userName == 'ada'` },
      candidate(undefined, account({ userName: 'ada' })),
      { action: undefined, presence: 'protected', isKnown: true },
    ],
    ['a joiner is not known yet', {}, candidate(user('ada'), undefined), { action: 'create', isKnown: false }],
    [
      'a renamed group releases the name',
      {},
      candidate(group('blue'), knownGroup('red')),
      { action: 'update', releasesName: true, name: 'blue' },
    ],
    [
      'a group without a body has its key for a name',
      {},
      { ...candidate(undefined, undefined), resourceType: 'Group' },
      { action: undefined, name: 'u' },
    ],
  ])('%s', async (_, rules, one, expected) => {
    expect(await stateOf(rules, one)).toMatchObject(expected);
  });

  test('each record is read once', async () => {
    const { mapping, diffOptions } = compile({});
    let reads = 0;
    const store = { candidate: async () => ((reads += 1), candidate(user('ada'), undefined)) } as never;
    const states = createPlannedStates(store, mapping, diffOptions, now);
    await states.of('User', sourceKey('u'));
    await states.of('User', sourceKey('u'));
    await states.of('User', sourceKey('other'));
    expect(reads).toBe(2);
  });

  test('users with equal states share one object, and others do not', async () => {
    const { mapping, diffOptions } = compile({});
    const store = {
      candidate: async (_: string, key: string) =>
        key === 'leaver' ? candidate(undefined, account({ userName: 'ada' })) : candidate(user(key), undefined),
    } as never;
    const states = createPlannedStates(store, mapping, diffOptions, now);
    const [one, other, leaver] = await Promise.all(
      ['one', 'other', 'leaver'].map((key) => states.of('User', sourceKey(key))),
    );
    expect(other).toBe(one);
    expect(leaver).toMatchObject({ action: 'deactivate', isKnown: true });
  });
});
