import { describe, expect, test } from '@jest/globals';
import { loadFrom, requireConfig, issueLines, configWith, minimalConfig } from '../fixtures.ts';

const memberships = { file: 'm.csv', group: 'team', member: 'id' };
const groups = { file: 'g.csv', key: 'team' };
const scimPath = 'is not a SCIM attribute path such as userName, name.givenName or emails[type eq "work"].value';

describe('a rule that is broken', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['schedule', 'every day', ['schedule: is no schedule']],
    ['timezone', 'Europe/Berln', ['timezone: "Europe/Berln" is not a known time zone; did you mean "Europe/Berlin"?']],
    [
      'timezone',
      'somewhere else',
      ['timezone: "somewhere else" is not a known time zone; use a name such as "UTC" or "Europe/Berlin"'],
    ],
    ['source.memberships', memberships, ['source.memberships: needs the groups: add source.groups with file and key']],
    ['targets[0].url', 'app.example.com', ['targets[0].url: must be a URL such as https://app.example.com/scim/v2']],
    ['targets[0].url', 'ftp://app.example.com', ['targets[0].url: must begin with https://, begins with ftp:']],
    [
      'targets[0].url',
      'https://me:pw@app.example.com',
      ['targets[0].url: must not hold a user name or password; they belong into auth'],
    ],
    [
      'targets[0].url',
      'https://app.example.com/#x',
      ['targets[0].url: must not hold a fragment (#…), which is never sent'],
    ],
    [
      'targets[0].auth',
      { type: 'oauth2', tokenUrl: '/token', clientId: 'x', clientSecret: { env: 'TOKEN' } },
      ['targets[0].auth.tokenUrl: must be a URL such as https://app.example.com/scim/v2'],
    ],
    [
      'targets[0].tls',
      { caFile: 'ca.pem' },
      [
        'targets[0].tls.caFile: the file /etc/sync/ca.pem cannot be read; is the name right, and may this user read it?',
      ],
    ],
    ['source.users.active', '1 + 1', ['source.users.active: must be true or false, and this expression gives int']],
    ['targets[0].protect', '1 + 1', ['targets[0].protect: must be true or false, and this expression gives int']],
    ['targets[0].mapping.user', { 'emails[': 'user.x' }, [`targets[0].mapping.user["emails["]: "emails[" ${scimPath}`]],
    ['targets[0].mapping.group', { '': 'group.x' }, [`targets[0].mapping.group[""]: "" ${scimPath}`]],
    [
      'targets[0].mapping.user',
      { userName: 'user.x', username: 'user.y' },
      ['targets[0].mapping.user.username: is the same attribute as "userName"; keep one of the two'],
    ],
    [
      'targets[0].profile',
      { supports: { unsupportedAttributes: ['nickName', 'a b'] } },
      [`targets[0].profile.supports.unsupportedAttributes[1]: "a b" ${scimPath}`],
    ],
    [
      'targets[0].profile',
      { supports: { onlyAttributes: ['userName', 'name.'] } },
      [`targets[0].profile.supports.onlyAttributes[1]: "name." ${scimPath}`],
    ],
    [
      'targets[0].profile',
      { supports: { onlyAttributes: 'all', requiredAttributes: ['e mails'] } },
      [`targets[0].profile.supports.requiredAttributes[0]: "e mails" ${scimPath}`],
    ],
    [
      'targets[0].profile',
      { supports: { ignoresPunctuation: ['[x]'] } },
      [`targets[0].profile.supports.ignoresPunctuation[0]: "[x]" ${scimPath}`],
    ],
    [
      'targets[0].profile',
      { supports: { values: { 'display name': { maxLength: 3 } } } },
      [`targets[0].profile.supports.values["display name"]: "display name" ${scimPath}`],
    ],
    [
      'targets[0].profile',
      { supports: { lists: { 'emails.': { maxItems: 1 } } } },
      [`targets[0].profile.supports.lists["emails."]: "emails." ${scimPath}`],
    ],
    [
      'targets[0].profile',
      { protocol: { matchUsers: ['emails['] } },
      [`targets[0].profile.protocol.matchUsers[0]: "emails[" ${scimPath}`],
    ],
  ])('%s = %j', (path, value, lines) => {
    expect(issueLines(loadFrom(configWith(path, value)))).toEqual(lines);
  });

  test.each([
    ['targets[0].scope', 'users', 'user.department =='],
    ['targets[0].scope', 'groups', "group.name.startsWith('app"],
    ['targets[0].mapping.user', 'title', 'user.'],
    ['targets[0].mapping.group', 'displayName', ')'],
  ])('%s.%s: a syntax error comes with its position', (path, name, expression) => {
    const [line, ...more] = issueLines(loadFrom(configWith(path, { [name]: expression })));
    expect(more).toEqual([]);
    expect(line).toMatch(/ line 1, column \d+/);
    expect(line).toMatch(new RegExp(`^${path.replace(/[[\].]/g, '\\$&')}\\.${name}: `));
  });

  test('half a client certificate', () => {
    const lines = issueLines(
      loadFrom(configWith('targets[0].tls', { certFile: 'cert.pem' }), { '/etc/sync/cert.pem': 'x' }),
    );
    expect(lines).toEqual(['targets[0].tls.keyFile: is missing: a client certificate needs certFile and keyFile']);
  });

  test('two targets of one name, whatever the case', () => {
    const config = minimalConfig();
    config.targets.push({ ...config.targets[0], name: 'other' }, { ...config.targets[0], name: 'APP' });
    expect(issueLines(loadFrom(config))).toEqual([
      'targets[2].name: is the name of targets[0] too; what a target holds is remembered by its name',
    ]);
  });

  test('groups from a column have their members there', () => {
    const config = configWith('source.memberships', memberships);
    config.source.groups = { column: 'teams' };
    expect(issueLines(loadFrom(config))).toEqual([
      "source.memberships: must go: source.groups takes groups and their members from a column of the users' file",
    ]);
  });
});

describe('what works and is warned about', () => {
  const http = 'is not encrypted (http): credentials and personal data can be read on their way; use https';
  const plain =
    'stands in the file as text: whoever reads the file can use it; write {"env": "NAME"} or {"file": "path"}';
  const noEffect = 'has no effect: the source has no groups';

  test.each<[string, unknown, readonly string[]]>([
    ['targets[0].url', 'http://app.example.com', [`targets[0].url: ${http}`]],
    ['targets[0].url', 'http://localhost.example.com', [`targets[0].url: ${http}`]],
    ['targets[0].url', 'http://127.0.0.1:8080/scim', []],
    ['targets[0].url', 'http://[::1]:8080/scim', []],
    ['targets[0].url', 'http://localhost/scim', []],
    ['targets[0].auth.token', 'tok-en-1', [`targets[0].auth.token: ${plain}`]],
    [
      'targets[0].auth',
      { type: 'basic', username: 'me', password: 'pass-word' },
      [`targets[0].auth.password: ${plain}`],
    ],
    [
      'targets[0].auth',
      undefined,
      ['targets[0].auth: is none: whoever reaches this address could change every account there'],
    ],
    [
      'source.groups',
      groups,
      ['source.groups: has no members: nothing says who belongs to which group; add source.memberships'],
    ],
    ['source.groups', { column: 'teams' }, []],
    ['targets[0].scope.groups', 'true', [`targets[0].scope.groups: ${noEffect}`]],
    ['targets[0].mapping.group', { displayName: 'group.name' }, [`targets[0].mapping.group: ${noEffect}`]],
    [
      'targets[0].leavers',
      { action: 'delete', deleteAfterDays: 30 },
      ['targets[0].leavers.deleteAfterDays: has no effect: with action "delete" nobody is deactivated'],
    ],
    ['targets[0].leavers', { action: 'keep', outOfScope: 'deactivate', deleteAfterDays: 30 }, []],
    ['targets[0].leavers', { deleteAfterDays: 30 }, []],
    ['timezone', 'europe/berlin', []],
    ['schedule', '*/15 * * * *', []],
  ])('%s = %j', (path, value, warnings) => {
    expect(requireConfig(loadFrom(configWith(path, value))).warnings).toEqual(warnings);
  });
});

describe('what an application does with those who are to be deleted', () => {
  const warningsOf = (protocol: object, leavers: object): readonly string[] => {
    const config = minimalConfig();
    Object.assign(config.targets[0], { profile: { name: 'app', protocol }, leavers });
    return requireConfig(loadFrom(config)).warnings;
  };
  const never =
    'targets[0].leavers: nobody can be deleted at this application (profile "app"): leavers are deactivated there, and stay';
  const final =
    'targets[0].leavers: whoever is deleted at this application is gone for good (profile "app"): nothing brings the account back';
  test.each([
    [{ deletion: 'never' }, { action: 'delete' }, [never]],
    [{ deletion: 'never' }, { deleteAfterDays: 3 }, [never]],
    [{ deletion: 'never' }, { action: 'deactivate' }, []],
    [{ deletionIsFinal: true }, { outOfScope: 'delete' }, [final]],
    [{ deletionIsFinal: true }, {}, []],
    [{}, { action: 'delete' }, []],
  ])('%j and %j', (protocol, leavers, warnings) => {
    expect(warningsOf(protocol, leavers)).toEqual(warnings);
  });

  test('credentials of a kind that the profile does not know', () => {
    const config = minimalConfig();
    config.targets[0].profile = { name: 'app', auth: ['oauth2'] };
    expect(requireConfig(loadFrom(config)).warnings).toEqual([
      'targets[0].auth.type: the profile "app" knows this application with oauth2 only, not with bearer',
    ]);
  });
});
