import { describe, expect, test } from '@jest/globals';
import { createConfigurableApplication } from './configurable-application.ts';
import { runProbe } from './run-probe.ts';
import type { ServerBehaviour } from './server-behaviour.ts';

/** What the probe detects at an application that follows the RFCs, and at each of the others too. */
const usualSettings = { protocol: { deletionEndsMemberships: true } };
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type SettingsSection = Readonly<Record<string, unknown>>;
interface ExpectedSettings {
  readonly supports?: SettingsSection;
  readonly protocol?: SettingsSection;
  readonly limits?: SettingsSection;
}

const cases: readonly (readonly [string, ServerBehaviour, ExpectedSettings])[] = [
  ['follows the RFCs', {}, {}],
  [
    'requires emails and displayName',
    { requires: ['emails', 'displayName'] },
    { supports: { requiredAttributes: ['userName', 'emails', 'displayName'] } },
  ],
  ['refuses timezone', { rejects: ['timezone'] }, { supports: { unsupportedAttributes: ['timezone'] } }],
  [
    'refuses two attributes that are not adjacent',
    { rejects: ['nickName', 'locale'] },
    { supports: { unsupportedAttributes: ['nickName', 'locale'] } },
  ],
  ['ignores title', { drops: ['title'] }, { supports: { unsupportedAttributes: ['title'] } }],
  ['ignores the enterprise extension', { drops: [enterprise] }, { supports: { enterpriseSchema: null } }],
  ['stores userName in lower case', { lowercases: true }, { supports: { caseInsensitive: ['userName'] } }],
  [
    'reports a conflict as 400',
    { conflict: { status: 400, detail: 'User already exists' } },
    { protocol: { conflictStatuses: [409, 400], conflictMessages: ['already exists'] } },
  ],
  [
    'reports a conflict as 429',
    { conflict: { status: 429, detail: 'User Already Exists' } },
    { protocol: { conflictStatuses: [409, 429], conflictMessages: ['already exists'] } },
  ],
  [
    'filters by userName only',
    { filters: ['userName', 'displayName'] },
    { protocol: { matchUsers: ['userName'], matchGroups: ['displayName'] } },
  ],
  [
    'filters by userName whichever attribute the filter names',
    { filters: 'nameless' },
    { protocol: { matchUsers: ['userName'], matchGroups: ['displayName'] } },
  ],
  ['ignores filters', { filters: 'ignored' }, {}],
  ['answers 404 to a filter without match', { emptySearchStatus: 404 }, {}],
  ['lists by cursor', { listing: 'cursor' }, { protocol: { listing: 'cursor' } }],
  ['lists all users on one page', { listing: 'single' }, { protocol: { listing: 'single' } }],
  ['refuses a listing without filter', { listing: 'refused' }, { protocol: { listing: 'unreliable' } }],
  ['has no ServiceProviderConfig', { discovery: 'none' }, { protocol: { discovery: 'off' } }],
  [
    'serves ServiceProviderConfigs',
    { discovery: 'plural' },
    { protocol: { endpoints: { users: '/Users', groups: '/Groups', discovery: '/ServiceProviderConfigs' } } },
  ],
  [
    'announces no PATCH and supports it',
    { discovery: { patch: { supported: false } } },
    { protocol: { update: 'patch' } },
  ],
  ['supports op in title case only', { patch: { op: 'title' } }, { protocol: { patchOps: 'title' } }],
  ['ignores op in title case', { patch: { op: 'lower' } }, {}],
  [
    'supports nested PATCH only, and no PUT',
    { put: 'none', patch: { forms: ['nested'] } },
    { protocol: { patchPaths: 'nested' } },
  ],
  [
    'supports nested PATCH with op in title case only, and no PUT',
    { put: 'none', patch: { op: 'title', forms: ['nested'] } },
    { protocol: { patchOps: 'title', patchPaths: 'nested' } },
  ],
  [
    'supports dotted keys only, and no PUT',
    { put: 'none', patch: { forms: ['dotted'] } },
    { protocol: { patchPaths: 'dotted' } },
  ],
  ['refuses value paths', { patch: { valuePaths: false } }, { protocol: { valuePaths: false } }],
  [
    'supports less by PATCH than by PUT',
    { patch: { forms: ['nested'] } },
    { protocol: { patchPaths: 'nested', update: 'getThenPut', updateGroups: 'patch' } },
  ],
  [
    'updates displayName, and no other attribute',
    { put: 'none', immutable: ['title', 'userName', 'name', enterprise] },
    { supports: { immutableAttributes: ['userName'] } },
  ],
  ['ignores updates of userName', { immutable: ['userName'] }, { supports: { immutableAttributes: ['userName'] } }],
  [
    'refuses updates of userName with mutability',
    { userNameRefusal: { scimType: 'mutability', detail: 'no' } },
    { supports: { immutableAttributes: ['userName'] } },
  ],
  [
    'ignores updates of userName and active by PATCH',
    { inactive: { deactivatedBy: 'put' }, patch: { immutable: ['userName'] } },
    { protocol: { update: 'getThenPut', updateGroups: 'patch' } },
  ],
  [
    'refuses the value of the new userName',
    { userNameRefusal: { scimType: 'invalidValue', detail: 'no such address' } },
    {},
  ],
  [
    'updates active, and no other attribute',
    {
      put: 'none',
      immutable: ['title', 'displayName', 'nickName', 'externalId', 'userName', 'name', 'emails', enterprise],
    },
    { supports: { immutableAttributes: ['userName'] } },
  ],
  [
    'accepts two operations in a PATCH',
    { patch: { maxOperations: 2 } },
    { limits: { operationsPerPatch: 2, removalsPerRequest: 2 } },
  ],
  [
    'has no PATCH, and a PUT that removes omitted attributes',
    { patch: 'none' },
    { protocol: { update: 'getThenPut' } },
  ],
  [
    'has no PATCH, and a PUT that keeps omitted attributes',
    { patch: 'none', put: 'merges' },
    { protocol: { update: 'put' } },
  ],
  ['has no PUT', { put: 'none' }, {}],
  ['expects booleans as strings', { booleans: 'text' }, { protocol: { booleans: 'titleText' } }],
  ['answers 404 for inactive users', { inactive: { read: 'notFound' } }, { protocol: { inactiveUsers: 'notFound' } }],
  ['anonymises inactive users', { inactive: { read: 'anonymised' } }, { protocol: { inactiveUsers: 'anonymised' } }],
  [
    'deactivates by PUT only',
    { inactive: { deactivatedBy: 'put' } },
    { protocol: { update: 'getThenPut', updateGroups: 'patch' } },
  ],
  [
    'refuses updates of inactive users',
    { inactive: { writable: false } },
    { protocol: { inactiveUsersWritable: false } },
  ],
  ['reactivates by PUT only', { inactive: { reactivation: 'put' } }, { protocol: { reactivation: 'put' } }],
  ['reactivates by POST only', { inactive: { reactivation: 'create' } }, { protocol: { reactivation: 'create' } }],
  ['never reactivates', { inactive: { reactivation: 'never' } }, { protocol: { reactivation: 'never' } }],
  ['has no groups', { groups: 'none' }, { supports: { groups: false }, protocol: { deletionEndsMemberships: false } }],
  [
    'has read-only groups',
    { groups: 'readOnly' },
    { supports: { groupsReadOnly: true }, protocol: { deletionEndsMemberships: false } },
  ],
  ['refuses updates of a group’s displayName', { groups: 'nameImmutable' }, { supports: { groupNameImmutable: true } }],
  ['adds members as an object', { members: { add: 'object' } }, { protocol: { addMembers: 'object' } }],
  ['adds members without a path', { members: { add: 'noPath' } }, { protocol: { addMembers: 'noPath' } }],
  [
    'ignores members without a type',
    { members: { add: 'typed' } },
    { protocol: { memberSubAttributes: ['display', 'type'] } },
  ],
  ['removes members by a list of values', { members: { remove: 'list' } }, { protocol: { removeMembers: 'list' } }],
  [
    'returns members if the query asks for them',
    { members: { shown: 'attributes' } },
    { protocol: { groupReadQuery: { attributes: 'members' } } },
  ],
  [
    'never returns members',
    { members: { shown: 'never' } },
    { protocol: { returnsMembers: false, deletionEndsMemberships: false } },
  ],
  ['accepts one member in a request', { members: { maxPerRequest: 1 } }, { limits: { membersPerRequest: 1 } }],
  [
    'refuses to add and remove members in one request',
    { members: { addAndRemoveTogether: false } },
    { limits: { addAndRemoveTogether: false } },
  ],
  [
    'removes the other members when one is added',
    { members: { addReplaces: ['list', 'object', 'noPath'] } },
    { protocol: { addMembers: 'replace' } },
  ],
  [
    'removes the other members when one is added, unless without a path',
    { members: { addReplaces: ['list', 'object'] } },
    { protocol: { addMembers: 'noPath' } },
  ],
  ['ignores members in PATCH', { members: { ignores: 'patch' } }, { protocol: { updateGroups: 'getThenPut' } }],
  [
    'ignores members in every request',
    { members: { ignores: 'all' } },
    { protocol: { deletionEndsMemberships: false } },
  ],
  ['renames groups by PUT only', { groups: 'putRenames' }, { protocol: { updateGroups: 'getThenPut' } }],
  [
    'renames groups by PUT only, and changes members by PATCH only',
    { groups: 'putRenames', put: 'keepsMembers' },
    { supports: { groupNameImmutable: true }, protocol: { updateGroups: 'patch' } },
  ],
  [
    'executes every method inside Bulk',
    { bulk: ['POST', 'PUT', 'PATCH', 'DELETE'] },
    { protocol: { bulk: 'offered' } },
  ],
  [
    'ignores PATCH inside Bulk',
    { bulk: ['POST', 'PUT', 'DELETE'] },
    { protocol: { bulk: 'offered', bulkMethods: ['POST', 'PUT', 'DELETE'] } },
  ],
  [
    'ignores PUT and DELETE inside Bulk',
    { bulk: ['POST', 'PATCH'] },
    { protocol: { bulk: 'offered', bulkMethods: ['POST', 'PATCH'] } },
  ],
  [
    'ignores POST inside Bulk',
    { bulk: ['PUT', 'PATCH', 'DELETE'] },
    { protocol: { bulk: 'offered', bulkMethods: ['PUT', 'PATCH', 'DELETE'] } },
  ],
  ['ignores all operations inside Bulk', { bulk: [] }, {}],
  ['gives a reactivated user another id', { inactive: { newId: 'shown' } }, {}],
  ['gives a reactivated user another id, and does not show it', { inactive: { newId: 'hidden' } }, {}],
  [
    'fails at the first DELETE of each resource',
    { deletion: 'failsOnce' },
    { protocol: { deletionEndsMemberships: false } },
  ],
  ['ignores unknown members', { members: { unknown: 'dropped' } }, { protocol: { verifyWrites: 'members' } }],
  ['stores unknown members', { members: { unknown: 'stored' } }, {}],
  [
    'keeps memberships of deleted users',
    { members: { surviveDeletion: true } },
    { protocol: { deletionEndsMemberships: false } },
  ],
];

describe('an application that', () => {
  test.each(cases)('%s', async (_, behaviour, { supports = {}, protocol = {}, limits = {} }) => {
    const application = createConfigurableApplication(behaviour);
    const probed = await runProbe(application);
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
    expect([...application.users.values()].map((user) => user['userName'])).toEqual([]);
    expect([...application.groups.values()].map((group) => group['displayName'])).toEqual([]);
  });
});
