import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parsePath } from '../../src/model/path.ts';
import { readProfile, type ProfileIo } from '../../src/config/profiles.ts';
import { profilesFolder } from './written.ts';

const real: ProfileIo = { readFile: (path) => readFileSync(path, 'utf8'), listFolder: (path) => readdirSync(path), profilesFolder };
const generic = readFileSync(`${profilesFolder}/generic.json`, 'utf8');

/** A folder with `generic` and the given profiles. */
function folder(profiles: Readonly<Record<string, unknown>>): ProfileIo {
  const files: Record<string, string> = { '/p/generic.json': generic };
  for (const [name, profile] of Object.entries(profiles)) files[`/p/${name}.json`] = typeof profile === 'string' ? profile : JSON.stringify(profile);
  return { readFile: (path) => files[path] ?? '', listFolder: () => [...Object.keys(files).map((path) => path.slice(3)), 'README.md'], profilesFolder: '/p' };
}

describe('what is built in', () => {
  const names = readdirSync(profilesFolder).map((file) => file.replace(/\.json$/, ''));

  test.each(names)('%s is complete, under its own name, and its paths are SCIM paths', (name) => {
    const read = readProfile(name, real);
    expect(read).toMatchObject({ kind: 'profile', profile: { name } });
    if (read.kind !== 'profile') return;
    const { holds, speaks } = read.profile;
    for (const path of [...holds.drops, ...holds.foldsCase, ...speaks.matchUsers, ...speaks.matchGroups]) expect(() => parsePath(path)).not.toThrow();
  });

  test('generic says what the standard says', () => {
    expect(readProfile('generic', real)).toMatchObject({
      kind: 'profile',
      profile: {
        name: 'generic',
        holds: { groups: true, keeps: 'everything', drops: [], foldsCase: ['userName'] },
        speaks: {
          update: 'auto', patchOps: 'lower', patchPaths: 'always', valuePaths: true, booleans: 'json', removeMembers: 'filter',
          matchUsers: ['externalId', 'userName'], matchGroups: ['externalId', 'displayName'], ifMatch: 'auto',
          conflictStatuses: [409], deletionEndsMemberships: false, contentType: 'application/scim+json', bulk: 'never',
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
    [{ extends: 'slower', allows: { requestsPerSecond: 1 } }, { requestsPerSecond: 1, concurrency: 1 }, ['nickName'], 'slower'],
    [{ name: 'mine', extends: 'slow' }, { requestsPerSecond: 2, concurrency: 8 }, ['title'], 'mine'],
    [{}, { requestsPerSecond: 25, concurrency: 8 }, [], 'generic'],
  ])('%j', (written, allows, drops, name) => {
    expect(readProfile(written, io)).toMatchObject({ kind: 'profile', profile: { name, allows, holds: { drops, groups: true } } });
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
    ['a', { a: { speaks: { updat: 'put', ifMatch: 'no' } } }, 'profile "a": speaks.ifMatch: must be "auto", "always" or "never", is "no"; speaks.updat: unknown key; did you mean "update"?'],
    ['a', { a: { verifiedOn: 'yesterday' } }, 'profile "a": verifiedOn: must be a date such as "2026-11-23", is "yesterday"'],
  ])('%j', (written, profiles, message) => {
    expect(readProfile(written as string, folder(profiles))).toEqual({ kind: 'wrong', message });
  });

  test('the base of all must be complete', () => {
    const read = readProfile('generic', { ...folder({}), readFile: () => '{"name": "generic", "holds": {"groups": true, "drops": [], "foldsCase": []}, "speaks": {}, "allows": {}}' });
    expect(read).toMatchObject({ kind: 'wrong', message: expect.stringContaining('allows.requestsPerSecond: is missing') });
  });
});

describe("an operator's own file", () => {
  const io = folder({ slow: { supportLevel: 'documented', notes: ['slow'], auth: ['oauth2'], allows: { requestsPerSecond: 2 } } });
  const files: Readonly<Record<string, string>> = { '/etc/mine.json': '{"name":"mine","extends":"slow","allows":{"pageSize":5},"supportLevel":"probed"}', '/etc/broken.json': '{"name"' };
  const own: ProfileIo = {
    ...io, folder: '/etc',
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
