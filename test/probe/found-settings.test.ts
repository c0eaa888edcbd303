import { describe, expect, jest, test } from '@jest/globals';
import { startConfigurableServer, type ServerBehaviour } from './configurable-server.ts';
import { runProbe } from './run-probe.ts';

jest.setTimeout(30_000);

/** What an application of the standard's is seen to do, here and in each of the others. */
const usualSettings = { protocol: { deletionEndsMemberships: true } };
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type SettingsSection = Readonly<Record<string, unknown>>;
interface ExpectedSettings {
  readonly supports?: SettingsSection;
  readonly protocol?: SettingsSection;
  readonly limits?: SettingsSection;
}

const cases: readonly (readonly [string, ServerBehaviour, ExpectedSettings])[] = [
  ['keeps to the standard', {}, {}],
  [
    'needs an address and a name',
    { requires: ['emails', 'displayName'] },
    { supports: { requiredAttributes: ['userName', 'emails', 'displayName'] } },
  ],
  ['refuses a time zone', { rejects: ['timezone'] }, { supports: { unsupportedAttributes: ['timezone'] } }],
  [
    'refuses two attributes far apart',
    { rejects: ['nickName', 'locale'] },
    { supports: { unsupportedAttributes: ['nickName', 'locale'] } },
  ],
  ['keeps no title', { drops: ['title'] }, { supports: { unsupportedAttributes: ['title'] } }],
  ['has no enterprise attributes', { drops: [enterprise] }, { supports: { enterpriseSchema: null } }],
  ['lowers names', { lowercases: true }, {}],
  [
    'says 400 to whoever is there',
    { conflict: { status: 400, detail: 'User already exists' } },
    { protocol: { conflictStatuses: [409, 400], conflictMessages: ['already exists'] } },
  ],
  [
    'says 429 to whoever is there',
    { conflict: { status: 429, detail: 'User Already Exists' } },
    { protocol: { conflictStatuses: [409, 429], conflictMessages: ['already exists'] } },
  ],
  [
    'searches by userName only',
    { filters: ['userName', 'displayName'] },
    { protocol: { matchUsers: ['userName'], matchGroups: ['displayName'] } },
  ],
  [
    'searches userName whatever is named',
    { filters: 'nameless' },
    { protocol: { matchUsers: ['userName'], matchGroups: ['displayName'] } },
  ],
  ['ignores filters', { filters: 'ignored' }, {}],
  ['answers 404 to a search for nobody', { emptySearchStatus: 404 }, {}],
  ['lists by cursor', { listing: 'cursor' }, { protocol: { listing: 'cursor' } }],
  ['lists everybody at once', { listing: 'single' }, { protocol: { listing: 'single' } }],
  ['lists nobody without a filter', { listing: 'refused' }, { protocol: { listing: 'unreliable' } }],
  ['says nothing of itself', { discovery: 'none' }, { protocol: { discovery: 'off' } }],
  [
    'says it in the plural',
    { discovery: 'plural' },
    { protocol: { endpoints: { users: '/Users', groups: '/Groups', discovery: '/ServiceProviderConfigs' } } },
  ],
  ['denies its PATCH', { discovery: { patch: { supported: false } } }, { protocol: { update: 'patch' } }],
  ['knows ops in title case only', { patch: { op: 'title' } }, { protocol: { patchOps: 'title' } }],
  ['ignores ops in title case', { patch: { op: 'lower' } }, {}],
  ['knows no path', { put: 'none', patch: { forms: ['nested'] } }, { protocol: { patchPaths: 'nested' } }],
  [
    'knows neither a path nor ops in lower case',
    { put: 'none', patch: { op: 'title', forms: ['nested'] } },
    { protocol: { patchOps: 'title', patchPaths: 'nested' } },
  ],
  ['knows dotted keys only', { put: 'none', patch: { forms: ['dotted'] } }, { protocol: { patchPaths: 'dotted' } }],
  ['knows no path into an element', { patch: { valuePaths: false } }, { protocol: { valuePaths: false } }],
  [
    'says with PATCH less than with PUT',
    { patch: { forms: ['nested'] } },
    { protocol: { patchPaths: 'nested', update: 'getThenPut', updateGroups: 'patch' } },
  ],
  [
    'changes a name to show, and no other attribute',
    { put: 'none', immutable: ['title', 'userName', 'name', enterprise] },
    { supports: { immutableAttributes: ['userName'] } },
  ],
  ['never changes a userName', { immutable: ['userName'] }, { supports: { immutableAttributes: ['userName'] } }],
  [
    'refuses to change a userName',
    { userNameRefusal: { scimType: 'mutability', detail: 'no' } },
    { supports: { immutableAttributes: ['userName'] } },
  ],
  [
    'never changes a userName by PATCH, by which no account is closed either',
    { inactive: { deactivatedBy: 'put' }, patch: { immutable: ['userName'] } },
    { protocol: { update: 'getThenPut', updateGroups: 'patch' } },
  ],
  [
    'refuses the new userName for what it is',
    { userNameRefusal: { scimType: 'invalidValue', detail: 'no such address' } },
    {},
  ],
  [
    'changes nothing but active',
    {
      put: 'none',
      immutable: ['title', 'displayName', 'nickName', 'externalId', 'userName', 'name', 'emails', enterprise],
    },
    { supports: { immutableAttributes: ['userName'] }, protocol: { inactiveUsersWritable: false } },
  ],
  [
    'takes two operations at a time',
    { patch: { maxOperations: 2 } },
    { limits: { operationsPerPatch: 2, removalsPerRequest: 2 } },
  ],
  ['has no PATCH, and a PUT that wipes', { patch: 'none' }, { protocol: { update: 'getThenPut' } }],
  ['has no PATCH, and a PUT that leaves the rest', { patch: 'none', put: 'merges' }, { protocol: { update: 'put' } }],
  ['has no PUT', { put: 'none' }, {}],
  ['takes truths as text', { booleans: 'text' }, { protocol: { booleans: 'titleText' } }],
  ['hides closed accounts', { inactive: { read: 'notFound' } }, { protocol: { inactiveUsers: 'notFound' } }],
  ['obscures closed accounts', { inactive: { read: 'anonymised' } }, { protocol: { inactiveUsers: 'anonymised' } }],
  [
    'closes accounts by PUT alone',
    { inactive: { deactivatedBy: 'put' } },
    { protocol: { update: 'getThenPut', updateGroups: 'patch' } },
  ],
  ['changes no closed account', { inactive: { writable: false } }, { protocol: { inactiveUsersWritable: false } }],
  ['opens accounts by PUT', { inactive: { reactivation: 'put' } }, { protocol: { reactivation: 'put' } }],
  ['opens accounts by POST', { inactive: { reactivation: 'create' } }, { protocol: { reactivation: 'create' } }],
  ['opens no account again', { inactive: { reactivation: 'never' } }, { protocol: { reactivation: 'never' } }],
  ['has no groups', { groups: 'none' }, { supports: { groups: false }, protocol: { deletionEndsMemberships: false } }],
  [
    'has groups that are made by hand',
    { groups: 'given' },
    { supports: { groupsReadOnly: true }, protocol: { deletionEndsMemberships: false } },
  ],
  ['never renames a group', { groups: 'named' }, { supports: { groupNameImmutable: true } }],
  ['takes members as an object', { members: { add: 'object' } }, { protocol: { addMembers: 'object' } }],
  ['takes members without a path', { members: { add: 'noPath' } }, { protocol: { addMembers: 'noPath' } }],
  [
    'adds only members of a type',
    { members: { add: 'typed' } },
    { protocol: { memberSubAttributes: ['display', 'type'] } },
  ],
  ['removes members by a list', { members: { remove: 'list' } }, { protocol: { removeMembers: 'list' } }],
  [
    'shows members on request',
    { members: { shown: 'attributes' } },
    { protocol: { groupReadQuery: { attributes: 'members' } } },
  ],
  [
    'never shows members',
    { members: { shown: 'never' } },
    { protocol: { returnsMembers: false, deletionEndsMemberships: false } },
  ],
  ['takes one member at a time', { members: { maxPerRequest: 1 } }, { limits: { membersPerRequest: 1 } }],
  [
    'takes adding and removing apart',
    { members: { addAndRemoveTogether: false } },
    { limits: { addAndRemoveTogether: false } },
  ],
  [
    'drops unknown members without a word',
    { members: { unknown: 'dropped' } },
    { protocol: { verifyWrites: 'members' } },
  ],
  ['keeps unknown members', { members: { unknown: 'kept' } }, {}],
  [
    'leaves memberships of the deleted',
    { members: { surviveDeletion: true } },
    { protocol: { deletionEndsMemberships: false } },
  ],
];

describe('an application that', () => {
  test.each(cases)('%s', async (_, behaviour, { supports = {}, protocol = {}, limits = {} }) => {
    await using server = await startConfigurableServer(behaviour);
    const probed = await runProbe(server.url);
    expect(probed.abortReason).toBeUndefined();
    expect(probed.remnants).toEqual([]);
    const expectedProtocol = Object.fromEntries(
      Object.entries({ ...usualSettings.protocol, ...protocol }).filter(
        ([setting, value]) => !(setting === 'deletionEndsMemberships' && value === false),
      ),
    );
    expect({
      supports: probed.written.supports ?? {},
      protocol: probed.written.protocol ?? {},
      limits: probed.written.limits ?? {},
    }).toEqual({ supports, protocol: expectedProtocol, limits });
    expect([...server.users.values()].map((user) => user['userName'])).toEqual([]);
    expect([...server.groups.values()].map((group) => group['displayName'])).toEqual([]);
  });
});
