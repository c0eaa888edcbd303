import { describe, expect, test } from '@jest/globals';
import { configFile, loadFrom, requireConfig, issueLines, configIo, configWith, minimalConfig } from './fixtures.ts';
import { loadConfig } from '../../src/config/load.ts';

const secretForm = 'must be {"env": "NAME"} or {"file": "path"}';
const authForm = 'must be "none", "bearer", "oauth2", "basic" or "header"';
const limitForm = 'must be a count such as 20, or a percentage from "0%" to "100%"';
const genericLimits = {
  requestsPerSecond: 25,
  concurrency: 8,
  quotas: [],
  membersPerRequest: 100,
  removalsPerRequest: null,
  addAndRemoveTogether: true,
  maxPatchableGroupSize: null,
  membersPerGroup: null,
  operationsPerPatch: null,
  maxPayloadSize: 800_000,
  pageSize: 100,
  maxBulkOperations: 1000,
};
const targetKeys = 'name, profile, url, auth, tls, scope, mapping, leavers, limits, guard, protect, adopt';

describe('one mistake, one line', () => {
  test.each<[string, unknown, string]>([
    ['stat', 'x.db', 'stat: unknown key; did you mean "state"?'],
    ['state', 5, 'state: must be text, is 5'],
    ['state', '', 'state: must not be empty'],
    ['state', null, 'state: must be text, is null'],
    ['schedule', ['x'], 'schedule: must be text, is a list'],
    ['targets', undefined, 'targets: is missing'],
    ['targets', {}, 'targets: must be a list, is an object'],
    ['targets', [], 'targets: must not be empty'],
    ['targets[1]', 'app', 'targets[1]: must be an object, is "app"'],
    ['targets[0].name', undefined, 'targets[0].name: is missing'],
    [
      'targets[0].name',
      'a b',
      'targets[0].name: must be made of letters, digits, ".", "_" and "-", begin with a letter or digit, and have at most 63 characters, is "a b"',
    ],
    ['targets[0].url', undefined, 'targets[0].url: is missing'],
    ['targets[0].gaurd', {}, 'targets[0].gaurd: unknown key; did you mean "guard"?'],
    ['targets[0].timeoutMs', 5, `targets[0].timeoutMs: unknown key; known here: ${targetKeys}`],
    ['targets[0].adopt', 'yes', 'targets[0].adopt: must be true or false, is "yes"'],
    ['targets[0].guard.maxRemoval', 3, 'targets[0].guard.maxRemoval: unknown key; did you mean "maxRemovals"?'],
    ['targets[0].guard.maxRemovals', '150%', `targets[0].guard.maxRemovals: ${limitForm}, is "150%"`],
    ['targets[0].guard.maxRemovals', 0.05, `targets[0].guard.maxRemovals: ${limitForm}, is 0.05`],
    ['targets[0].guard.maxRemovals', -1, 'targets[0].guard.maxRemovals: must be at least 0, is -1'],
    ['targets[0].guard.maxRenames', true, `targets[0].guard.maxRenames: ${limitForm}, is true`],
    ['targets[0].guard.floor', '5', 'targets[0].guard.floor: must be a number, is "5"'],
    ['targets[0].guard.floor', -1, 'targets[0].guard.floor: must be at least 0, is -1'],
    ['targets[0].limits.requestsPerSecond', 0, 'targets[0].limits.requestsPerSecond: must be more than 0, is 0'],
    ['targets[0].limits.requestsPerSecond', '20', 'targets[0].limits.requestsPerSecond: must be a number, is "20"'],
    ['targets[0].limits.concurrency', 1.5, 'targets[0].limits.concurrency: must be a whole number, is 1.5'],
    [
      'targets[0].limits.requestPerSecond',
      5,
      'targets[0].limits.requestPerSecond: unknown key; did you mean "requestsPerSecond"?',
    ],
    [
      'targets[0].leavers.action',
      'disable',
      'targets[0].leavers.action: must be "deactivate", "delete" or "keep", is "disable"',
    ],
    [
      'targets[0].leavers.action',
      'delet',
      'targets[0].leavers.action: must be "deactivate", "delete" or "keep", is "delet"; did you mean "delete"?',
    ],
    ['targets[0].leavers.deleteAfterDays', '30', 'targets[0].leavers.deleteAfterDays: must be a number, is "30"'],
    [
      'targets[0].leavers.groups',
      'deactivate',
      'targets[0].leavers.groups: must be "delete" or "keep", is "deactivate"',
    ],
    ['targets[0].scope.user', 'true', 'targets[0].scope.user: unknown key; did you mean "users"?'],
    ['targets[0].mapping.users', {}, 'targets[0].mapping.users: unknown key; did you mean "user"?'],
    ['targets[0].mapping.user', 'x', 'targets[0].mapping.user: must be an object, is "x"'],
    ['targets[0].tls.ca', 'x', 'targets[0].tls.ca: unknown key; did you mean "caFile"?'],
    ['targets[0].tls.pem', 'x', 'targets[0].tls.pem: unknown key; known here: certFile, keyFile, caFile'],
    ['source', undefined, 'source: is missing'],
    ['source.type', 'ldpa', 'source.type: must be "csv" or "ldap", is "ldpa"; did you mean "ldap"?'],
    ['source.type', undefined, 'source.type: is missing; must be "csv" or "ldap"'],
    ['source.changes', 'life', 'source.changes: must be "scheduled" or "live", is "life"; did you mean "live"?'],
    [
      'source.url',
      'ldaps://x',
      'source.url: unknown key; known here: type, users, groups, memberships, changes, sanity',
    ],
    ['source.users.key', undefined, 'source.users.key: is missing'],
    ['source.users.kee', 'id', 'source.users.kee: unknown key; did you mean "key"?'],
    [
      'source.users.delimiter',
      ';;',
      'source.users.delimiter: must be one ASCII character such as "," or ";" or "\\t", and no quotation mark, is ";;"',
    ],
    [
      'source.users.encoding',
      'utf8',
      'source.users.encoding: must be "utf-8", "utf-16", "utf-16le", "utf-16be" or "latin1", is "utf8"; did you mean "utf-8"?',
    ],
    [
      'source.groups',
      'teams',
      'source.groups: must be an object: {"file", "key"} or {"column", "separator"}, is "teams"',
    ],
    ['source.groups', { file: 'teams.csv' }, 'source.groups.key: is missing'],
    ['source.groups', { colum: 'teams' }, 'source.groups.colum: unknown key; did you mean "column"?'],
    ['source.sanity.maxShrink', 0.3, 'source.sanity.maxShrink: must be a percentage from "0%" to "100%", is 0.3'],
    ['source.sanity.maxBlank', '30', 'source.sanity.maxBlank: must be a percentage from "0%" to "100%", is "30"'],
    [
      'targets[0].profile',
      5,
      'targets[0].profile: must be the name of a profile or an object such as {"extends": "generic"}, is 5',
    ],
    ['targets[0].profile', { extend: 'generic' }, 'targets[0].profile.extend: unknown key; did you mean "extends"?'],
    [
      'targets[0].profile',
      { protocol: { update: 'pathc' } },
      'targets[0].profile.protocol.update: must be "auto", "patch", "put" or "getThenPut", is "pathc"; did you mean "patch"?',
    ],
    [
      'targets[0].profile',
      { supportLevel: 'tested' },
      'targets[0].profile.supportLevel: must be "documented", "seen in code", "probed" or "untested against the vendor", is "tested"',
    ],
    ['targets[0].profile', { misbehaviours: [86] }, 'targets[0].profile.misbehaviours[0]: must be at most 85, is 86'],
    [
      'targets[0].profile',
      { supports: { onlyAttributes: 'something' } },
      'targets[0].profile.supports.onlyAttributes: must be "all" or a list of SCIM paths, is "something"',
    ],
    [
      'targets[0].profile',
      { supports: { values: { userName: { rejectPattern: '(' } } } },
      'targets[0].profile.supports.values.userName.rejectPattern: must be a regular expression, is "("',
    ],
    [
      'targets[0].profile',
      { supports: { lists: { emails: { maxItem: 1 } } } },
      'targets[0].profile.supports.lists.emails.maxItem: unknown key; did you mean "maxItems"?',
    ],
    [
      'targets[0].profile',
      { limits: { quotas: [{ requests: 5 }] } },
      'targets[0].profile.limits.quotas[0].seconds: is missing',
    ],
    [
      'targets[0].profile',
      { limits: { membersPerGroup: 0 } },
      'targets[0].profile.limits.membersPerGroup: must be at least 1, is 0',
    ],
    [
      'targets[0].profile',
      { protocol: { endpoints: { users: 'Users' } } },
      'targets[0].profile.protocol.endpoints.users: must begin with a slash, is "Users"',
    ],
    [
      'targets[0].profile',
      { protocol: { conflictStatuses: [409, '429'] } },
      'targets[0].profile.protocol.conflictStatuses[1]: must be a number, is "429"',
    ],
    ['targets[0].profile', 'generc', 'targets[0].profile: there is no profile "generc"; did you mean "generic"?'],
    [
      'targets[0].profile',
      { extends: '../generic' },
      'targets[0].profile: there is no profile "../generic"; did you mean "generic"?',
    ],
    ['targets[0].auth', { type: 'bearer' }, 'targets[0].auth.token: is missing'],
    ['targets[0].auth', {}, `targets[0].auth.type: is missing; ${authForm}`],
    ['targets[0].auth.type', 'barer', `targets[0].auth.type: ${authForm}, is text; did you mean "bearer"?`],
    [
      'targets[0].auth',
      { type: 'basic', user: 'x', password: { env: 'TOKEN' } },
      'targets[0].auth.user: unknown key; did you mean "username"?',
    ],
    ['targets[0].auth.token', 5, `targets[0].auth.token: ${secretForm}, is a number`],
    ['targets[0].auth.token', { enf: 'TOKEN' }, 'targets[0].auth.token.enf: unknown key; did you mean "env"?'],
    [
      'targets[0].auth.token',
      { env: 'NOPE' },
      'targets[0].auth.token: the environment variable NOPE is not set; set it for the process that runs scimsync',
    ],
    [
      'targets[0].auth.token',
      { file: 'nope' },
      'targets[0].auth.token: the file /etc/sync/nope cannot be read (ENOENT)',
    ],
    [
      'targets[0].auth',
      { type: 'header', name: 'X Api Key', value: { env: 'TOKEN' } },
      'targets[0].auth.name: must be the name of an HTTP header, such as X-Api-Key, is text',
    ],
  ])('%s = %j', (path, value, line) => {
    expect(issueLines(loadFrom(configWith(path, value)))).toEqual([line]);
  });

  test('a value that stands where a secret belongs is never quoted', () => {
    const places: readonly (readonly [string, unknown])[] = [
      ['targets[0].auth', 'Bearer hunter2'],
      ['targets[0].auth.token', ['hunter2']],
      ['targets[0].auth.token', { env: ['hunter2'] }],
      ['targets[0].auth.type', 'hunter2'],
      ['targets[0].auth.token', 'hunter2\nhunter2'],
      ['targets[0].url', 'https://me:hunter2@app.example.com/'],
    ];
    const lines = places.flatMap(([path, value]) => issueLines(loadFrom(configWith(path, value))));
    expect(lines).toHaveLength(places.length);
    expect(lines.join()).not.toContain('hunter2');
  });
});

test('everything that is wrong is said at once: structure, rules, secrets and profiles', () => {
  const config = {
    timezone: 'Europe/Berln',
    schedule: 'sometimes',
    source: {
      type: 'csv',
      users: { file: 'people.csv', key: 7, active: 'user.x ==' },
      memberships: { file: 'm.csv', group: 'g', member: 'p' },
    },
    targets: [
      { name: 'a', url: 'ftp://a', auth: { type: 'bearer', token: { env: 'NOPE' } }, guard: { maxRemoval: 3 } },
      {
        name: 'A',
        url: 'https://b.example.com',
        auth: { type: 'bearer', token: { env: 'TOKEN' } },
        profile: 'generik',
        adopt: 1,
      },
    ],
  };
  const lines = issueLines(loadFrom(config));
  expect(lines.map((line) => line.slice(0, line.indexOf(': '))).sort()).toEqual([
    'schedule',
    'source.memberships',
    'source.users.active',
    'source.users.key',
    'targets[0].auth.token',
    'targets[0].guard.maxRemoval',
    'targets[0].url',
    'targets[1].adopt',
    'targets[1].name',
    'targets[1].profile',
    'timezone',
  ]);
});

test('what is wrong is not said to be missing as well', () => {
  expect(
    issueLines(
      loadFrom({
        ...minimalConfig(),
        source: { ...minimalConfig().source, groups: 5, memberships: { file: 'm.csv', group: 'g', member: 'p' } },
      }),
    ),
  ).toHaveLength(1);
  expect(
    issueLines(
      loadFrom(configWith('targets[0].tls', { certFile: 5, keyFile: 'key.pem' }), { '/etc/sync/key.pem': 'k' }),
    ),
  ).toHaveLength(1);
});

describe('a file that cannot be read as JSON', () => {
  test.each([
    ['{"state": 1,}', `${configFile} is not JSON: line 1, column 13: the comma before } is one too many`],
    ['', `${configFile} is not JSON: line 1, column 1: the file is empty`],
    ['[]', 'must be an object, is a list'],
    ['null', 'must be an object, is null'],
  ])('%j: %s', (text, line) => {
    expect(issueLines(loadFrom(text))).toEqual([line]);
  });

  test('names that stand there twice', () => {
    const text = JSON.stringify(minimalConfig()).replace('"name":"app"', '"name":"app","name":"other"');
    expect(issueLines(loadFrom(text))).toEqual(['targets[0].name: stands there twice; keep one of the two']);
  });

  test('a file that is not there', () => {
    expect(issueLines(loadConfig(configIo({}), configFile))).toEqual([
      `${configFile} cannot be read (ENOENT); name the configuration with --config FILE`,
    ]);
  });
});

test('the shortest configuration has every default', () => {
  const { secrets, ...config } = requireConfig(loadFrom(minimalConfig()));
  expect(secrets.map((secret) => secret.reveal())).toEqual(['tok-en-1']);
  expect(config).toEqual({
    file: configFile,
    folder: '/etc/sync',
    state: '/etc/sync/scimsync.db',
    schedule: undefined,
    timezone: 'UTC',
    source: {
      type: 'csv',
      users: { file: '/etc/sync/people.csv', key: 'id', delimiter: ',', encoding: 'utf-8' },
      changes: 'scheduled',
      sanity: { maxShrink: 0.3, maxBlank: 0.2 },
    },
    targets: [
      {
        name: 'app',
        profile: expect.objectContaining({ name: 'generic', limits: genericLimits }),
        about: { supportLevel: 'documented', verifiedOn: '2026-11-23' },
        url: 'https://app.example.com/scim',
        auth: { type: 'bearer', token: secrets[0] },
        scope: {},
        mapping: { user: {}, group: {} },
        leavers: { action: 'deactivate', outOfScope: undefined, deleteAfterDays: undefined, groups: 'delete' },
        guard: { maxRemovals: { kind: 'share', share: 0.05 }, maxRenames: { kind: 'share', share: 0.1 }, floor: 10 },
        adopt: true,
        timeoutMs: 30_000,
      },
    ],
    warnings: [],
  });
});

describe('what is written is taken over', () => {
  const of = (path: string, value: unknown, files = {}) => requireConfig(loadFrom(configWith(path, value), files));
  const target = (path: string, value: unknown, files = {}) => of(`targets[0].${path}`, value, files).targets[0];

  test('paths start from the configuration file, whatever they belong to', () => {
    expect(of('state', '../state.db').state).toBe('/etc/state.db');
    expect(of('state', '/var/lib/state.db').state).toBe('/var/lib/state.db');
    const files = { '/etc/sync/tls/ca.pem': 'ca', '/run/cert.pem': 'cert', '/etc/sync/key.pem': 'key' };
    expect(
      target('tls', { caFile: './tls/ca.pem', certFile: '/run/cert.pem', keyFile: 'key.pem' }, files)?.tls,
    ).toEqual({
      caFile: '/etc/sync/tls/ca.pem',
      certFile: '/run/cert.pem',
      keyFile: '/etc/sync/key.pem',
    });
  });

  test('groups and memberships take delimiter and encoding from users, unless they have their own', () => {
    const source = {
      type: 'csv',
      users: {
        file: 'p.csv',
        key: 'id',
        delimiter: ';',
        encoding: 'latin1',
        active: "user.left == ''",
        listSeparator: '|',
      },
      groups: { file: 'g.csv', key: 'gid', delimiter: '\t' },
      memberships: { file: 'm.csv', group: 'gid', member: 'id', encoding: 'utf-16' },
    };
    expect(of('source', source).source).toEqual({
      type: 'csv',
      users: {
        file: '/etc/sync/p.csv',
        key: 'id',
        delimiter: ';',
        encoding: 'latin1',
        active: "user.left == ''",
        listSeparator: '|',
      },
      groups: { kind: 'file', file: '/etc/sync/g.csv', key: 'gid', delimiter: '\t', encoding: 'latin1' },
      memberships: { file: '/etc/sync/m.csv', group: 'gid', member: 'id', delimiter: ';', encoding: 'utf-16' },
      changes: 'scheduled',
      sanity: { maxShrink: 0.3, maxBlank: 0.2 },
    });
  });

  test.each([
    [{ column: 'teams' }, { kind: 'column', column: 'teams', separator: ';' }],
    [
      { column: 'teams', separator: '|' },
      { kind: 'column', column: 'teams', separator: '|' },
    ],
  ])('groups from a column: %j', (groups, expected) => {
    expect(of('source.groups', groups).source.groups).toEqual(expected);
  });

  test('limits of the configuration win over the profile, and the profile over what it extends', () => {
    const config = configWith('targets[0].profile', {
      name: 'mine',
      limits: { requestsPerSecond: 5, pageSize: 10 },
      protocol: { update: 'put' },
    });
    config.targets[0].limits = { requestsPerSecond: 0.5, timeoutMs: 1000 };
    const [first] = requireConfig(loadFrom(config)).targets;
    expect(first?.profile.name).toBe('mine');
    expect(first?.profile.limits).toEqual({ ...genericLimits, requestsPerSecond: 0.5, pageSize: 10 });
    expect(first?.profile.protocol).toMatchObject({ update: 'put', valuePaths: true });
    expect(first?.timeoutMs).toBe(1000);
  });

  test('mappings stay as they are written, constants and removed defaults included', () => {
    const user = {
      userName: 'user.mail',
      active: null,
      'emails[type eq "work"].primary': true,
      roles: [{ value: 'x' }],
    };
    expect(target('mapping', { user })?.mapping).toEqual({ user, group: {} });
  });

  test.each<[unknown, unknown]>([
    [undefined, { type: 'none' }],
    [{ type: 'none' }, { type: 'none' }],
    [
      {
        type: 'oauth2',
        tokenUrl: 'https://login.example.com/token',
        clientId: 'me',
        clientSecret: { env: 'TOKEN' },
        scope: 'a b',
        audience: 'x',
      },
      {
        type: 'oauth2',
        tokenUrl: 'https://login.example.com/token',
        clientId: 'me',
        clientSecret: 'tok-en-1',
        scope: 'a b',
        audience: 'x',
      },
    ],
    [
      { type: 'basic', username: { env: 'TOKEN' }, password: { file: 'pw' } },
      { type: 'basic', username: 'tok-en-1', password: 'pass-word' },
    ],
    [
      { type: 'header', name: 'X-Api-Key', value: { file: '/etc/sync/pw' } },
      { type: 'header', name: 'X-Api-Key', value: 'pass-word' },
    ],
  ])('auth %j', (auth, expected) => {
    const shown = Object.fromEntries(
      Object.entries(target('auth', auth, { '/etc/sync/pw': 'pass-word\n' })?.auth ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.reveal(),
      ]),
    );
    expect(shown).toEqual(expected);
  });

  test('nothing of it shows a secret when it is printed', () => {
    expect(JSON.stringify(requireConfig(loadFrom(minimalConfig())))).not.toContain('tok-en-1');
  });
});
