import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parsePath } from '../../src/model/path.ts';
import { updateForm, type Profile } from '../../src/model/profile.ts';
import type { WrittenProfile } from '../../src/config/profile-schema.ts';
import { readProfile, type ProfileIo } from '../../src/config/profiles.ts';
import { profilesFolder } from './written.ts';

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
const wanted = [
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
function complete(name: string): Profile {
  const read = readProfile(name, real);
  if (read.kind === 'wrong') throw new Error(read.message);
  return read.profile;
}

/** As it stands in its file. */
const inFile = (name: string): WrittenProfile =>
  JSON.parse(readFileSync(`${profilesFolder}/${name}.json`, 'utf8')) as WrittenProfile;

/**
 * Misbehaviours that a client can only meet by another word than generic's. Whoever plays one of these and does not say so would be spoken to in a way
 * that fails.
 */
const demands: Readonly<Record<number, (profile: Profile) => boolean>> = {
  3: ({ speaks }) => !speaks.matchUsers.includes('externalId'),
  4: ({ speaks }) => !speaks.matchUsers.includes('externalId'),
  8: ({ holds }) => holds.foldsCase.includes('userName'),
  10: ({ speaks }) => speaks.listing === 'none',
  17: ({ speaks }) => speaks.listing !== 'index',
  18: ({ speaks }) => speaks.listing === 'cursor',
  19: ({ speaks }) => speaks.listing === 'whole',
  25: ({ speaks }) => speaks.update !== 'patch',
  26: ({ speaks }) => speaks.patchOps === 'lower',
  29: ({ speaks }) => speaks.patchPaths === 'always',
  31: ({ speaks }) => speaks.memberParts.includes('type'),
  32: ({ speaks }) => speaks.addMembers === 'object',
  40: ({ holds }) => holds.foldsPunctuation.length > 0,
  43: ({ holds }) => holds.lists['emails']?.primary === true || holds.lists['emails']?.most === 1,
  44: ({ holds }) => holds.lists['emails']?.most === 1,
  48: ({ speaks }) => speaks.inactiveUsers === 'missing',
  49: ({ speaks }) => speaks.inactiveUsers === 'obscured',
  50: ({ speaks }) => speaks.deletionIsFinal,
  51: ({ speaks }) => speaks.deletion === 'deactivates',
  53: ({ speaks }) => speaks.reactivation !== 'active',
  54: ({ speaks }) => !speaks.inactiveChanges,
  58: ({ speaks }) => speaks.conflictStatuses.some((status) => status !== 409) && speaks.conflictWords.length > 0,
  59: ({ speaks }) => speaks.readBack !== 'never',
  62: ({ speaks }) => speaks.readBack !== 'never',
  64: ({ speaks }) => !speaks.readsMembers || Object.keys(speaks.membersQuery).length > 0,
  65: ({ speaks, allows }) => speaks.updateGroups === 'put' || allows.patchedGroupMembers !== null,
  66: ({ speaks }) => updateForm(speaks, 'Group') !== 'put',
};

/**
 * What happens by accident (another customer's account, a token that lacks a verb or runs out, a wrong address, one's own administrators) is no habit that a
 * rehearsal could always show: whoever meets it can not be synchronised until somebody acts.
 */
const accidents = [47, 52, 57, 61, 72, 73, 74, 82];

describe('what is built in', () => {
  const names = readdirSync(profilesFolder).map((file) => file.replace(/\.json$/, ''));

  test('is what was asked for', () => {
    expect(names.toSorted()).toEqual(wanted.toSorted());
  });

  test.each(names)('%s is complete, under its own name, and its paths are SCIM paths', (name) => {
    const { holds, speaks, ...profile } = complete(name);
    expect(profile.name).toBe(name);
    const paths = [
      ...(holds.keeps === 'everything' ? [] : holds.keeps),
      ...holds.drops,
      ...holds.needs,
      ...holds.foldsCase,
      ...holds.foldsPunctuation,
      ...Object.keys(holds.values),
      ...Object.keys(holds.lists),
      ...speaks.matchUsers,
      ...speaks.matchGroups,
    ];
    for (const path of paths) expect(() => parsePath(path)).not.toThrow();
    for (const attribute of Object.keys(holds.lists)) expect(parsePath(attribute)).toEqual({ attribute });
  });

  test.each(names.filter((name) => name !== 'generic'))(
    '%s says what it is, how well it is known, and nothing that generic says',
    (name) => {
      const written = inFile(name);
      expect(written).toMatchObject({ $schema: '../profile.schema.json', name, verifiedOn: '2026-11-23' });
      expect(written.description).toMatch(/\.$/);
      expect(written.url).toBeTruthy();
      expect(written.sources).not.toEqual([]);
      expect(written.notes).not.toEqual([]);
      expect(['documented', 'seen in code', 'untested against the vendor']).toContain(written.supportLevel);
      const base = inFile('generic');
      for (const part of ['holds', 'speaks', 'allows'] as const) {
        expect(written[part]).not.toEqual({});
        for (const [word, value] of Object.entries(written[part] ?? {}))
          expect({ [word]: value }).not.toEqual({ [word]: (base[part] as Record<string, unknown>)[word] });
      }
    },
  );

  test.each(names.filter((name) => inFile(name).supportLevel === 'untested against the vendor'))(
    '%s, of which little is known, points to probe',
    (name) => {
      expect(inFile(name).notes?.join(' ')).toContain('scimsync probe');
    },
  );

  test.each(names)('a source of %s tells of every word and every misbehaviour', (name) => {
    const { sources = [], notes = [], holds = {}, speaks = {}, allows = {}, plays = [] } = inFile(name);
    if (name === 'generic' || sources.some((source) => source.startsWith('everything: '))) return;
    const named = new Set(sources.flatMap((source) => source.split(': ')[0]?.match(/[A-Za-z]+|\d+/g) ?? []));
    expect(
      [...Object.keys({ ...holds, ...speaks, ...allows }), ...plays.map(String)].filter((word) => !named.has(word)),
    ).toEqual([]);
    // What is a caution and no fact must say why.
    if (sources.some((source) => source.includes('a caution'))) expect(notes.join(' ')).toMatch(/as a caution/i);
  });

  test.each(names)('what %s plays is a standing habit, once each in order, and its words meet it', (name) => {
    const profile = complete(name);
    expect(profile.plays).toEqual([...new Set(profile.plays)].toSorted((one, other) => one - other));
    expect(profile.plays.filter((number) => accidents.includes(number))).toEqual([]);
    expect(profile.plays.filter((number) => demands[number]?.(profile) === false)).toEqual([]);
  });

  test.each(names)('the words of %s do not contradict each other', (name) => {
    const { holds, speaks, allows } = complete(name);
    expect(holds.needs.filter((path) => holds.drops.includes(path))).toEqual([]);
    if (holds.keeps !== 'everything') expect(holds.keeps).toEqual(expect.arrayContaining(['userName', 'active']));
    expect(allows.removalsPerRequest ?? 0).toBeLessThanOrEqual(allows.membersPerRequest);
    expect(speaks.deactivation === 'delete' && speaks.deletion === 'never').toBe(false);
    expect(allows.windows.filter(({ requests, seconds }) => requests / seconds > allows.requestsPerSecond * 2)).toEqual(
      [],
    );
  });

  test('generic says what the standard says', () => {
    expect(readProfile('generic', real)).toMatchObject({
      kind: 'profile',
      profile: {
        name: 'generic',
        holds: { groups: true, keeps: 'everything', drops: [], foldsCase: ['userName'] },
        speaks: {
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
        allows: { requestsPerSecond: 25, concurrency: 8, membersPerRequest: 100, pageSize: 100 },
        plays: [],
      },
    });
  });
});

describe('extending', () => {
  const io = folder({
    slow: { allows: { requestsPerSecond: 2 }, holds: { drops: ['title'] } },
    slower: { extends: 'slow', allows: { concurrency: 1 }, holds: { drops: ['nickName'] } },
  });

  test.each([
    ['slow', { requestsPerSecond: 2, concurrency: 8 }, ['title'], 'slow'],
    ['slower', { requestsPerSecond: 2, concurrency: 1 }, ['nickName'], 'slower'],
    [
      { extends: 'slower', allows: { requestsPerSecond: 1 } },
      { requestsPerSecond: 1, concurrency: 1 },
      ['nickName'],
      'slower',
    ],
    [{ name: 'mine', extends: 'slow' }, { requestsPerSecond: 2, concurrency: 8 }, ['title'], 'mine'],
    [{}, { requestsPerSecond: 25, concurrency: 8 }, [], 'generic'],
  ])('%j', (written, allows, drops, name) => {
    expect(readProfile(written, io)).toMatchObject({
      kind: 'profile',
      profile: { name, allows, holds: { drops, groups: true } },
    });
  });
});

describe('what is wrong with a profile', () => {
  test.each<[unknown, Readonly<Record<string, unknown>>, string]>([
    ['slow', {}, 'there is no profile "slow"; there are: generic'],
    ['genric', {}, 'there is no profile "genric"; did you mean "generic"?'],
    [{ extends: 'genric' }, {}, 'there is no profile "genric"; did you mean "generic"?'],
    ['a', { a: { extends: 'b' }, b: { extends: 'a' } }, 'profile "a" extends itself: a → b → a'],
    ['a', { a: { extends: 'c' } }, 'there is no profile "c"; did you mean "a"?'],
    ['a', { a: '{,}' }, 'profile "a": line 1, column 2: a name in double quotes was expected'],
    [
      'a',
      { a: { speaks: { updat: 'put', ifMatch: 'no' } } },
      'profile "a": speaks.ifMatch: must be "auto", "always" or "never", is "no"; speaks.updat: unknown key; did you mean "update"?',
    ],
    [
      'a',
      { a: { verifiedOn: 'yesterday' } },
      'profile "a": verifiedOn: must be a date such as "2026-11-23", is "yesterday"',
    ],
  ])('%j', (written, profiles, message) => {
    expect(readProfile(written as string, folder(profiles))).toEqual({ kind: 'wrong', message });
  });

  test('the base of all must be complete', () => {
    const read = readProfile('generic', {
      ...folder({}),
      readFile: () =>
        '{"name": "generic", "holds": {"groups": true, "drops": [], "foldsCase": []}, "speaks": {}, "allows": {}}',
    });
    expect(read).toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('allows.requestsPerSecond: is missing'),
    });
  });
});

describe("an operator's own file", () => {
  const io = folder({
    slow: { supportLevel: 'documented', notes: ['slow'], auth: ['oauth2'], allows: { requestsPerSecond: 2 } },
  });
  const files: Readonly<Record<string, string>> = {
    '/etc/mine.json': '{"name":"mine","extends":"slow","allows":{"pageSize":5},"supportLevel":"probed"}',
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
      profile: { name: 'mine', allows: { pageSize: 5, requestsPerSecond: 2 } },
      about: { supportLevel: 'probed', notes: ['slow'], auth: ['oauth2'] },
    });
  });

  test('words that are added are not vouched for by what they extend', () => {
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
