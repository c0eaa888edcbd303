import { describe, expect, test } from '@jest/globals';
import type { LdapSourceConfig } from '../../../src/config/source-config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import {
  configFile,
  directoryProfiles,
  ldapConfigWith,
  loadFrom,
  requireConfig,
  issueLines,
  issueTexts,
  warningLines,
  configIo,
  minimalConfig,
  minimalLdapConfig,
} from '../fixtures.ts';

const bind = { dn: 'cn=reader,dc=example,dc=com', password: { env: 'TOKEN' } };
const external = { method: 'external' };
const tls = { certFile: 'cert.pem', keyFile: 'key.pem' };
const users = { base: 'ou=people,dc=example,dc=com' };
const files = { '/etc/sync/cert.pem': 'cert', '/etc/sync/key.pem': 'key', '/etc/sync/ca.pem': 'ca' };

type Parts = Readonly<Record<string, unknown>>;

const ldapSourceWith = (parts: Parts): LdapSourceConfig => {
  const { source } = requireConfig(loadFrom(ldapConfigWith(parts), files));
  if (source.type !== 'ldap') throw new Error('the source is no directory');
  return source;
};

const maxDangling = { kind: 'share', share: 0.1, floor: 10 };

describe('one mistake, one line', () => {
  test.each<[Parts, string]>([
    [{ url: undefined }, 'source.url config.missing'],
    [{ url: 5 }, 'source.url config.invalidValue'],
    [{ url: [] }, 'source.url config.empty'],
    [{ url: ['ldaps://a', 5] }, 'source.url[1] config.wrongType'],
    [{ url: 'ldap.example.com' }, 'source.url config.url'],
    [{ url: ['ldaps://a', 'https://b'] }, 'source.url[1] config.url'],
    [{ url: 'ldapi://%2Frun%2Fldapi' }, 'source.url config.url'],
    [{ url: 'ldaps://me:hunter2@a' }, 'source.url config.url'],
    [{ url: 'ldaps:///dc=example,dc=com' }, 'source.url config.url'],
    [{ url: 'ldaps://a/dc=example,dc=com' }, 'source.url config.url'],
    [{ url: 'ldaps://a/?x' }, 'source.url config.url'],
    [{ url: 'ldaps://a?' }, 'source.url config.url'],
    [{ url: 'ldap://a' }, 'source.url config.passwordNotEncrypted'],
    [{ url: 'LDAP://a' }, 'source.url config.passwordNotEncrypted'],
    [{ url: 'ldap://127.0.0.1:1389' }, 'source.url config.passwordNotEncrypted'],
    [{ url: ['ldaps://a', 'ldap://localhost'] }, 'source.url[1] config.passwordNotEncrypted'],
    [{ url: ['ldap://a', 'ldaps://b'], startTls: true }, 'source.startTls config.startTlsWithLdaps'],
    [{ startTls: 'yes' }, 'source.startTls config.wrongType'],
    [{ starttls: true }, 'source.starttls config.unknownKey → startTls'],
    [{ file: 'x' }, 'source.file config.unknownKey'],
    [{ bind: 'cn=reader' }, 'source.bind config.wrongType'],
    [{ bind: { dn: 'cn=reader' } }, 'source.bind.password config.missing'],
    [{ bind: { ...bind, dn: '' } }, 'source.bind.dn config.empty'],
    [{ bind: { ...bind, passwort: 'x' } }, 'source.bind.passwort config.unknownKey → password'],
    [{ bind: { ...bind, password: 5 } }, 'source.bind.password config.invalidValue'],
    [{ bind: { ...bind, password: { env: 'NOPE' } } }, 'source.bind.password config.secretMissing'],
    [{ bind: { ...bind, password: { env: 'EMPTY' } } }, 'source.bind.password config.secretMissing'],
    [{ bind: { ...bind, method: 'externl' } }, 'source.bind.method config.notAllowed → external'],
    [{ bind: { ...external, dn: 'cn=reader' }, tls }, 'source.bind.dn config.unknownKey'],
    [{ bind: external }, 'source.bind config.clientCertificateMissing'],
    [{ bind: external, tls: { caFile: 'ca.pem' } }, 'source.bind config.clientCertificateMissing'],
    [{ bind: external, tls, url: 'ldap://a' }, 'source.bind config.externalNotEncrypted'],
    [{ bind: external, tls: { certFile: 'cert.pem' } }, 'source.tls.keyFile config.clientCertificateIncomplete'],
    [{ bind: external, tls: { ...tls, certFile: 5 } }, 'source.tls.certFile config.wrongType'],
    [{ bind: external, tls: 'cert.pem' }, 'source.tls config.wrongType'],
    [{ tls: { caFile: 'nope.pem' } }, 'source.tls.caFile config.fileUnreadable'],
    [{ tls: { ca: 'ca.pem' } }, 'source.tls.ca config.unknownKey → caFile'],
    [{ users: undefined }, 'source.users config.missing'],
    [{ users: {} }, 'source.users.base config.missing'],
    [{ users: { base: 'people' } }, 'source.users.base config.invalidValue'],
    [{ users: { ...users, filter: 'uid=*)' } }, 'source.users.filter config.filter'],
    [{ users: { ...users, key: 'employee number' } }, 'source.users.key config.invalidValue'],
    [{ users: { ...users, key: 'entryDN' } }, 'source.users.key config.keyMutable'],
    [{ users: { ...users, active: '1 + 1' } }, 'source.users.active config.expression'],
    [{ users: { ...users, shadowExpires: true } }, 'source.users.shadowExpires config.unknownKey → shadowExpire'],
    [{ groups: { filter: '(cn=*)' } }, 'source.groups.base config.missing'],
    [{ groups: { ...users, nested: 'flat' } }, 'source.groups.nested config.notAllowed → flatten'],
    [{ groups: { ...users, filter: 'cn' } }, 'source.groups.filter config.filter'],
    [{ groups: { column: 'teams', base: 'ou=groups,o=x' } }, 'source.groups.column config.unknownKey'],
    [{ memberships: { file: 'm.csv' } }, 'source.memberships config.unknownKey'],
    [{ pageSize: 0 }, 'source.pageSize config.outOfRange'],
    [{ timeoutMs: 1.5 }, 'source.timeoutMs config.wrongType'],
    [{ timeoutMs: 3_000_000_000 }, 'source.timeoutMs config.outOfRange'],
    [{ connectTimeout: 5 }, 'source.connectTimeout config.unknownKey → connectTimeoutMs'],
    [{ fullEveryHours: 0 }, 'source.fullEveryHours config.outOfRange'],
    [{ changes: 'on' }, 'source.changes config.notAllowed'],
    [{ sanity: { maxShrink: 0.3 } }, 'source.sanity.maxShrink config.wrongType'],
    [{ directory: 5 }, 'source.directory config.invalidValue'],
    [{ directory: 'opnldap' }, 'source.directory config.directoryProfile → openldap'],
    [{ directory: 'aut' }, 'source.directory config.directoryProfile → auto'],
    [{ directory: 'x500' }, 'source.directory config.directoryProfile'],
    [{ directory: '../profiles/generic' }, 'source.directory config.directoryProfile'],
    [{ directory: { extends: 'opnldap' } }, 'source.directory config.directoryProfile → openldap'],
    [{ directory: { extends: 'auto' } }, 'source.directory config.directoryProfile'],
    [{ directory: { extend: 'openldap' } }, 'source.directory.extend config.unknownKey → extends'],
    [{ directory: { id: { attribute: 'x', form: 'uuid' } } }, 'source.directory.id.form config.notAllowed → guid'],
    [{ directory: { groups: { memberDn: 'member' } } }, 'source.directory.groups.memberDn config.wrongType'],
    [{ directory: { groups: { memberDn: ['a b'] } } }, 'source.directory.groups.memberDn[0] config.invalidValue'],
    [{ directory: { inactive: ['nsAccountLock'] } }, 'source.directory.inactive[0] config.invalidValue'],
    [{ directory: { inactive: [{ attribute: 'x', bit: 0 }] } }, 'source.directory.inactive[0].bit config.outOfRange'],
    [
      { directory: { inactive: [{ attribute: 'x', past: 'date' }] } },
      'source.directory.inactive[0].past config.notAllowed',
    ],
    [{ directory: { changes: ['syncrepl'] } }, 'source.directory.changes[0] config.notAllowed'],
    [{ directory: { users: { filter: 'x' } } }, 'source.directory.users.filter config.filter'],
    [{ directory: { groups: { filter: 'x' } } }, 'source.directory.groups.filter config.filter'],
    [
      { directory: { mapping: { user: { userName: 5 } } } },
      'source.directory.mapping.user.userName config.invalidValue',
    ],
    [
      { directory: { mapping: { user: { 'emails[': 'user.mail' } } } },
      'source.directory.mapping.user["emails["] config.attributePath',
    ],
  ])('%j', (parts, line) => {
    expect(issueLines(loadFrom(ldapConfigWith(parts), files))).toEqual([line]);
  });

  test('a bind that is empty lacks both of its parts', () => {
    expect(issueLines(loadFrom(ldapConfigWith({ bind: {} })))).toEqual([
      'source.bind.dn config.missing',
      'source.bind.password config.missing',
    ]);
  });

  test('an expression in the mapping of a kind comes with its position', () => {
    const [line, ...more] = issueTexts(
      loadFrom(ldapConfigWith({ directory: { mapping: { group: { displayName: 'group.cn +' } } } })),
    );
    expect(more).toEqual([]);
    expect(line).toMatch(/^source\.directory\.mapping\.group\.displayName: .* line 1, column \d+/);
  });

  test('a value in the place of the password is never quoted', () => {
    const wrong: readonly Parts[] = [
      { bind: 'hunter2' },
      { bind: ['hunter2'] },
      { bind: { method: 'hunter2' } },
      { bind: { ...bind, password: ['hunter2'] } },
      { bind: { ...bind, password: 'hunter2\nhunter2' } },
      { bind: { ...bind, password: { env: ['hunter2'] } } },
      { url: 'ldaps://cn=me:hunter2@a' },
      { url: ['ldap://me:hunter2@a'] },
    ];
    const lines = wrong.flatMap((parts) => issueTexts(loadFrom(ldapConfigWith(parts))));
    expect(lines.length).toBeGreaterThanOrEqual(wrong.length);
    expect(lines.join()).not.toContain('hunter2');
  });
});

test('all mistakes are reported together', () => {
  const lines = issueLines(
    loadFrom({
      schedule: 'sometimes',
      source: {
        type: 'ldap',
        directory: 'opnldap',
        url: ['ldap://a', 'http://b'],
        startTls: 1,
        bind: { dn: 'cn=x', password: { env: 'NOPE' } },
        tls: { certFile: 'no.pem' },
        users: { base: 'x', filter: 'y', active: 'user.x ==' },
        groups: { nested: 'no' },
        pageSize: -1,
      },
      targets: [{ name: 'a', url: 'ftp://a', auth: { type: 'bearer', token: { env: 'TOKEN' } } }],
    }),
  );
  expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual([
    'schedule',
    'source.bind.password',
    'source.directory',
    'source.groups.base',
    'source.groups.nested',
    'source.pageSize',
    'source.startTls',
    'source.tls.certFile',
    'source.tls.keyFile',
    'source.url[0]',
    'source.url[1]',
    'source.users.active',
    'source.users.base',
    'source.users.filter',
    'targets[0].url',
  ]);
});

describe('warnings', () => {
  const anonymous = 'source.bind config.bindMissing';

  test.each<[Parts, readonly string[]]>([
    [{}, []],
    [{ bind: { ...bind, method: 'simple' } }, []],
    [{ url: 'ldap://a', startTls: true }, []],
    [{ bind: external, tls }, []],
    [{ bind: external, tls, url: 'ldap://a', startTls: true }, []],
    [{ tls }, []],
    [{ bind: undefined }, [anonymous]],
    [{ bind: undefined, url: ['ldaps://a', 'ldap://b'] }, ['source.url[1] config.notEncrypted', anonymous]],
    [{ bind: undefined, url: 'ldap://[::1]:389' }, [anonymous]],
    [{ bind: { ...bind, password: 'pass-word' } }, ['source.bind.password config.secretLiteral']],
    [
      { url: 'ldap://127.0.0.1', allowPlaintextPassword: true },
      ['source.allowPlaintextPassword config.passwordNotEncrypted'],
    ],
    [{ allowPlaintextPassword: true }, ['source.allowPlaintextPassword config.noEffect']],
    [
      { url: 'ldap://localhost', bind: undefined, tls: { caFile: 'ca.pem' } },
      [anonymous, 'source.tls config.noEffect'],
    ],
    [{ users: { ...users, key: 'mail' } }, ['source.users.key config.keyMayChange']],
    [{ users: { ...users, key: 'employeeNumber' }, groups: { base: 'ou=groups,o=x', key: 'gidNumber' } }, []],
  ])('%j', (parts, warnings) => {
    expect(warningLines(loadFrom(ldapConfigWith(parts), files))).toEqual(warnings);
  });

  test('rules for groups at a target, where the source has none', () => {
    const config = minimalLdapConfig();
    config.targets[0].scope = { groups: 'true' };
    expect(warningLines(loadFrom(config))).toEqual(['targets[0].scope.groups config.noEffect']);
    config.source.groups = { base: 'ou=groups,o=x' };
    expect(warningLines(loadFrom(config))).toEqual([]);
  });
});

test('the shortest configuration has every default', () => {
  const { source, secrets } = requireConfig(loadFrom(minimalLdapConfig()));
  expect(source).toEqual({
    type: 'ldap',
    directory: undefined,
    directories: expect.any(Map),
    urls: ['ldaps://ldap.example.com'],
    startTls: false,
    bind: { method: 'simple', dn: 'cn=reader,dc=example,dc=com', password: secrets[0] },
    tls: {},
    users: { base: 'ou=people,dc=example,dc=com', shadowExpire: false, dateFormats: [], timezone: 'UTC' },
    pageSize: 1000,
    timeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    changes: 'scheduled',
    keyForm: [],
    relink: 'ask',
    fullEveryMs: 86_400_000,
    sanity: { maxShrink: 0.3, maxBlank: 0.2, maxDangling },
  });
  expect(secrets.map((secret) => secret.reveal())).toEqual(['tok-en-1', 'tok-en-1']);
  expect(JSON.stringify(source)).not.toContain('tok-en-1');
});

describe('the configuration contains the values of the file', () => {
  test('whole', () => {
    const groups = { base: 'ou=groups,o=x', filter: '(cn=app-*)', key: 'gidNumber', nested: 'keep' };
    const person = {
      ...users,
      filter: '(uid=*)',
      key: 'employeeNumber',
      active: "user.left == ''",
      shadowExpire: true,
    };
    expect(
      ldapSourceWith({
        url: ['ldaps://A.example.com:1636/', 'LDAPS://b'],
        tls: { ...tls, caFile: '/etc/sync/ca.pem', serverName: 'ldap' },
        users: person,
        groups,
        pageSize: 500,
        timeoutMs: 5,
        connectTimeoutMs: 6,
        changes: 'live',
        fullEveryHours: 0.5,
        sanity: { maxShrink: '1%' },
      }),
    ).toMatchObject({
      urls: ['ldaps://A.example.com:1636', 'ldaps://b'],
      tls: {
        caFile: '/etc/sync/ca.pem',
        certFile: '/etc/sync/cert.pem',
        keyFile: '/etc/sync/key.pem',
        serverName: 'ldap',
      },
      users: person,
      groups,
      pageSize: 500,
      timeoutMs: 5,
      connectTimeoutMs: 6,
      changes: 'live',
      fullEveryMs: 1_800_000,
      sanity: { maxShrink: 0.01, maxBlank: 0.2, maxDangling },
    });
  });

  test.each<[Parts, LdapSourceConfig['bind']]>([
    [{ bind: undefined }, { method: 'anonymous' }],
    [{ bind: external, tls }, { method: 'external' }],
  ])('%j', (parts, expected) => expect(ldapSourceWith(parts).bind).toEqual(expected));

  test.each<[string, Parts, string | undefined]>([
    ['scheduled', {}, undefined],
    ['live', { changes: 'live' }, '*/15 * * * *'],
  ])('%s: the schedule of a daemon that was given none', (_, parts, schedule) => {
    expect(requireConfig(loadFrom(ldapConfigWith(parts))).schedule).toBe(schedule);
    const csv = minimalConfig();
    Object.assign(csv.source, parts);
    expect(requireConfig(loadFrom(csv)).schedule).toBe(schedule);
    expect(requireConfig(loadFrom({ ...ldapConfigWith(parts), schedule: '0 * * * *' })).schedule).toBe('0 * * * *');
  });

  test.each<[unknown, unknown]>([
    ['auto', undefined],
    ['generic', directoryProfiles['generic']],
    ['openldap', { ...directoryProfiles['generic'], ...directoryProfiles['openldap'], name: 'openldap' }],
    [
      { extends: 'openldap', name: 'ours', references: ['secretary'] },
      { ...directoryProfiles['generic'], ...directoryProfiles['openldap'], name: 'ours', references: ['secretary'] },
    ],
  ])('directory %j', (directory, expected) => {
    const source = ldapSourceWith({ directory });
    expect(source.directory).toEqual(expected);
    expect([...source.directories.keys()]).toEqual(['activeDirectory', 'generic', 'openldap']);
  });
});

test("the contract's example loads as it stands", () => {
  const example = {
    $schema: './config/sync.schema.json',
    state: './scimsync.db',
    schedule: '*/15 * * * *',
    timezone: 'UTC',
    source: {
      type: 'ldap',
      directory: 'activeDirectory',
      url: ['ldaps://dc1.corp.example', 'ldaps://dc2.corp.example'],
      bind: { dn: 'CN=scimsync,OU=Service,DC=corp,DC=example', password: { env: 'LDAP_PASSWORD' } },
      tls: { caFile: './ca.pem' },
      users: { base: 'OU=People,DC=corp,DC=example', filter: '(employeeID=*)' },
      groups: { base: 'OU=Groups,DC=corp,DC=example', filter: '(cn=app-*)', nested: 'flatten' },
    },
    targets: [
      {
        name: 'workos',
        profile: 'workos',
        url: 'https://api.workos.com/scim/v2.0/0123',
        auth: { type: 'bearer', token: { env: 'WORKOS_TOKEN' } },
        scope: { users: "user.department != 'Contractors'", groups: "group.cn.startsWith('app-')" },
        mapping: {
          user: {
            userName: 'user.mail.lowerAscii()',
            displayName: "user.givenName + ' ' + user.sn",
            'emails[type eq "work"].value': 'user.mail',
            'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': 'user.department',
          },
          group: { displayName: 'group.cn' },
        },
        leavers: { action: 'deactivate', deleteAfterDays: 30 },
        limits: { requestsPerSecond: 20, concurrency: 8 },
        guard: { maxRemovals: '5%', floor: 10 },
      },
    ],
  };
  const base = configIo(
    { [configFile]: JSON.stringify(example), '/etc/sync/ca.pem': 'ca' },
    { LDAP_PASSWORD: 'pass-word', WORKOS_TOKEN: 'tok-en-1' },
  );
  // The profile of its application is not built in yet.
  const io = {
    ...base,
    listFolder: (path: string) =>
      path === base.profilesFolder ? ['workos.json', ...base.listFolder(path)] : base.listFolder(path),
    readFile: (path: string) => (path.endsWith('/workos.json') ? '{}' : base.readFile(path)),
  };
  const config = requireConfig(loadConfig(io, configFile));
  expect(config.warnings).toEqual([]);
  expect(config.source).toMatchObject({
    type: 'ldap',
    directory: { name: 'activeDirectory' },
    urls: ['ldaps://dc1.corp.example', 'ldaps://dc2.corp.example'],
  });
});
