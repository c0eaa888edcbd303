import { describe, expect, test } from '@jest/globals';
import type { LdapSourceConfig } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import {
  configFile,
  directoryProfiles,
  ldapConfigWith,
  loadFrom,
  requireConfig,
  issueLines,
  configIo,
  minimalConfig,
  minimalLdapConfig,
} from '../fixtures.ts';

const bind = { dn: 'cn=reader,dc=example,dc=com', password: { env: 'TOKEN' } };
const external = { method: 'external' };
const tls = { certFile: 'cert.pem', keyFile: 'key.pem' };
const users = { base: 'ou=people,dc=example,dc=com' };
const files = { '/etc/sync/cert.pem': 'cert', '/etc/sync/key.pem': 'key', '/etc/sync/ca.pem': 'ca' };
const sourceKeys =
  'type, directory, url, startTls, allowPlaintextPassword, bind, tls, users, groups, pageSize, timeoutMs, connectTimeoutMs, changes, fullEveryHours, sanity';

type Parts = Readonly<Record<string, unknown>>;

const ldapSourceWith = (parts: Parts): LdapSourceConfig => {
  const { source } = requireConfig(loadFrom(ldapConfigWith(parts), files));
  if (source.type !== 'ldap') throw new Error('the source is no directory');
  return source;
};

describe('one mistake, one line', () => {
  const secretForm = 'must be {"env": "NAME"} or {"file": "path"}';
  const directoryForm = 'must be the name of a kind of directory or an object such as {"extends": "openldap"}';
  const clear =
    'is not encrypted, and the password would be sent in clear; write ldaps://, or add "startTls": true. ' +
    'If it must be so, "allowPlaintextPassword": true in source says that you know';
  const attribute = 'must be the name of an attribute, such as employeeNumber';
  const bare =
    'must hold nothing but scheme, host and port; the base belongs into source.users.base, the filter into source.users.filter';

  test.each<[Parts, string]>([
    [{ url: undefined }, 'source.url: is missing'],
    [{ url: 5 }, 'source.url: must be a URL such as ldaps://ldap.example.com, or a list of at least one, is 5'],
    [{ url: [] }, 'source.url: must not be empty'],
    [{ url: ['ldaps://a', 5] }, 'source.url[1]: must be text, is 5'],
    [{ url: 'ldap.example.com' }, 'source.url: must be a URL such as ldaps://ldap.example.com'],
    [{ url: ['ldaps://a', 'https://b'] }, 'source.url[1]: must begin with ldaps:// or ldap://, begins with https:'],
    [
      { url: 'ldapi://%2Frun%2Fldapi' },
      'source.url: must not begin with ldapi:// (a socket of this machine), which is not supported; write ldaps://localhost or ldap://localhost',
    ],
    [
      { url: 'ldaps://me:hunter2@a' },
      'source.url: must not hold a user name or password; they belong into source.bind',
    ],
    [{ url: 'ldaps:///dc=example,dc=com' }, 'source.url: must name a host, as in ldaps://ldap.example.com'],
    [{ url: 'ldaps://a/dc=example,dc=com' }, `source.url: ${bare}`],
    [{ url: 'ldaps://a/?x' }, `source.url: ${bare}`],
    [{ url: 'ldaps://a?' }, `source.url: ${bare}`],
    [{ url: 'ldap://a' }, `source.url: ${clear}`],
    [{ url: 'LDAP://a' }, `source.url: ${clear}`],
    [{ url: 'ldap://127.0.0.1:1389' }, `source.url: ${clear}`],
    [{ url: ['ldaps://a', 'ldap://localhost'] }, `source.url[1]: ${clear}`],
    [
      { url: ['ldap://a', 'ldaps://b'], startTls: true },
      'source.startTls: does not go with ldaps://, which is encrypted from the start; remove it, or write ldap://',
    ],
    [{ startTls: 'yes' }, 'source.startTls: must be true or false, is "yes"'],
    [{ starttls: true }, 'source.starttls: unknown key; did you mean "startTls"?'],
    [{ file: 'x' }, `source.file: unknown key; known here: ${sourceKeys}`],
    [{ bind: 'cn=reader' }, 'source.bind: must be {"dn", "password"} or {"method": "external"}, is text'],
    [{ bind: { dn: 'cn=reader' } }, 'source.bind.password: is missing'],
    [{ bind: { ...bind, dn: '' } }, 'source.bind.dn: must not be empty'],
    [{ bind: { ...bind, passwort: 'x' } }, 'source.bind.passwort: unknown key; did you mean "password"?'],
    [{ bind: { ...bind, password: 5 } }, `source.bind.password: ${secretForm}, is a number`],
    [
      { bind: { ...bind, password: { env: 'NOPE' } } },
      'source.bind.password: the environment variable NOPE is not set; set it for the process that runs scimsync',
    ],
    [
      { bind: { ...bind, password: { env: 'EMPTY' } } },
      'source.bind.password: the environment variable EMPTY is not set; set it for the process that runs scimsync',
    ],
    [
      { bind: { ...bind, method: 'externl' } },
      'source.bind.method: must be "simple" or "external", is text; did you mean "external"?',
    ],
    [{ bind: { ...external, dn: 'cn=reader' }, tls }, 'source.bind.dn: unknown key; known here: method'],
    [{ bind: external }, 'source.bind: "external" needs a client certificate: add certFile and keyFile to source.tls'],
    [
      { bind: external, tls: { caFile: 'ca.pem' } },
      'source.bind: "external" needs a client certificate: add certFile and keyFile to source.tls',
    ],
    [
      { bind: external, tls, url: 'ldap://a' },
      'source.bind: "external" needs an encrypted connection, in which the certificate is shown: write ldaps://, or add "startTls": true',
    ],
    [
      { bind: external, tls: { certFile: 'cert.pem' } },
      'source.tls.keyFile: is missing: a client certificate needs certFile and keyFile',
    ],
    [{ bind: external, tls: { ...tls, certFile: 5 } }, 'source.tls.certFile: must be text, is 5'],
    [{ bind: external, tls: 'cert.pem' }, 'source.tls: must be an object, is "cert.pem"'],
    [
      { tls: { caFile: 'nope.pem' } },
      'source.tls.caFile: the file /etc/sync/nope.pem cannot be read; is the name right, and may this user read it?',
    ],
    [{ tls: { ca: 'ca.pem' } }, 'source.tls.ca: unknown key; did you mean "caFile"?'],
    [{ users: undefined }, 'source.users: is missing'],
    [{ users: {} }, 'source.users.base: is missing'],
    [{ users: { base: 'people' } }, 'source.users.base: must be a DN such as ou=people,dc=example,dc=com, is "people"'],
    [{ users: { ...users, filter: 'uid=*)' } }, 'source.users.filter: is no filter'],
    [{ users: { ...users, key: 'employee number' } }, `source.users.key: ${attribute}, is "employee number"`],
    [
      { users: { ...users, key: 'entryDN' } },
      "source.users.key: entryDN changes whenever an entry is renamed or moved; leave it out, and the directory's own identity is taken",
    ],
    [
      { users: { ...users, active: '1 + 1' } },
      'source.users.active: must be true or false, and this expression gives int',
    ],
    [
      { users: { ...users, shadowExpires: true } },
      'source.users.shadowExpires: unknown key; did you mean "shadowExpire"?',
    ],
    [{ groups: { filter: '(cn=*)' } }, 'source.groups.base: is missing'],
    [
      { groups: { ...users, nested: 'flat' } },
      'source.groups.nested: must be "flatten" or "keep", is "flat"; did you mean "flatten"?',
    ],
    [{ groups: { ...users, filter: 'cn' } }, 'source.groups.filter: is no filter'],
    [
      { groups: { column: 'teams', base: 'ou=groups,o=x' } },
      'source.groups.column: unknown key; known here: base, filter, key, nested',
    ],
    [{ memberships: { file: 'm.csv' } }, `source.memberships: unknown key; known here: ${sourceKeys}`],
    [{ pageSize: 0 }, 'source.pageSize: must be at least 1, is 0'],
    [{ timeoutMs: 1.5 }, 'source.timeoutMs: must be a whole number, is 1.5'],
    [{ timeoutMs: 3_000_000_000 }, 'source.timeoutMs: must be at most 2147483647, is 3000000000'],
    [{ connectTimeout: 5 }, 'source.connectTimeout: unknown key; did you mean "connectTimeoutMs"?'],
    [{ fullEveryHours: 0 }, 'source.fullEveryHours: must be more than 0, is 0'],
    [{ changes: 'on' }, 'source.changes: must be "scheduled" or "live", is "on"'],
    [{ sanity: { maxShrink: 0.3 } }, 'source.sanity.maxShrink: must be a percentage from "0%" to "100%", is 0.3'],
    [{ directory: 5 }, `source.directory: ${directoryForm}, is 5`],
    [{ directory: 'opnldap' }, 'source.directory: there is no kind of directory "opnldap"; did you mean "openldap"?'],
    [{ directory: 'aut' }, 'source.directory: there is no kind of directory "aut"; did you mean "auto"?'],
    [
      { directory: 'x500' },
      'source.directory: there is no kind of directory "x500"; there are: auto, activeDirectory, generic, openldap',
    ],
    [
      { directory: '../profiles/generic' },
      'source.directory: there is no kind of directory "../profiles/generic"; there are: auto, activeDirectory, generic, openldap',
    ],
    [
      { directory: { extends: 'opnldap' } },
      'source.directory: there is no kind of directory "opnldap"; did you mean "openldap"?',
    ],
    [
      { directory: { extends: 'auto' } },
      'source.directory: there is no kind of directory "auto"; there are: activeDirectory, generic, openldap',
    ],
    [{ directory: { extend: 'openldap' } }, 'source.directory.extend: unknown key; did you mean "extends"?'],
    [
      { directory: { id: { attribute: 'x', form: 'uuid' } } },
      'source.directory.id.form: must be "text" or "guid", is "uuid"; did you mean "guid"?',
    ],
    [
      { directory: { groups: { memberDn: 'member' } } },
      'source.directory.groups.memberDn: must be a list, is "member"',
    ],
    [{ directory: { groups: { memberDn: ['a b'] } } }, `source.directory.groups.memberDn[0]: ${attribute}, is "a b"`],
    [
      { directory: { inactive: ['nsAccountLock'] } },
      'source.directory.inactive[0]: must be an object such as {"attribute": "loginDisabled", "is": "TRUE"}, is "nsAccountLock"',
    ],
    [
      { directory: { inactive: [{ attribute: 'x', bit: 0 }] } },
      'source.directory.inactive[0].bit: must be at least 1, is 0',
    ],
    [
      { directory: { inactive: [{ attribute: 'x', past: 'date' }] } },
      'source.directory.inactive[0].past: must be "fileTime", "generalizedTime" or "days", is "date"',
    ],
    [
      { directory: { changes: ['syncrepl'] } },
      'source.directory.changes[0]: must be "sync", "syncLog", "dirSync" or "usn", is "syncrepl"',
    ],
    [{ directory: { users: { filter: 'x' } } }, 'source.directory.users.filter: is no filter'],
    [{ directory: { groups: { filter: 'x' } } }, 'source.directory.groups.filter: is no filter'],
    [
      { directory: { mapping: { user: { userName: 5 } } } },
      'source.directory.mapping.user.userName: must be an expression, or null to remove an inherited line, is 5',
    ],
    [
      { directory: { mapping: { user: { 'emails[': 'user.mail' } } } },
      'source.directory.mapping.user["emails["]: "emails[" is not a SCIM attribute path such as userName, name.givenName or emails[type eq "work"].value',
    ],
  ])('%j', (parts, line) => {
    expect(issueLines(loadFrom(ldapConfigWith(parts), files))).toEqual([line]);
  });

  test('a bind that is empty lacks both of its parts', () => {
    expect(issueLines(loadFrom(ldapConfigWith({ bind: {} })))).toEqual([
      'source.bind.dn: is missing',
      'source.bind.password: is missing',
    ]);
  });

  test('an expression in the mapping of a kind comes with its position', () => {
    const [line, ...more] = issueLines(
      loadFrom(ldapConfigWith({ directory: { mapping: { group: { displayName: 'group.cn +' } } } })),
    );
    expect(more).toEqual([]);
    expect(line).toMatch(/^source\.directory\.mapping\.group\.displayName: .* line 1, column \d+/);
  });

  test('a value that stands where the password belongs is never quoted', () => {
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
    const lines = wrong.flatMap((parts) => issueLines(loadFrom(ldapConfigWith(parts))));
    expect(lines.length).toBeGreaterThanOrEqual(wrong.length);
    expect(lines.join()).not.toContain('hunter2');
  });
});

test('everything that is wrong is said at once', () => {
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
  expect(lines.map((line) => line.slice(0, line.indexOf(': '))).sort()).toEqual([
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

describe('what works and is warned about', () => {
  const open = 'is not encrypted (ldap): personal data can be read on its way; use ldaps:// or "startTls": true';
  const anonymous =
    'source.bind: is missing: the directory is read as anybody, and most directories show nobody to them';
  const plain =
    'stands in the file as text: whoever reads the file can use it; write {"env": "NAME"} or {"file": "path"}';

  test.each<[Parts, readonly string[]]>([
    [{}, []],
    [{ bind: { ...bind, method: 'simple' } }, []],
    [{ url: 'ldap://a', startTls: true }, []],
    [{ bind: external, tls }, []],
    [{ bind: external, tls, url: 'ldap://a', startTls: true }, []],
    [{ tls }, []],
    [{ bind: undefined }, [anonymous]],
    [{ bind: undefined, url: ['ldaps://a', 'ldap://b'] }, [`source.url[1]: ${open}`, anonymous]],
    [{ bind: undefined, url: 'ldap://[::1]:389' }, [anonymous]],
    [{ bind: { ...bind, password: 'pass-word' } }, [`source.bind.password: ${plain}`]],
    [
      { url: 'ldap://127.0.0.1', allowPlaintextPassword: true },
      [
        'source.allowPlaintextPassword: lets the password and all personal data be read on their way; use ldaps:// or "startTls": true',
      ],
    ],
    [
      { allowPlaintextPassword: true },
      ['source.allowPlaintextPassword: has no effect: no password travels unencrypted'],
    ],
    [
      { url: 'ldap://localhost', bind: undefined, tls: { caFile: 'ca.pem' } },
      [
        anonymous,
        'source.tls: has no effect: the connection is not encrypted; write ldaps://, or add "startTls": true',
      ],
    ],
    [
      { users: { ...users, key: 'mail' } },
      [
        "source.users.key: mail may change: whoever gets another one is a leaver and a joiner; leave it out, and the directory's own identity is taken",
      ],
    ],
    [{ users: { ...users, key: 'employeeNumber' }, groups: { base: 'ou=groups,o=x', key: 'gidNumber' } }, []],
  ])('%j', (parts, warnings) => {
    expect(requireConfig(loadFrom(ldapConfigWith(parts), files)).warnings).toEqual(warnings);
  });

  test('rules for groups at a target, where the source has none', () => {
    const config = minimalLdapConfig();
    config.targets[0].scope = { groups: 'true' };
    expect(requireConfig(loadFrom(config)).warnings).toEqual([
      'targets[0].scope.groups: has no effect: the source has no groups',
    ]);
    config.source.groups = { base: 'ou=groups,o=x' };
    expect(requireConfig(loadFrom(config)).warnings).toEqual([]);
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
    users: { base: 'ou=people,dc=example,dc=com', shadowExpire: false },
    pageSize: 1000,
    timeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    changes: 'scheduled',
    fullEveryMs: 86_400_000,
    sanity: { maxShrink: 0.3, maxBlank: 0.2 },
  });
  expect(secrets.map((secret) => secret.reveal())).toEqual(['tok-en-1', 'tok-en-1']);
  expect(JSON.stringify(source)).not.toContain('tok-en-1');
});

describe('what is written is taken over', () => {
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
      sanity: { maxShrink: 0.01, maxBlank: 0.2 },
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
