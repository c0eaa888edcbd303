import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parsePath } from '../../../src/model/path.ts';
import { updateMethodOf, type Profile } from '../../../src/model/profile.ts';
import type { ProfileInput } from '../../../src/config/schema/profile-schema.ts';
import { readProfile, type ProfileIo } from '../../../src/config/profiles/profiles.ts';
import { profilesFolder } from '../fixtures.ts';

const real: ProfileIo = {
  readFile: (path) => readFileSync(path, 'utf8'),
  listFolder: (path) => readdirSync(path),
  profilesFolder,
};
const generic = readFileSync(`${profilesFolder}/generic.json`, 'utf8');

/** A folder with `generic` and the given profiles. */
function folder(profiles: Readonly<Record<string, unknown>>): ProfileIo {
  const files: Record<string, string> = { '/p/generic.json': generic };
  for (const [name, profile] of Object.entries(profiles))
    files[`/p/${name}.json`] = typeof profile === 'string' ? profile : JSON.stringify(profile);
  return {
    readFile: (path) => files[path] ?? '',
    listFolder: () => [...Object.keys(files).map((path) => path.slice(3)), 'README.md'],
    profilesFolder: '/p',
  };
}

/** The applications that issue 4 asks for, and what all extend. */
const expectedNames = [
  'generic',
  'workos',
  'frontegg',
  'auth0',
  'mojoauth',
  'ssojet',
  'okta',
  'entra',
  'google-cloud-identity',
  'aws-identity-center',
  'github-emu',
  'github-org',
  'gitlab',
  'slack',
  'atlassian',
  'zoom',
  'salesforce',
  'databricks',
  'snowflake',
  'datadog',
  'figma',
  'notion',
  'asana',
  'miro',
  'grafana',
  'keycloak',
  'authentik',
  'servicenow',
  '1password',
  'wso2',
  'zitadel',
  'ory-network',
  'ory-polis',
  'fusionauth',
  'clerk',
  'scalekit',
  'stytch',
  'descope',
  'launchdarkly',
  'better-auth',
  'scimmy',
  'scimgateway',
  'pingfederate',
];

/** A built-in profile with all that it inherits. */
function readComplete(name: string): Profile {
  const read = readProfile(name, real);
  if (read.kind === 'wrong') throw new Error(read.message);
  return read.profile;
}

/** As it stands in its file. */
const readBuiltIn = (name: string): ProfileInput =>
  JSON.parse(readFileSync(`${profilesFolder}/${name}.json`, 'utf8')) as ProfileInput;

/**
 * Misbehaviours that a client can only avoid with another setting than that of generic. A profile that lists one of
 * these without that setting would lead to requests that fail.
 */
const requirements: Readonly<Record<number, (profile: Profile) => boolean>> = {
  3: ({ protocol }) => !protocol.matchUsers.includes('externalId'),
  4: ({ protocol }) => !protocol.matchUsers.includes('externalId'),
  8: ({ supports }) => supports.caseInsensitive.includes('userName'),
  10: ({ protocol }) => protocol.listing === 'unreliable',
  17: ({ protocol }) => protocol.listing !== 'index',
  18: ({ protocol }) => protocol.listing === 'cursor',
  19: ({ protocol }) => protocol.listing === 'single',
  25: ({ protocol }) => protocol.update !== 'patch',
  26: ({ protocol }) => protocol.patchOps === 'lower',
  29: ({ protocol }) => protocol.patchPaths === 'always',
  31: ({ protocol }) => protocol.memberSubAttributes.includes('type'),
  32: ({ protocol }) => protocol.addMembers === 'object',
  40: ({ supports }) => supports.ignoresPunctuation.length > 0,
  43: ({ supports }) => supports.lists['emails']?.primary === true || supports.lists['emails']?.maxItems === 1,
  44: ({ supports }) => supports.lists['emails']?.maxItems === 1,
  48: ({ protocol }) => protocol.inactiveUsers === 'notFound',
  49: ({ protocol }) => protocol.inactiveUsers === 'anonymised',
  50: ({ protocol }) => protocol.deletionIsFinal,
  51: ({ protocol }) => protocol.deletion === 'deactivates',
  53: ({ protocol }) => protocol.reactivation !== 'active',
  54: ({ protocol }) => !protocol.inactiveUsersWritable,
  58: ({ protocol }) =>
    protocol.conflictStatuses.some((status) => status !== 409) && protocol.conflictMessages.length > 0,
  59: ({ protocol }) => protocol.verifyWrites !== 'never',
  62: ({ protocol }) => protocol.verifyWrites !== 'never',
  64: ({ protocol }) => !protocol.returnsMembers || Object.keys(protocol.groupReadQuery).length > 0,
  65: ({ protocol, limits }) => protocol.updateGroups === 'put' || limits.maxPatchableGroupSize !== null,
  66: ({ protocol }) => updateMethodOf(protocol, 'Group') !== 'put',
};

/**
 * Faults of one installation: an account of another customer, a token that expires or lacks a permission, a wrong
 * address, changes by administrators. They are not behaviour of the application, and an operator must act before
 * synchronisation can continue. A profile does not list them.
 */
const accidents = [47, 52, 57, 61, 72, 73, 74, 82, 86, 87, 89, 91, 92, 93, 110];

describe('built-in profiles', () => {
  const names = readdirSync(profilesFolder).map((file) => file.replace(/\.json$/, ''));

  test('is what was asked for', () => {
    expect(names.toSorted()).toEqual(expectedNames.toSorted());
  });

  test.each(names)('%s is complete, under its own name, and its paths are SCIM paths', (name) => {
    const { supports, protocol, ...profile } = readComplete(name);
    expect(profile.name).toBe(name);
    const paths = [
      ...(supports.onlyAttributes === 'all' ? [] : supports.onlyAttributes),
      ...supports.unsupportedAttributes,
      ...supports.requiredAttributes,
      ...supports.caseInsensitive,
      ...supports.ignoresPunctuation,
      ...Object.keys(supports.values),
      ...Object.keys(supports.lists),
      ...protocol.matchUsers,
      ...protocol.matchGroups,
    ];
    for (const path of paths) expect(() => parsePath(path)).not.toThrow();
    for (const attribute of Object.keys(supports.lists)) expect(parsePath(attribute)).toEqual({ attribute });
  });

  test.each(names.filter((name) => name !== 'generic'))(
    '%s states its description and support level, and repeats no setting of generic',
    (name) => {
      const written = readBuiltIn(name);
      expect(written).toMatchObject({ $schema: '../profile.schema.json', name, verifiedOn: '2026-11-23' });
      expect(written.description).toMatch(/\.$/);
      expect(written.url).toBeTruthy();
      expect(written.sources).not.toEqual([]);
      expect(written.notes).not.toEqual([]);
      expect(['documented', 'seen in code', 'untested against the vendor']).toContain(written.supportLevel);
      const base = readBuiltIn('generic');
      for (const part of ['supports', 'protocol', 'limits'] as const) {
        expect(written[part]).not.toEqual({});
        for (const [word, value] of Object.entries(written[part] ?? {}))
          expect({ [word]: value }).not.toEqual({ [word]: (base[part] as Record<string, unknown>)[word] });
      }
    },
  );

  test.each(names.filter((name) => readBuiltIn(name).supportLevel === 'untested against the vendor'))(
    '%s, of which little is known, points to probe',
    (name) => {
      expect(readBuiltIn(name).notes?.join(' ')).toContain('scimsync probe');
    },
  );

  test.each(names)('the sources of %s cover every setting and every misbehaviour', (name) => {
    const {
      sources = [],
      notes = [],
      supports = {},
      protocol = {},
      limits = {},
      misbehaviours = [],
    } = readBuiltIn(name);
    if (name === 'generic' || sources.some((source) => source.startsWith('everything: '))) return;
    const named = new Set(sources.flatMap((source) => source.split(': ')[0]?.match(/[A-Za-z]+|\d+/g) ?? []));
    expect(
      [...Object.keys({ ...supports, ...protocol, ...limits }), ...misbehaviours.map(String)].filter(
        (word) => !named.has(word),
      ),
    ).toEqual([]);
    // A setting that is a precaution and not a fact needs a note with the reason.
    if (sources.some((source) => source.includes('a caution'))) expect(notes.join(' ')).toMatch(/as a caution/i);
  });

  test.each(names)(
    '%s lists misbehaviours of the application, each once and in order, with settings that avoid them',
    (name) => {
      const profile = readComplete(name);
      expect(profile.misbehaviours).toEqual([...new Set(profile.misbehaviours)].toSorted((one, other) => one - other));
      expect(profile.misbehaviours.filter((number) => accidents.includes(number))).toEqual([]);
      expect(profile.misbehaviours.filter((number) => requirements[number]?.(profile) === false)).toEqual([]);
    },
  );

  test.each(names)('the settings of %s do not contradict each other', (name) => {
    const { supports, protocol, limits } = readComplete(name);
    expect(supports.requiredAttributes.filter((path) => supports.unsupportedAttributes.includes(path))).toEqual([]);
    if (supports.onlyAttributes !== 'all')
      expect(supports.onlyAttributes).toEqual(expect.arrayContaining(['userName', 'active']));
    expect(limits.removalsPerRequest ?? 0).toBeLessThanOrEqual(limits.membersPerRequest);
    expect(protocol.deactivation === 'delete' && protocol.deletion === 'never').toBe(false);
    expect(limits.quotas.filter(({ requests, seconds }) => requests / seconds > limits.requestsPerSecond * 2)).toEqual(
      [],
    );
  });

  test('generic follows the standard', () => {
    expect(readProfile('generic', real)).toMatchObject({
      kind: 'profile',
      profile: {
        name: 'generic',
        supports: { groups: true, onlyAttributes: 'all', unsupportedAttributes: [], caseInsensitive: [] },
        protocol: {
          update: 'auto',
          patchOps: 'lower',
          patchPaths: 'always',
          valuePaths: true,
          booleans: 'json',
          removeMembers: 'filter',
          matchUsers: ['externalId', 'userName'],
          matchGroups: ['externalId', 'displayName'],
          ifMatch: 'auto',
          conflictStatuses: [409],
          deletionEndsMemberships: false,
          contentType: 'application/scim+json',
          bulk: 'never',
        },
        limits: { requestsPerSecond: 25, concurrency: 8, membersPerRequest: 100, pageSize: 100 },
        misbehaviours: [],
      },
    });
  });
});

describe('extending', () => {
  const io = folder({
    slow: { limits: { requestsPerSecond: 2 }, supports: { unsupportedAttributes: ['title'] } },
    slower: { extends: 'slow', limits: { concurrency: 1 }, supports: { unsupportedAttributes: ['nickName'] } },
  });

  test.each([
    ['slow', { requestsPerSecond: 2, concurrency: 8 }, ['title'], 'slow'],
    ['slower', { requestsPerSecond: 2, concurrency: 1 }, ['nickName'], 'slower'],
    [
      { extends: 'slower', limits: { requestsPerSecond: 1 } },
      { requestsPerSecond: 1, concurrency: 1 },
      ['nickName'],
      'slower',
    ],
    [{ name: 'mine', extends: 'slow' }, { requestsPerSecond: 2, concurrency: 8 }, ['title'], 'mine'],
    [{}, { requestsPerSecond: 25, concurrency: 8 }, [], 'generic'],
  ])('%j', (written, limits, unsupportedAttributes, name) => {
    expect(readProfile(written, io)).toMatchObject({
      kind: 'profile',
      profile: { name, limits, supports: { unsupportedAttributes, groups: true } },
    });
  });
});

describe('invalid profiles', () => {
  test.each<[unknown, Readonly<Record<string, unknown>>, string]>([
    ['slow', {}, 'there is no profile "slow"; valid names: generic'],
    ['genric', {}, 'there is no profile "genric"; did you mean "generic"?'],
    [{ extends: 'genric' }, {}, 'there is no profile "genric"; did you mean "generic"?'],
    ['a', { a: { extends: 'b' }, b: { extends: 'a' } }, 'profile "a" extends itself: a → b → a'],
    ['a', { a: { extends: 'c' } }, 'there is no profile "c"; did you mean "a"?'],
    ['a', { a: '{,}' }, 'profile "a": line 1, column 2: expected a value'],
    [
      'a',
      { a: { protocol: { updat: 'put', ifMatch: 'no' } } },
      'profile "a": protocol.ifMatch: must be "auto", "always" or "never", is "no"; ' +
        'protocol.updat: unknown key; did you mean "update"?',
    ],
    [
      'a',
      { a: { verifiedOn: 'yesterday' } },
      'profile "a": verifiedOn: must be a date such as "2026-11-23", is "yesterday"',
    ],
  ])('%j', (written, profiles, message) => {
    expect(readProfile(written as string, folder(profiles))).toEqual({ kind: 'wrong', message });
  });

  test('generic must be complete', () => {
    const read = readProfile('generic', {
      ...folder({}),
      readFile: () =>
        JSON.stringify({
          name: 'generic',
          supports: { groups: true, unsupportedAttributes: [], caseInsensitive: [] },
          protocol: {},
          limits: {},
        }),
    });
    expect(read).toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('limits.requestsPerSecond: is missing'),
    });
  });
});

describe("an operator's own file", () => {
  const io = folder({
    slow: { supportLevel: 'documented', notes: ['slow'], auth: ['oauth2'], limits: { requestsPerSecond: 2 } },
  });
  const files: Readonly<Record<string, string>> = {
    '/etc/mine.json': '{"name":"mine","extends":"slow","limits":{"pageSize":5},"supportLevel":"probed"}',
    '/etc/broken.json': '{"name"',
  };
  const own: ProfileIo = {
    ...io,
    folder: '/etc',
    readFile: (path) => {
      const text = files[path] ?? (path.startsWith('/p/') ? io.readFile(path) : undefined);
      if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
      return text;
    },
  };

  test.each(['mine.json', './mine.json', '/etc/mine.json'])('%s', (name) => {
    expect(readProfile(name, own)).toMatchObject({
      kind: 'profile',
      profile: { name: 'mine', limits: { pageSize: 5, requestsPerSecond: 2 } },
      about: { supportLevel: 'probed', notes: ['slow'], auth: ['oauth2'] },
    });
  });

  test('the support level of the extended profile does not apply to added settings', () => {
    expect(readProfile({ extends: 'slow' }, io)).toMatchObject({ about: { notes: ['slow'] } });
    expect(readProfile({ extends: 'slow' }, io)).not.toHaveProperty('about.supportLevel');
  });

  test.each([
    ['gone.json', 'the profile /etc/gone.json cannot be read (ENOENT)'],
    ['broken.json', 'profile "broken.json": '],
  ])('%s: %s', (name, message) => {
    const read = readProfile(name, own);
    expect(read.kind === 'wrong' ? read.message : '').toContain(message);
  });
});
