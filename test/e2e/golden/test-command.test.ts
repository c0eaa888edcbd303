import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(60_000);

// No target listens, no secret exists and no source can be read: a case does not need them.
const app = (settings: object = {}): object => ({
  name: 'app',
  url: 'https://127.0.0.1:1/scim',
  auth: { type: 'bearer', token: { env: 'NOT_SET' } },
  tls: { caFile: './missing.pem' },
  ...settings,
});

const ofTeams = {
  type: 'csv',
  users: { file: './people.csv', key: 'id', active: "user.status != 'left'", validTo: 'user.end' },
  groups: { file: './teams.csv', key: 'team' },
  memberships: { file: './members.csv', group: 'team', member: 'id' },
};

const mapping = {
  user: { userName: 'user.mail.lowerAscii()', manager: 'user.boss', title: "user.level == 'x' ? 'Expert' : 'Member'" },
  group: { displayName: 'group.title' },
};

interface Written {
  readonly targets: Record<string, Record<'users' | 'groups', Record<string, Record<string, unknown>>>>;
  readonly rejectedRows: readonly string[];
}

function writeCase({ path }: CliWorkspace, name: string, golden: object): void {
  mkdirSync(path('cases'), { recursive: true });
  writeFileSync(path(`cases/${name}.case.json`), JSON.stringify(golden));
}

const readExpectation = ({ path }: CliWorkspace, name: string): Written =>
  JSON.parse(readFileSync(path(`cases/${name}.expected.json`), 'utf8')) as Written;

async function accepted(cli: CliWorkspace, name: string): Promise<Written> {
  expectExitCode(await cli.run('test', '--update'), 0);
  expectExitCode(await cli.run('test'), 0);
  return readExpectation(cli, name);
}

describe('a case of an export', () => {
  const golden = {
    at: '2026-03-01',
    users: [
      { id: '1', mail: 'Ada@x.example', level: 'x', dept: 'it' },
      { id: '2', mail: 'bob@x.example', boss: '1', level: 'y', dept: 'it' },
      { id: '3', mail: 'c@x.example', level: 'y', dept: 'ext' },
      { id: '4', mail: 'd@x.example', level: 'y', dept: 'it', status: 'left' },
      { id: '5', mail: 'e@x.example', level: 'y', dept: 'it', end: '2026-02-28' },
      { id: '6', mail: 'f@x.example', level: 'y', dept: 'it', end: '2026-03-01' },
      { id: '7', level: 'y', dept: 'it' },
      { mail: 'without-id@x.example', dept: 'it' },
    ],
    groups: [{ team: 't1', title: 'Sales' }],
    memberships: [
      { team: 't1', id: '1' },
      { team: 't1', id: '3' },
    ],
  };
  const settings = { scope: { users: "user.dept != 'ext'" }, mapping };

  test('states resources, members, and why records have none', async () => {
    await using cli = createCliWorkspace({});
    cli.configure({ state: './scimsync.db', source: ofTeams, targets: [app(settings)] });
    writeCase(cli, 'teams', golden);
    const missing = await cli.run('test');
    expectExitCode(missing, 1);
    expect(missing.stdout).toContain('--update');
    const { targets, rejectedRows } = await accepted(cli, 'teams');
    const { users = {}, groups = {} } = targets['app'] ?? {};
    expect(users['1']).toMatchObject({ decision: 'present', resource: { userName: 'ada@x.example', title: 'Expert' } });
    expect(JSON.stringify(users['2'])).toContain('"manager":{"value":"1"}');
    expect([3, 4, 5].map((key) => users[key]?.['reason'])).toEqual([
      expect.stringContaining('scope'),
      expect.stringContaining('inactive'),
      expect.stringContaining('end date'),
    ]);
    expect(users['6']).toMatchObject({ decision: 'present' });
    expect(users['7']).toMatchObject({ decision: 'rejected', reason: expect.stringContaining('user.mail') });
    expect(groups['t1']).toMatchObject({ decision: 'present', members: ['1'] });
    expect(rejectedRows).toEqual([expect.stringMatching(/^users, row 8: /)]);
  });

  test('shows by place what a change of the configuration does', async () => {
    await using cli = createCliWorkspace({});
    cli.configure({ state: './scimsync.db', source: ofTeams, targets: [app(settings)] });
    writeCase(cli, 'teams', golden);
    await accepted(cli, 'teams');
    cli.configure({ state: './scimsync.db', source: ofTeams, targets: [app({ ...settings, scope: {} })] });
    const changed = await cli.run('test');
    expectExitCode(changed, 1);
    expect(changed.stdout).toContain('targets › app › users › 3 › decision');
    const lines = (await cli.run('test', '--json')).lines;
    expect(lines.at(-1)).toEqual({ type: 'summary', cases: 1, failed: 1 });
    expect(JSON.stringify(lines[0])).toContain('"actual":"present"');
  });
});

test('a case of a directory has entries, with ids and references as text', async () => {
  await using cli = createCliWorkspace({});
  cli.configure({
    state: './scimsync.db',
    source: {
      type: 'ldap',
      directory: 'activeDirectory',
      url: 'ldaps://127.0.0.1:1',
      bind: { dn: 'cn=reader', password: { env: 'NOT_SET' } },
      tls: { caFile: './missing.pem' },
      users: { base: 'ou=people,dc=x' },
      groups: { base: 'ou=groups,dc=x' },
    },
    targets: [app()],
  });
  const guid = (digit: string): string => `${digit.repeat(8)}-1111-2222-3333-444444444444`;
  writeCase(cli, 'entries', {
    at: '2026-03-01T08:00',
    users: [
      {
        dn: 'CN=Ada,OU=people,DC=x',
        objectGUID: guid('a'),
        userPrincipalName: 'ada@x.example',
        userAccountControl: '512',
      },
      {
        dn: 'CN=Bob,OU=people,DC=x',
        objectGUID: guid('b'),
        userPrincipalName: 'bob@x.example',
        userAccountControl: '514',
      },
      { dn: 'CN=Cid,OU=people,DC=x', userPrincipalName: 'cid@x.example' },
    ],
    groups: [
      {
        ...{ dn: 'CN=Team,OU=groups,DC=x', objectGUID: guid('c'), cn: 'Team' },
        member: ['cn=ada,ou=people,dc=x', 'CN=Bob,OU=people,DC=x'],
      },
    ],
  });
  const { targets, rejectedRows } = await accepted(cli, 'entries');
  const { users = {}, groups = {} } = targets['app'] ?? {};
  expect(users[guid('a')]).toMatchObject({ decision: 'present', resource: { externalId: guid('a') } });
  expect(users[guid('b')]).toMatchObject({ decision: 'absent', reason: expect.stringContaining('inactive') });
  expect(groups[guid('c')]).toMatchObject({ decision: 'present', members: [guid('a')] });
  expect(rejectedRows).toEqual([expect.stringContaining('objectGUID')]);
});

test('a case of several sources has the records of each', async () => {
  await using cli = createCliWorkspace({});
  cli.configure({
    state: './scimsync.db',
    sources: {
      hr: { type: 'csv', users: { file: './people.csv', key: 'id' } },
      badges: {
        type: 'csv',
        users: { file: './badges.csv', key: 'badge' },
        join: { on: 'badges.owner', equals: 'hr.id' },
      },
    },
    targets: [app({ mapping: { user: { userName: 'user.mail', title: 'badges.colour' } } })],
  });
  writeCase(cli, 'badges', {
    at: '2026-03-01',
    users: [
      { id: '1', mail: 'a@x.example' },
      { id: '2', mail: 'b@x.example' },
    ],
    joined: { badges: { users: [{ badge: 'k', owner: '1', colour: 'red' }] } },
  });
  const { targets } = await accepted(cli, 'badges');
  expect(targets['app']?.users['1']).toMatchObject({ resource: { title: 'red' } });
  expect(targets['app']?.users['2']).toMatchObject({ decision: 'present' });
  expect(JSON.stringify(targets['app']?.users['2'])).not.toContain('title');
});

test.each([
  ['a folder that does not exist', undefined, 'does not exist'],
  ['a file that is no case', { users: [] }, 'at: '],
  ['a moment that is none', { at: 'soon', users: [{ id: '1', mail: 'a' }] }, 'soon'],
])('%s is a mistake, with exit code 4', async (_label, golden, message) => {
  await using cli = createCliWorkspace({});
  cli.configure({ state: './scimsync.db', source: ofTeams, targets: [app({ mapping })] });
  if (golden !== undefined) writeCase(cli, 'wrong', golden);
  const result = await cli.run('test');
  expectExitCode(result, 4);
  expect(result.stderr).toContain(message);
});
