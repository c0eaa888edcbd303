import { describe, expect, test } from '@jest/globals';
import {
  configFile,
  loadFrom,
  requireConfig,
  issueLines,
  issueTexts,
  configIo,
  configWith,
  minimalConfig,
} from './fixtures.ts';
import { loadConfig } from '../../src/config/load.ts';
import { share } from '../world/limits.ts';

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

const maxDangling = { kind: 'share', share: 0.1, floor: 10 };

describe('one mistake, one line', () => {
  test.each<[string, unknown, string]>([
    ['stat', 'x.db', 'stat config.unknownKey → state'],
    ['state', 5, 'state config.invalidValue'],
    ['state', '', 'state config.empty'],
    ['state', null, 'state config.invalidValue'],
    ['schedule', ['x'], 'schedule config.wrongType'],
    ['targets', undefined, 'targets config.missing'],
    ['targets', {}, 'targets config.wrongType'],
    ['targets', [], 'targets config.empty'],
    ['targets[1]', 'app', 'targets[1] config.wrongType'],
    ['targets[0].name', undefined, 'targets[0].name config.missing'],
    ['targets[0].name', 'a b', 'targets[0].name config.invalidValue'],
    ['targets[0].url', undefined, 'targets[0].url config.missing'],
    ['targets[0].gaurd', {}, 'targets[0].gaurd config.unknownKey → guard'],
    ['targets[0].timeoutMs', 5, 'targets[0].timeoutMs config.unknownKey'],
    ['targets[0].adopt', 'yes', 'targets[0].adopt config.wrongType'],
    ['targets[0].guard.maxRemoval', 3, 'targets[0].guard.maxRemoval config.unknownKey → maxRemovals'],
    ['targets[0].guard.maxRemovals', '150%', 'targets[0].guard.maxRemovals config.invalidValue'],
    ['targets[0].guard.maxRemovals', 0.05, 'targets[0].guard.maxRemovals config.invalidValue'],
    ['targets[0].guard.maxRemovals', -1, 'targets[0].guard.maxRemovals config.outOfRange'],
    ['targets[0].guard.maxRenames', true, 'targets[0].guard.maxRenames config.invalidValue'],
    ['targets[0].guard.floor', '5', 'targets[0].guard.floor config.wrongType'],
    ['targets[0].guard.floor', -1, 'targets[0].guard.floor config.outOfRange'],
    ['targets[0].guard.window', '1 day', 'targets[0].guard.window config.invalidValue'],
    ['targets[0].limits.requestsPerSecond', 0, 'targets[0].limits.requestsPerSecond config.outOfRange'],
    ['targets[0].limits.requestsPerSecond', '20', 'targets[0].limits.requestsPerSecond config.wrongType'],
    ['targets[0].limits.concurrency', 1.5, 'targets[0].limits.concurrency config.wrongType'],
    [
      'targets[0].limits.requestPerSecond',
      5,
      'targets[0].limits.requestPerSecond config.unknownKey → requestsPerSecond',
    ],
    ['targets[0].leavers.action', 'disable', 'targets[0].leavers.action config.notAllowed'],
    ['targets[0].leavers.action', 'delet', 'targets[0].leavers.action config.notAllowed → delete'],
    ['targets[0].leavers.deleteAfterDays', '30', 'targets[0].leavers.deleteAfterDays config.wrongType'],
    ['targets[0].leavers.groups', 'deactivate', 'targets[0].leavers.groups config.notAllowed'],
    ['targets[0].scope.user', 'true', 'targets[0].scope.user config.unknownKey → users'],
    ['targets[0].mapping.users', {}, 'targets[0].mapping.users config.unknownKey → user'],
    ['targets[0].mapping.user', 'x', 'targets[0].mapping.user config.wrongType'],
    ['targets[0].tls.ca', 'x', 'targets[0].tls.ca config.unknownKey → caFile'],
    ['targets[0].tls.pem', 'x', 'targets[0].tls.pem config.unknownKey'],
    ['source', undefined, 'source config.missing'],
    ['source.type', 'ldpa', 'source.type config.notAllowed → ldap'],
    ['source.type', undefined, 'source.type config.missing'],
    ['source.changes', 'life', 'source.changes config.notAllowed → live'],
    ['source.url', 'ldaps://x', 'source.url config.unknownKey'],
    ['source.users.key', undefined, 'source.users.key config.missing'],
    ['source.users.kee', 'id', 'source.users.kee config.unknownKey → key'],
    ['source.users.delimiter', ';;', 'source.users.delimiter config.invalidValue'],
    ['source.users.encoding', 'utf8', 'source.users.encoding config.notAllowed → utf-8'],
    ['source.groups', 'teams', 'source.groups config.invalidValue'],
    ['source.groups', { file: 'teams.csv' }, 'source.groups.key config.missing'],
    ['source.groups', { colum: 'teams' }, 'source.groups.colum config.unknownKey → column'],
    ['source.sanity.maxShrink', 0.3, 'source.sanity.maxShrink config.wrongType'],
    ['source.sanity.maxBlank', '30', 'source.sanity.maxBlank config.invalidValue'],
    ['targets[0].profile', 5, 'targets[0].profile config.invalidValue'],
    ['targets[0].profile', { extend: 'generic' }, 'targets[0].profile.extend config.unknownKey → extends'],
    [
      'targets[0].profile',
      { protocol: { update: 'pathc' } },
      'targets[0].profile.protocol.update config.notAllowed → patch',
    ],
    ['targets[0].profile', { supportLevel: 'tested' }, 'targets[0].profile.supportLevel config.notAllowed'],
    ['targets[0].profile', { misbehaviours: [111] }, 'targets[0].profile.misbehaviours[0] config.outOfRange'],
    [
      'targets[0].profile',
      { supports: { onlyAttributes: 'something' } },
      'targets[0].profile.supports.onlyAttributes config.invalidValue',
    ],
    [
      'targets[0].profile',
      { supports: { values: { userName: { rejectPattern: '(' } } } },
      'targets[0].profile.supports.values.userName.rejectPattern config.invalidValue',
    ],
    [
      'targets[0].profile',
      { supports: { lists: { emails: { maxItem: 1 } } } },
      'targets[0].profile.supports.lists.emails.maxItem config.unknownKey → maxItems',
    ],
    [
      'targets[0].profile',
      { limits: { quotas: [{ requests: 5 }] } },
      'targets[0].profile.limits.quotas[0].seconds config.missing',
    ],
    [
      'targets[0].profile',
      { limits: { membersPerGroup: 0 } },
      'targets[0].profile.limits.membersPerGroup config.outOfRange',
    ],
    [
      'targets[0].profile',
      { protocol: { endpoints: { users: 'Users' } } },
      'targets[0].profile.protocol.endpoints.users config.invalidValue',
    ],
    [
      'targets[0].profile',
      { protocol: { conflictStatuses: [409, '429'] } },
      'targets[0].profile.protocol.conflictStatuses[1] config.wrongType',
    ],
    ['targets[0].profile', 'generc', 'targets[0].profile config.profile → generic'],
    ['targets[0].profile', { extends: '../generic' }, 'targets[0].profile config.profile → generic'],
    ['targets[0].auth', { type: 'bearer' }, 'targets[0].auth.token config.missing'],
    ['targets[0].auth', {}, 'targets[0].auth.type config.missing'],
    ['targets[0].auth.type', 'barer', 'targets[0].auth.type config.notAllowed → bearer'],
    [
      'targets[0].auth',
      { type: 'basic', user: 'x', password: { env: 'TOKEN' } },
      'targets[0].auth.user config.unknownKey → username',
    ],
    ['targets[0].auth.token', 5, 'targets[0].auth.token config.invalidValue'],
    ['targets[0].auth.token', { enf: 'TOKEN' }, 'targets[0].auth.token.enf config.unknownKey → env'],
    ['targets[0].auth.token', { env: 'NOPE' }, 'targets[0].auth.token config.secretMissing'],
    ['targets[0].auth.token', { file: 'nope' }, 'targets[0].auth.token config.secretMissing'],
    [
      'targets[0].auth',
      { type: 'header', name: 'X Api Key', value: { env: 'TOKEN' } },
      'targets[0].auth.name config.invalidValue',
    ],
  ])('%s = %j', (path, value, line) => {
    expect(issueLines(loadFrom(configWith(path, value)))).toEqual([line]);
  });

  test('a value in the place of a secret is never quoted', () => {
    const places: readonly (readonly [string, unknown])[] = [
      ['targets[0].auth', 'Bearer hunter2'],
      ['targets[0].auth.token', ['hunter2']],
      ['targets[0].auth.token', { env: ['hunter2'] }],
      ['targets[0].auth.type', 'hunter2'],
      ['targets[0].auth.token', 'hunter2\nhunter2'],
      ['targets[0].url', 'https://me:hunter2@app.example.com/'],
    ];
    const lines = places.flatMap(([path, value]) => issueTexts(loadFrom(configWith(path, value))));
    expect(lines).toHaveLength(places.length);
    expect(lines.join()).not.toContain('hunter2');
  });
});

test('all mistakes are reported together: structure, rules, secrets and profiles', () => {
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
  expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual([
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

test('an invalid value is not reported as missing too', () => {
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

test('comments and trailing commas are allowed', () => {
  const text = JSON.stringify(minimalConfig(), null, 2).replace('"source"', '// the HR export\n"source"');
  expect(issueLines(loadFrom(text.replace(/\}$/, ', /* the default */ "state": "./scimsync.db",\n}')))).toEqual([]);
});

describe('a file that cannot be read as JSON', () => {
  test.each([
    ['{"state": 1', 'config.syntax'],
    ['', 'config.syntax'],
    ['[]', 'config.wrongType'],
    ['null', 'config.wrongType'],
  ])('%j: %s', (text, line) => {
    expect(issueLines(loadFrom(text))).toEqual([line]);
  });

  test('duplicate names', () => {
    const text = JSON.stringify(minimalConfig()).replace('"name":"app"', '"name":"app","name":"other"');
    expect(issueLines(loadFrom(text))).toEqual(['targets[0].name config.duplicateName']);
  });

  test('a file that does not exist', () => {
    expect(issueLines(loadConfig(configIo({}), configFile))).toEqual(['config.fileUnreadable']);
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
    stopMs: 5_000,
    historyMs: 400 * 24 * 60 * 60 * 1000,
    notify: [],
    incidents: { failingMs: 3_600_000, openLeaverMs: 3_600_000, staleMs: 86_400_000, expiryDays: [14, 3] },
    timezone: 'UTC',
    source: {
      type: 'csv',
      users: {
        file: '/etc/sync/people.csv',
        key: 'id',
        encoding: 'utf-8',
        skipLines: 0,
        dateFormats: [],
        timezone: 'UTC',
      },
      changes: 'scheduled',
      keyForm: [],
      relink: 'ask',
      settleMs: 5000,
      sanity: { maxShrink: 0.3, maxBlank: 0.2, maxDangling },
    },
    targets: [
      {
        name: 'app',
        profile: expect.objectContaining({ name: 'generic', limits: genericLimits }),
        about: { supportLevel: 'documented', verifiedOn: '2026-11-23' },
        url: 'https://app.example.com/scim',
        auth: { type: 'bearer', token: secrets[0] },
        scope: { onlyMembers: false },
        mapping: { user: {}, group: {} },
        joiners: { createDaysBefore: 0, activateDaysBefore: 0 },
        leavers: {
          action: 'deactivate',
          outOfScope: undefined,
          deactivateDaysAfter: 0,
          deleteAfterDays: undefined,
          groups: 'empty',
        },
        guard: {
          table: {
            maxRemovals: share(0.05),
            maxGroupRemovals: share(0.05),
            maxMembershipRemovals: share(0.05),
            maxCreates: share(0.3),
            maxReactivations: share(0.1),
            maxRenames: share(0.1),
            maxAttributeChanges: share(0.5),
            maxMembershipAdditions: share(0.5),
            maxGroupRenames: share(0.1),
          },
          windowMs: 86_400_000,
        },
        adopt: true,
        drift: { requestsPerHour: 0, everyDays: 7, policy: { attributes: {} } },
        verification: { removals: 50, removalsShare: 0.05, firstWrites: 3, writesShare: 0.01, secondLookMs: 600_000 },
        timeoutMs: 30_000,
      },
    ],
    warnings: [],
  });
});

describe('the configuration contains the values of the file', () => {
  const of = (path: string, value: unknown, files = {}) => requireConfig(loadFrom(configWith(path, value), files));
  const target = (path: string, value: unknown, files = {}) => of(`targets[0].${path}`, value, files).targets[0];

  test('all relative paths start from the folder of the configuration file', () => {
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

  test('groups and memberships take the encoding from users, unless they have their own', () => {
    const source = {
      type: 'csv',
      users: {
        file: 'p.csv',
        key: 'id',
        delimiter: ';',
        encoding: 'latin1',
        active: "user.left == ''",
        listSeparator: '|',
        skipLines: 3,
        where: "user.id != ''",
      },
      groups: { file: 'g.csv', key: 'gid', delimiter: '\t' },
      memberships: { file: 'm.csv', group: 'gid', member: 'id', encoding: 'utf-16', where: "membership.role != 'x'" },
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
        skipLines: 3,
        where: "user.id != ''",
        dateFormats: [],
        timezone: 'UTC',
      },
      groups: { kind: 'rows', file: '/etc/sync/g.csv', key: 'gid', delimiter: '\t', encoding: 'latin1', skipLines: 0 },
      memberships: {
        file: '/etc/sync/m.csv',
        group: 'gid',
        member: 'id',
        encoding: 'utf-16',
        skipLines: 0,
        where: "membership.role != 'x'",
      },
      changes: 'scheduled',
      keyForm: [],
      relink: 'ask',
      settleMs: 5000,
      sanity: { maxShrink: 0.3, maxBlank: 0.2, maxDangling },
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

  test('mappings stay as they are in the file, including constants and removed defaults', () => {
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
