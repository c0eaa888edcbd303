import { describe, expect, test } from '@jest/globals';
import { loadFrom, issueLines, issueTexts, warningLines, configWith, minimalConfig } from '../fixtures.ts';

const memberships = { file: 'm.csv', group: 'team', member: 'id' };
const groups = { file: 'g.csv', key: 'team' };

describe('a rule that is broken', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['state', './people.csv', ['state config.stateIsOtherFile']],
    ['state', 'x/../people.csv', ['state config.stateIsOtherFile']],
    ['schedule', 'every day', ['schedule config.schedule']],
    ['timezone', 'Europe/Berln', ['timezone config.timezone → Europe/Berlin']],
    ['timezone', 'somewhere else', ['timezone config.timezone']],
    ['source.memberships', memberships, ['source.memberships config.groupsMissing']],
    ['targets[0].url', 'app.example.com', ['targets[0].url config.url']],
    ['targets[0].url', 'ftp://app.example.com', ['targets[0].url config.url']],
    ['targets[0].url', 'https://me:pw@app.example.com', ['targets[0].url config.credentialsInUrl']],
    ['targets[0].url', 'https://app.example.com/#x', ['targets[0].url config.url']],
    [
      'targets[0].auth',
      { type: 'oauth2', tokenUrl: '/token', clientId: 'x', clientSecret: { env: 'TOKEN' } },
      ['targets[0].auth.tokenUrl config.url'],
    ],
    ['targets[0].proxy', 'proxy.example.com', ['targets[0].proxy config.proxy']],
    ['targets[0].proxy', 'socks5://proxy.example.com', ['targets[0].proxy config.proxy']],
    ['targets[0].proxy', 'http://proxy.example.com/path', ['targets[0].proxy config.proxy']],
    ['targets[0].proxy', 'http://me:pw@proxy.example.com', ['targets[0].proxy config.credentialsInUrl']],
    ['targets[0].proxy', true, ['targets[0].proxy config.invalidValue']],
    [
      'targets[0].proxy',
      { url: 'proxy.example.com', username: 'me', password: { env: 'TOKEN' } },
      ['targets[0].proxy.url config.proxy'],
    ],
    [
      'targets[0].proxy',
      { url: 'https://proxy.example.com', username: 'me', password: { env: 'ABSENT' } },
      ['targets[0].proxy.password config.secretMissing'],
    ],
    ['targets[0].tls', { caFile: 'ca.pem' }, ['targets[0].tls.caFile config.fileUnreadable']],
    ['source.users.active', '1 + 1', ['source.users.active config.expression']],
    // Groups are known only after the source is read.
    ['source.users.active', "'x' in groups", ['source.users.active config.expression']],
    ['source.users.where', "'x' in groupKeys", ['source.users.where config.expression']],
    ['targets[0].scope', { users: "'x' in groups" }, ['targets[0].scope.users config.groupsMissing']],
    ['targets[0].scope', { onlyMembers: true }, ['targets[0].scope.onlyMembers config.groupsMissing']],
    [
      'targets[0].mapping.user',
      { title: 'user.title', roles: 'groupKeys' },
      ['targets[0].mapping.user.roles config.groupsMissing'],
    ],
    [
      'targets[0].mapping.user',
      {
        title: { value: 'user.title', on: 'update', default: '1 +' },
        nickName: { value: "'a'", defalt: 1, on: 'create' },
      },
      [
        'targets[0].mapping.user.title.on config.notAllowed',
        'targets[0].mapping.user.title.default config.expression',
        'targets[0].mapping.user.nickName.defalt config.unknownKey → default',
      ],
    ],
    [
      'targets[0].mapping.user',
      { active: { value: 'true', on: 'create' }, title: { value: 'groups[0]', default: "'x'" } },
      ['targets[0].mapping.user.active.on config.notAllowed', 'targets[0].mapping.user.title config.groupsMissing'],
    ],
    ['targets[0].mapping.user', { title: 'tables.cost[user.x]' }, ['targets[0].mapping.user.title config.expression']],
    ['targets[0].tables', { cost: { a: {} } }, ['targets[0].tables.cost.a config.invalidValue']],
    ['targets[0].scope', { groups: "'x' in groups" }, ['targets[0].scope.groups config.expression']],
    ['source.users.orderBy', 'start', ['source.users.orderBy config.orderWithoutRows']],
    ['source.users.where', '1 + 1', ['source.users.where config.expression']],
    ['source.groups', { file: 'g.csv', key: 'id', where: "user.id != ''" }, ['source.groups.where config.expression']],
    ['targets[0].protect', '1 + 1', ['targets[0].protect config.expression']],
    ['targets[0].mapping.user', { 'emails[': 'user.x' }, ['targets[0].mapping.user["emails["] config.attributePath']],
    ['targets[0].mapping.group', { '': 'group.x' }, ['targets[0].mapping.group[""] config.attributePath']],
    [
      'targets[0].mapping.user',
      { userName: 'user.x', username: 'user.y' },
      ['targets[0].mapping.user.username config.attributeDuplicate'],
    ],
    [
      'targets[0].profile',
      { supports: { unsupportedAttributes: ['nickName', 'a b'] } },
      ['targets[0].profile.supports.unsupportedAttributes[1] config.attributePath'],
    ],
    [
      'targets[0].profile',
      { supports: { onlyAttributes: ['userName', 'name.'] } },
      ['targets[0].profile.supports.onlyAttributes[1] config.attributePath'],
    ],
    [
      'targets[0].profile',
      { supports: { onlyAttributes: 'all', requiredAttributes: ['e mails'] } },
      ['targets[0].profile.supports.requiredAttributes[0] config.attributePath'],
    ],
    [
      'targets[0].profile',
      { supports: { ignoresPunctuation: ['[x]'] } },
      ['targets[0].profile.supports.ignoresPunctuation[0] config.attributePath'],
    ],
    [
      'targets[0].profile',
      { supports: { values: { 'display name': { maxLength: 3 } } } },
      ['targets[0].profile.supports.values["display name"] config.attributePath'],
    ],
    [
      'targets[0].profile',
      { supports: { lists: { 'emails.': { maxItems: 1 } } } },
      ['targets[0].profile.supports.lists["emails."] config.attributePath'],
    ],
    [
      'targets[0].profile',
      { protocol: { matchUsers: ['emails['] } },
      ['targets[0].profile.protocol.matchUsers[0] config.attributePath'],
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
    const [line, ...more] = issueTexts(loadFrom(configWith(path, { [name]: expression })));
    expect(more).toEqual([]);
    expect(line).toMatch(/ line 1, column \d+/);
    expect(line).toMatch(new RegExp(`^${path.replace(/[[\].]/g, '\\$&')}\\.${name}: `));
  });

  test('half a client certificate', () => {
    const lines = issueLines(
      loadFrom(configWith('targets[0].tls', { certFile: 'cert.pem' }), { '/etc/sync/cert.pem': 'x' }),
    );
    expect(lines).toEqual(['targets[0].tls.keyFile config.clientCertificateIncomplete']);
  });

  test('two targets with the same name, ignoring case', () => {
    const config = minimalConfig();
    config.targets.push({ ...config.targets[0], name: 'other' }, { ...config.targets[0], name: 'APP' });
    expect(issueLines(loadFrom(config))).toEqual(['targets[2].name config.nameDuplicate']);
  });

  test('groups from a column have their members there', () => {
    const config = configWith('source.memberships', memberships);
    config.source.groups = { column: 'teams' };
    expect(issueLines(loadFrom(config))).toEqual(['source.memberships config.membershipsNotAllowed']);
  });
});

describe('warnings', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['targets[0].url', 'http://app.example.com', ['targets[0].url config.notEncrypted']],
    ['targets[0].url', 'http://localhost.example.com', ['targets[0].url config.notEncrypted']],
    ['targets[0].url', 'http://127.0.0.1:8080/scim', []],
    ['targets[0].url', 'http://[::1]:8080/scim', []],
    ['targets[0].url', 'http://localhost/scim', []],
    ['targets[0].auth.token', 'tok-en-1', ['targets[0].auth.token config.secretLiteral']],
    [
      'targets[0].auth',
      { type: 'basic', username: 'me', password: 'pass-word' },
      ['targets[0].auth.password config.secretLiteral'],
    ],
    ['targets[0].auth', undefined, ['targets[0].auth config.noAuthentication']],
    ['source.groups', groups, ['source.groups config.membershipsMissing']],
    ['source.groups', { column: 'teams' }, []],
    ['targets[0].scope', { onlyMembers: false }, []],
    ['targets[0].scope.groups', 'true', ['targets[0].scope.groups config.noEffect']],
    ['targets[0].mapping.group', { displayName: 'group.name' }, ['targets[0].mapping.group config.noEffect']],
    [
      'targets[0].leavers',
      { action: 'delete', deleteAfterDays: 30 },
      ['targets[0].leavers.deleteAfterDays config.noEffect'],
    ],
    ['targets[0].leavers', { action: 'keep', outOfScope: 'deactivate', deleteAfterDays: 30 }, []],
    ['targets[0].leavers', { deleteAfterDays: 30 }, []],
    ['timezone', 'europe/berlin', []],
    ['schedule', '*/15 * * * *', []],
  ])('%s = %j', (path, value, warnings) => {
    expect(warningLines(loadFrom(configWith(path, value)))).toEqual(warnings);
  });
});

describe('deletion at an application that cannot delete, or not restore', () => {
  const warningsOf = (protocol: object, leavers: object): readonly string[] => {
    const config = minimalConfig();
    Object.assign(config.targets[0], { profile: { name: 'app', protocol }, leavers });
    return warningLines(loadFrom(config));
  };
  const never = 'targets[0].leavers config.deletionImpossible';
  const final = 'targets[0].leavers config.deletionFinal';
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

  test('a type of authentication that the profile does not list', () => {
    const config = minimalConfig();
    config.targets[0].profile = { name: 'app', auth: ['oauth2'] };
    expect(warningLines(loadFrom(config))).toEqual(['targets[0].auth.type config.authUnverified']);
  });
});
