import { expect, test } from '@jest/globals';
import { copyTarget, type CopiedTarget, type CopyDeps } from '../../../src/cli/rehearsal/copy-target.ts';
import { notPlayed } from '../../../src/cli/rehearsal/rehearsal-text.ts';
import type { MappingConfig, TargetConfig } from '../../../src/config/config.ts';
import { remoteId, sourceKey, type RemoteId } from '../../../src/model/ids.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import type { Complex } from '../../../src/sandbox/resources/resource.ts';
import { createSandbox, type InProcessSandbox } from '../../../src/sandbox/sandbox.ts';
import { realClock } from '../../../src/cli/clock.ts';
import { profileWith, type ProfileOverrides } from '../../world/profile.ts';

interface Application {
  readonly users?: readonly Complex[];
  readonly groups?: readonly Complex[];
  /** Groups as a GET of one shows them. */
  readonly byId?: Readonly<Record<string, Complex>>;
  readonly listing?: { readonly complete: boolean; readonly detail?: string };
  readonly profile?: ProfileOverrides;
  readonly mapping?: MappingConfig;
}

interface Known {
  readonly accounts?: readonly KnownState[];
  /** Ids of the members of each group, by key. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
}

const account = (resourceType: ResourceType, id: string, changes: Partial<KnownState> = {}): KnownState => ({
  resourceType,
  key: sourceKey(`key-${id}`),
  remoteId: remoteId(id),
  body: { userName: `name-${id}` },
  active: true,
  origin: 'created',
  ...changes,
});

/** Copies an application of which the state knows something. */
async function copyOf(
  application: Application,
  known: Known = {},
  hasRoom = true,
): Promise<{ readonly copied: CopiedTarget; readonly double: InProcessSandbox; readonly reads: readonly string[] }> {
  const { users = [], groups = [], byId = {}, listing = { complete: true }, mapping = {} } = application;
  const { accounts = [], members = {} } = known;
  const profile = profileWith(application.profile);
  const double = createSandbox({ clock: realClock, random: () => 0.5, token: 'tok', profile });
  const reads: string[] = [];
  const listed = new Set<RemoteId>();
  const page = (rows: readonly Complex[]) => rows.map((json) => ({ remoteId: remoteId(String(json['id'])), json }));
  const deps = {
    double,
    hasRoom: () => hasRoom,
    reader: {
      async *list(resourceType: ResourceType) {
        yield page(resourceType === 'User' ? users : groups);
        return { ...listing, requests: 1 };
      },
      async get(_: ResourceType, id: RemoteId) {
        reads.push(id);
        const json = byId[id];
        return json === undefined ? undefined : { remoteId: id, json };
      },
    },
    known: {
      target: {
        known: (_: ResourceType, key: string) => accounts.find((one) => one.key === key),
        drift: {
          knownByIds: (resourceType: ResourceType, ids: readonly RemoteId[]) =>
            new Map(
              accounts
                .filter((one) => one.resourceType === resourceType && ids.includes(one.remoteId))
                .map((one) => [one.remoteId, one]),
            ),
        },
        listingCache: {
          clear: async () => listed.clear(),
          add: async (_: ResourceType, rows: readonly { readonly remoteId: RemoteId }[]) =>
            rows.forEach((row) => listed.add(row.remoteId)),
          unlisted: async () => ({
            page: accounts.filter((one) => one.resourceType === 'User' && !listed.has(one.remoteId)),
            next: undefined,
          }),
        },
      },
      serving: {
        membersOf: async (key: string) => ({
          members: (members[key] ?? []).map((id) => ({ id: remoteId(id) })),
          names: new Map(),
        }),
      },
    },
  } as unknown as CopyDeps;
  const target = { name: 'app', profile, mapping: { user: mapping, group: {} } } as unknown as TargetConfig;
  const copied = await copyTarget(deps, target, new AbortController().signal);
  return { copied, double, reads };
}

const userOf = (double: InProcessSandbox, id: string): unknown =>
  [...double.stored('User')].find((one) => one.id === id);

const membersOf = (double: InProcessSandbox, id: string): unknown =>
  ([...double.stored('Group')].find((one) => one.id === id)?.['members'] as Complex[] | undefined)?.map(
    ({ value }) => value,
  );

test('inactive users that a list omits come from the state; active ones are missing', async () => {
  const known = {
    accounts: [
      account('User', 'u2', {
        active: false,
        body: { userName: 'bob', 'name.givenName': 'Bob', [managerPath]: 'key-u1' },
        version: 'W/"5"',
      }),
      account('User', 'u3'),
      account('User', 'u1'),
    ],
  };
  const users = [{ id: 'u1', userName: 'ada' }];
  const hidden = await copyOf({ users, profile: { protocol: { inactiveUsers: 'notFound' } } }, known);
  expect(hidden.copied).toMatchObject({ users: 2, fromState: { users: 1, memberships: 0 } });
  expect(userOf(hidden.double, 'u2')).toMatchObject({
    userName: 'bob',
    active: false,
    name: { givenName: 'Bob' },
    [managerPath.slice(0, managerPath.lastIndexOf(':'))]: { manager: { value: 'u1' } },
    meta: { version: 'W/"5"' },
  });
  const shown = await copyOf({ users }, known);
  expect(shown.copied).toMatchObject({ users: 1, fromState: { users: 0 } });
});

test('inactive users that are shown without names come from the state', async () => {
  const { double, copied } = await copyOf(
    {
      users: [
        { id: 'u1', userName: 'a1b2', active: false },
        { id: 'u2', userName: 'c3d4', active: false },
      ],
      profile: { protocol: { inactiveUsers: 'anonymised' } },
    },
    { accounts: [account('User', 'u1', { active: false, body: { userName: 'ada' } })] },
  );
  expect(copied).toMatchObject({ users: 2, fromState: { users: 1 } });
  expect(userOf(double, 'u1')).toMatchObject({ userName: 'ada', active: false });
  expect(userOf(double, 'u2')).toMatchObject({ userName: 'c3d4', active: false });
});

test('groups whose members no list shows are read one by one', async () => {
  const { double, reads } = await copyOf({
    groups: [
      { id: 'g1', displayName: 'A' },
      { id: 'g2', displayName: 'B' },
    ],
    byId: { g1: { displayName: 'A', members: [{ value: 'u1' }] }, g2: { displayName: 'B' } },
  });
  expect(reads).toEqual(['g1', 'g2']);
  expect(membersOf(double, 'g1')).toEqual(['u1']);
});

test('where lists show members, a group without members is not read again, and gets none from the state', async () => {
  const known = {
    accounts: [account('Group', 'g1'), account('Group', 'g2')],
    members: { 'key-g1': ['u9'], 'key-g2': ['u9'] },
  };
  const groups = [
    { id: 'g1', displayName: 'A', members: [{ value: 'u1' }] },
    { id: 'g2', displayName: 'B' },
  ];
  const { double, reads, copied } = await copyOf({ groups }, known);
  expect(reads).toEqual([]);
  expect([membersOf(double, 'g1'), membersOf(double, 'g2')]).toEqual([['u1'], undefined]);
  expect(copied).toMatchObject({ groups: 2, memberships: 1, fromState: { memberships: 0 } });
});

test('members come from the state where a list of them may be cut, or is never shown', async () => {
  const cut = Array.from({ length: 100 }, (_, at) => ({ value: `u${at}` }));
  const known = { accounts: [account('Group', 'g1')], members: { 'key-g1': ['u1', 'u777'] } };
  const groups = [
    { id: 'g1', displayName: 'A', members: cut },
    { id: 'g2', displayName: 'B', members: cut },
  ];
  const long = await copyOf({ groups }, known);
  expect(long.copied).toMatchObject({ memberships: 201, fromState: { memberships: 1 } });
  expect(membersOf(long.double, 'g1')).toContain('u777');
  const hidden = await copyOf(
    { groups: [{ id: 'g1', displayName: 'A' }], profile: { protocol: { returnsMembers: false } } },
    known,
  );
  expect(hidden.reads).toEqual([]);
  expect(membersOf(hidden.double, 'g1')).toEqual(['u1', 'u777']);
});

test.each<[string, Application, boolean, string, string]>([
  [
    'an incomplete list',
    { listing: { complete: false, detail: 'it ended after 3 of 9' } },
    true,
    'rehearsal.incomplete',
    'it ended after 3 of 9',
  ],
  [
    'a group that cannot be read',
    { groups: [{ id: 'g1', displayName: 'A' }] },
    true,
    'rehearsal.incomplete',
    'the group g1 is listed',
  ],
  ['no room', { users: [{ id: 'u1', userName: 'ada' }] }, false, 'rehearsal.tooLarge', 'max-old-space-size'],
])('%s ends the copy', async (_, application, hasRoom, code, part) => {
  await expect(copyOf(application, {}, hasRoom)).rejects.toMatchObject({
    code,
    exitCode: 1,
    message: expect.stringContaining(part),
  });
});

test('paths that no account has are named, unless an RFC defines them', async () => {
  const { copied } = await copyOf({
    users: [{ id: 'u1', userName: 'ada', floor: 3 }],
    mapping: {
      'emails[type eq "work"].value': 'user.mail',
      floor: 'user.floor',
      colour: 'user.colour',
      'doors[type eq "main"].value': 'user.door',
      'urn:x:y:User:badge': 'user.badge',
      size: null,
      [managerPath]: 'user.manager',
    },
  });
  expect(copied.unknownPaths).toEqual(['colour', 'doors[type eq "main"].value', 'urn:x:y:User:badge']);
});

test('what a double cannot play is named', () => {
  const profile = { ...profileWith({ protocol: { refusedUsers: 'notFound' } }), misbehaviours: [1, 71] };
  const { requestsPerSecond } = profile.limits;
  expect(notPlayed({ profile }, { unknownPaths: ['colour'] }, false)).toEqual([
    `its pace of ${requestsPerSecond} requests per second: the double answers at once`,
    '404 for a user whose update it refused',
    expect.stringMatching(/^misbehaviour 71: /),
    'whether it stores colour: no account there has it, and the double stores it',
  ]);
  expect(notPlayed({ profile: profileWith() }, { unknownPaths: [] }, true)).toEqual([]);
});
