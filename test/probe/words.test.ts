import { describe, expect, jest, test } from '@jest/globals';
import { oddServer, type Oddities } from './odd-server.ts';
import { probing } from './probing.ts';

jest.setTimeout(30_000);

/** What an application of the standard's is seen to do, here and in each of the others. */
const usual = { speaks: { deletionEndsMemberships: true } };
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type Part = Readonly<Record<string, unknown>>;
interface Words {
  readonly holds?: Part;
  readonly speaks?: Part;
  readonly allows?: Part;
}

const cases: readonly (readonly [string, Oddities, Words])[] = [
  ['keeps to the standard', {}, {}],
  [
    'needs an address and a name',
    { needs: ['emails', 'displayName'] },
    { holds: { needs: ['userName', 'emails', 'displayName'] } },
  ],
  ['refuses a time zone', { refuses: ['timezone'] }, { holds: { drops: ['timezone'] } }],
  [
    'refuses two attributes far apart',
    { refuses: ['nickName', 'locale'] },
    { holds: { drops: ['nickName', 'locale'] } },
  ],
  ['keeps no title', { drops: ['title'] }, { holds: { drops: ['title'] } }],
  ['has no enterprise attributes', { drops: [enterprise] }, { holds: { enterpriseSchema: null } }],
  ['lowers names', { lowerCases: true }, {}],
  [
    'says 400 to whoever is there',
    { conflict: { status: 400, detail: 'User already exists' } },
    { speaks: { conflictStatuses: [409, 400], conflictWords: ['already exists'] } },
  ],
  [
    'says 429 to whoever is there',
    { conflict: { status: 429, detail: 'User Already Exists' } },
    { speaks: { conflictStatuses: [409, 429], conflictWords: ['already exists'] } },
  ],
  [
    'searches by userName only',
    { filters: ['userName', 'displayName'] },
    { speaks: { matchUsers: ['userName'], matchGroups: ['displayName'] } },
  ],
  [
    'searches userName whatever is named',
    { filters: 'nameless' },
    { speaks: { matchUsers: ['userName'], matchGroups: ['displayName'] } },
  ],
  ['ignores filters', { filters: 'ignored' }, {}],
  ['answers 404 to a search for nobody', { noMatch: 404 }, {}],
  ['lists by cursor', { listing: 'cursor' }, { speaks: { listing: 'cursor' } }],
  ['lists everybody at once', { listing: 'whole' }, { speaks: { listing: 'whole' } }],
  ['lists nobody without a filter', { listing: 'refused' }, { speaks: { listing: 'none' } }],
  ['says nothing of itself', { discovery: 'none' }, { speaks: { discovery: 'off' } }],
  [
    'says it in the plural',
    { discovery: 'plural' },
    { speaks: { endpoints: { users: '/Users', groups: '/Groups', discovery: '/ServiceProviderConfigs' } } },
  ],
  ['denies its PATCH', { discovery: { patch: { supported: false } } }, { speaks: { update: 'patch' } }],
  ['knows ops in title case only', { patch: { op: 'title' } }, { speaks: { patchOps: 'title' } }],
  ['ignores ops in title case', { patch: { op: 'lower' } }, {}],
  ['knows no path', { put: 'none', patch: { forms: ['nested'] } }, { speaks: { patchPaths: 'nested' } }],
  [
    'knows neither a path nor ops in lower case',
    { put: 'none', patch: { op: 'title', forms: ['nested'] } },
    { speaks: { patchOps: 'title', patchPaths: 'nested' } },
  ],
  ['knows dotted keys only', { put: 'none', patch: { forms: ['dotted'] } }, { speaks: { patchPaths: 'dotted' } }],
  ['knows no path into an element', { patch: { valuePaths: false } }, { speaks: { valuePaths: false } }],
  [
    'says with PATCH less than with PUT',
    { patch: { forms: ['nested'] } },
    { speaks: { patchPaths: 'nested', update: 'getThenPut', updateGroups: 'patch' } },
  ],
  [
    'changes a name to show, and no other attribute',
    { put: 'none', stays: ['title', 'userName', 'name', enterprise] },
    { holds: { fixed: ['userName'] } },
  ],
  ['never changes a userName', { stays: ['userName'] }, { holds: { fixed: ['userName'] } }],
  [
    'refuses to change a userName',
    { fixed: { scimType: 'mutability', detail: 'no' } },
    { holds: { fixed: ['userName'] } },
  ],
  [
    'never changes a userName by PATCH, by which no account is closed either',
    { closed: { by: 'put' }, patch: { stays: ['userName'] } },
    { speaks: { update: 'getThenPut', updateGroups: 'patch' } },
  ],
  ['refuses the new userName for what it is', { fixed: { scimType: 'invalidValue', detail: 'no such address' } }, {}],
  [
    'changes nothing but active',
    {
      put: 'none',
      stays: ['title', 'displayName', 'nickName', 'externalId', 'userName', 'name', 'emails', enterprise],
    },
    { holds: { fixed: ['userName'] }, speaks: { inactiveChanges: false } },
  ],
  [
    'takes two operations at a time',
    { patch: { most: 2 } },
    { allows: { operationsPerPatch: 2, removalsPerRequest: 2 } },
  ],
  ['has no PATCH, and a PUT that wipes', { patch: 'none' }, { speaks: { update: 'getThenPut' } }],
  ['has no PATCH, and a PUT that leaves the rest', { patch: 'none', put: 'merges' }, { speaks: { update: 'put' } }],
  ['has no PUT', { put: 'none' }, {}],
  ['takes truths as text', { booleans: 'text' }, { speaks: { booleans: 'titleText' } }],
  ['hides closed accounts', { closed: { read: 'missing' } }, { speaks: { inactiveUsers: 'missing' } }],
  ['obscures closed accounts', { closed: { read: 'obscured' } }, { speaks: { inactiveUsers: 'obscured' } }],
  [
    'closes accounts by PUT alone',
    { closed: { by: 'put' } },
    { speaks: { update: 'getThenPut', updateGroups: 'patch' } },
  ],
  ['changes no closed account', { closed: { changes: false } }, { speaks: { inactiveChanges: false } }],
  ['opens accounts by PUT', { closed: { opens: 'put' } }, { speaks: { reactivation: 'put' } }],
  ['opens accounts by POST', { closed: { opens: 'create' } }, { speaks: { reactivation: 'create' } }],
  ['opens no account again', { closed: { opens: 'never' } }, { speaks: { reactivation: 'never' } }],
  ['has no groups', { groups: 'none' }, { holds: { groups: false }, speaks: { deletionEndsMemberships: false } }],
  [
    'has groups that are made by hand',
    { groups: 'given' },
    { holds: { givenGroups: true }, speaks: { deletionEndsMemberships: false } },
  ],
  ['never renames a group', { groups: 'named' }, { holds: { groupNames: 'stay' } }],
  ['takes members as an object', { members: { add: 'object' } }, { speaks: { addMembers: 'object' } }],
  ['takes members without a path', { members: { add: 'noPath' } }, { speaks: { addMembers: 'noPath' } }],
  ['adds only members of a type', { members: { add: 'typed' } }, { speaks: { memberParts: ['display', 'type'] } }],
  ['removes members by a list', { members: { remove: 'list' } }, { speaks: { removeMembers: 'list' } }],
  [
    'shows members on request',
    { members: { shown: 'attributes' } },
    { speaks: { membersQuery: { attributes: 'members' } } },
  ],
  [
    'never shows members',
    { members: { shown: 'never' } },
    { speaks: { readsMembers: false, deletionEndsMemberships: false } },
  ],
  ['takes one member at a time', { members: { most: 1 } }, { allows: { membersPerRequest: 1 } }],
  ['takes adding and removing apart', { members: { mixes: false } }, { allows: { mixesMembers: false } }],
  ['drops unknown members without a word', { members: { unknown: 'dropped' } }, { speaks: { readBack: 'members' } }],
  ['keeps unknown members', { members: { unknown: 'kept' } }, {}],
  ['leaves memberships of the deleted', { members: { stay: true } }, { speaks: { deletionEndsMemberships: false } }],
];

describe('an application that', () => {
  test.each(cases)('%s', async (_, odd, { holds = {}, speaks = {}, allows = {} }) => {
    await using server = await oddServer(odd);
    const probed = await probing(server.url);
    expect(probed.ended).toBeUndefined();
    expect(probed.remnants).toEqual([]);
    const said = Object.fromEntries(
      Object.entries({ ...usual.speaks, ...speaks }).filter(
        ([word, value]) => !(word === 'deletionEndsMemberships' && value === false),
      ),
    );
    expect({
      holds: probed.written.holds ?? {},
      speaks: probed.written.speaks ?? {},
      allows: probed.written.allows ?? {},
    }).toEqual({ holds, speaks: said, allows });
    expect([...server.users.values()].map((user) => user['userName'])).toEqual([]);
    expect([...server.groups.values()].map((group) => group['displayName'])).toEqual([]);
  });
});
