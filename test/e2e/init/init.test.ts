import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { createCliWorkspace, type CliResult, type CliWorkspace } from '../../world/cli-workspace.ts';
import { enterpriseUser, expectExitCode } from '../../world/fixture.ts';
import { seededRandom } from '../../world/random.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';

jest.setTimeout(60_000);

const token = 'init-token-4711';

const header = 'Employee Number;First Name;Last Name;E-Mail;Job Title;Status;Hire Date;Exit Date;Teams;Manager ID';
const company = `${header}
1001;Ada;Byron;Ada@company.example;Engineer;active;01.02.2020;;Engineers;
1002;Bob;Stone;bob@company.example;Accountant;active;15.03.2021;31.12.2099;Payroll|Engineers;1001
1003;Cyd;Wäters;cyd@company.example;Engineer;on leave;15.03.2021;;Engineers;1001
1004;Dan;Brook;dan@company.example;Clerk;terminated;15.03.2021;30.06.2022;Payroll;1001
`;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ clock: createSkippingClock(), random: seededRandom(1), token });
});
afterAll(() => sandbox.close());

const workspace = (): CliWorkspace => createCliWorkspace({ APP_TOKEN: token, WRONG_TOKEN: 'wrong-4711', TZ: 'UTC' });

const writeFile = (cli: CliWorkspace, name: string, text: string | Buffer): void => writeFileSync(cli.path(name), text);

const written = (cli: CliWorkspace, name = 'sync.config.json'): unknown =>
  JSON.parse(readFileSync(cli.path(name), 'utf8'));

/** The answers to everything that has no proposal. */
const needed = (): readonly string[] => [
  ...['--source', 'csv', '--file', 'people.csv', '--target-url', sandbox.url],
  ...['--secret', 'env:APP_TOKEN'],
];

async function expectPassesCheck(cli: CliWorkspace): Promise<void> {
  const check = await cli.run('check', '--json');
  expectExitCode(check, 0);
  expect(check.lines.at(-1)).toMatchObject({ type: 'result', usable: true, errors: 0 });
}

describe('scimsync init with --yes', () => {
  test('writes what it proposes for an export of HR, and shows the first plan', async () => {
    await using cli = workspace();
    writeFile(cli, 'people.csv', Buffer.from(company, 'latin1'));
    const run = await cli.run('init', '--yes', ...needed());
    expectExitCode(run, 0);
    expect(written(cli)).toEqual({
      $schema: expect.stringMatching(/config\/sync\.schema\.json$/),
      state: './scimsync.db',
      schedule: '*/15 * * * *',
      timezone: 'UTC',
      source: {
        type: 'csv',
        users: {
          ...{ file: './people.csv', key: 'Employee Number', delimiter: ';', encoding: 'windows-1252' },
          active: "user.Status in ['active', 'on leave']",
          ...{ validFrom: 'user["Hire Date"]', validTo: 'user["Exit Date"]', dateFormats: ['d.M.yyyy'] },
        },
        groups: { column: 'Teams', separator: '|' },
      },
      targets: [
        {
          ...{ name: 'app', url: sandbox.url, auth: { type: 'bearer', token: { env: 'APP_TOKEN' } } },
          mapping: {
            user: {
              userName: 'user["E-Mail"].lowerAscii()',
              'name.givenName': 'user["First Name"]',
              'name.familyName': 'user["Last Name"]',
              displayName: 'user["First Name"] + \' \' + user["Last Name"]',
              'emails[type eq "work"].value': 'user["E-Mail"]',
              title: 'user["Job Title"]',
              [`${enterpriseUser}:manager.value`]: 'user["Manager ID"]',
            },
          },
        },
      ],
    });
    expect(run.stdout).toContain('app: create 5, add 4 memberships');
    expect(run.stdout).not.toContain('dan@company.example');
    const users = await fetch(`${sandbox.url}/Users`, { headers: { authorization: `Bearer ${token}` } });
    expect(await users.json()).toMatchObject({ totalResults: 0 });
    await expectPassesCheck(cli);
  });

  test('leaves out what the columns map by their names, and finds files of groups', async () => {
    await using cli = workspace();
    const people =
      'sep=,\nid,userName,name.givenName,name.familyName,active\nE1,ada,Ada,Byron,yes\nE2,bob,Bob,Stone,no\n';
    writeFile(cli, 'people.csv', people);
    writeFile(cli, 'teams.csv', 'team_id\tteam_name\nT1\tSales\nT2\tSupport\n');
    writeFile(cli, 'members.csv', 'person,team\nE1,T1\nE1,T2\n');
    const files = ['--groups-file', 'teams.csv', '--memberships-file', 'members.csv'];
    const run = await cli.run('init', 'other.json', '--yes', ...needed(), ...files, '--map', 'nickName=userName');
    expectExitCode(run, 0);
    expect(written(cli, 'other.json')).toMatchObject({
      source: {
        users: { file: './people.csv', key: 'id' },
        groups: { file: './teams.csv', key: 'team_id', name: 'team_name', delimiter: '\t' },
        memberships: { file: './members.csv', group: 'team', member: 'person' },
      },
      targets: [
        {
          mapping: {
            user: { displayName: expect.any(String), nickName: 'user.userName' },
            group: { displayName: 'group.team_name' },
          },
        },
      ],
    });
    expect(run.stdout).toContain('app: create 3, add 2 memberships');
    expectExitCode(await cli.run('-c', 'other.json', 'check'), 0);
  });

  test('overrides what a column with a known name would do', async () => {
    await using cli = workspace();
    writeFile(cli, 'people.csv', 'id,userName,active,manager\n1,ada,no,Bob\n2,bob,no,\n');
    const run = await cli.run('init', '--yes', ...needed(), '--active-column', 'none');
    expectExitCode(run, 0);
    expect(written(cli)).toMatchObject({
      source: { users: { active: 'true' } },
      targets: [{ mapping: { user: { [`${enterpriseUser}:manager.value`]: null } } }],
    });
    expect(run.stdout).toContain('app: create 2');
    await expectPassesCheck(cli);
  });

  test('flags take precedence over proposals', async () => {
    await using cli = workspace();
    writeFile(cli, 'people.csv', company);
    const flags = ['--key', 'E-Mail', '--active-column', 'none', '--end-column', 'none', '--groups', 'none'];
    const names = ['--user-name', 'Employee Number', '--name', 'wiki', '--map', 'title=none'];
    const run = await cli.run('init', '--yes', ...needed(), ...flags, ...names, '--start-column', 'none');
    expectExitCode(run, 0);
    expect(run.stderr).toContain('warning: the key E-Mail may change: e-mail addresses change');
    const { source, targets } = written(cli) as { source: object; targets: { mapping: { user: object } }[] };
    expect(source).toEqual({ type: 'csv', users: { file: './people.csv', key: 'E-Mail', delimiter: ';' } });
    expect(targets[0]).toMatchObject({ name: 'wiki', mapping: { user: { userName: 'user["Employee Number"]' } } });
    expect(targets[0]?.mapping.user).not.toHaveProperty('title');
  });
});

/** A run that fails, without a trace in the folder. */
async function expectRefused(cli: CliWorkspace, code: number, message: string, ...args: string[]): Promise<CliResult> {
  const before = readdirSync(cli.folder);
  const run = await cli.run('init', ...args);
  expectExitCode(run, code);
  expect(run.stderr).toContain(message);
  expect(run.stdout).toBe('');
  expect(readdirSync(cli.folder)).toEqual(before);
  return run;
}

describe('without a terminal, a question without an answer is an error that names its flag:', () => {
  const source = ['--source', 'csv', '--file', 'people.csv'];
  const columns = [
    ...['--key', 'Employee Number', '--active-column', 'Status', '--active-values', 'active', '--start-column', 'none'],
    ...['--end-column', 'none', '--groups', 'none', '--user-name', 'E-Mail', '--map', 'none'],
  ];
  const url = ['--target-url', 'http://127.0.0.1:1/scim', '--profile', 'generic', '--name', 'app'];
  test.each<[string, readonly string[]]>([
    ['--source csv | ldap', []],
    ['--file <file>', ['--source', 'csv']],
    ['--key <column>. The proposal is "Employee Number"; --yes takes all proposals', source],
    ['--active-column <column>. The proposal is "Status"', [...source, '--key', 'Employee Number']],
    ['--target-url <url>', [...source, ...columns]],
    ['--secret env:<name> | file:<path>', [...source, ...columns, ...url, '--auth', 'bearer']],
    ['--client-id <id>', [...source, ...columns, ...url, '--auth', 'oauth2', '--token-url', 'https://x.example']],
    ['--ldap-url <url>', ['--source', 'ldap']],
    ['--bind-dn <dn>', ['--source', 'ldap', '--ldap-url', 'ldaps://127.0.0.1:1', '--ca-file', 'none']],
  ])('%s', async (message, args) => {
    await using cli = workspace();
    writeFile(cli, 'people.csv', company);
    await expectRefused(cli, 4, `add ${message}`, ...args);
  });
});

describe('a wrong answer is an error, and nothing is written:', () => {
  const everything = (): string[] => ['--yes', ...needed()];
  const people = (text: string) => (cli: CliWorkspace) => writeFile(cli, 'people.csv', text);
  test.each<[string, number, string, (cli: CliWorkspace) => void, readonly string[]]>([
    ['a file that does not exist', 1, 'csv.fileMissing', () => undefined, []],
    [
      'last days in no common format',
      4,
      '--end-column <column>. "end_date" has dates in no common format: 2020-01-02, 02.01.2020, 01/02/2020',
      people('id,userName,end_date\n1,ada,2020-01-02\n2,bob,02.01.2020\n3,cyd,01/02/2020\n'),
      [],
    ],
    ['an empty file', 1, 'csv.empty', people(''), []],
    ['a file without rows', 1, 'init.noRows', people(`${header}\n`), []],
    ['a file without a header', 1, 'init.noHeader', people('1001,Ada,ada@x.example\n1002,Bob,bob@x.example\n'), []],
    [
      'no unique column',
      4,
      'id has a value twice: 1. No column has another value in every row',
      people('id,name\n1,Ada\n1,Bob\n2,Bob\n'),
      [],
    ],
    [
      'only e-mail addresses are unique',
      4,
      'Only these have another value in every row: mail (e-mail addresses change)',
      people('mail,team\na@x.example,A\nb@x.example,A\n'),
      [],
    ],
    ['an unknown column', 4, '--key "nr" is not a column of the file', people(company), ['--key', 'nr']],
    [
      'values of a column "active" that mean nothing',
      4,
      'add --active-column',
      people('id,mail,active\n1,a@x.de,x\n2,b@x.de,z\n'),
      [],
    ],
    ['an unknown value', 4, 'no row has gone', people(company), ['--active-values', 'gone']],
    ['an attribute that cannot be mapped', 4, '--map "meta=E-Mail"', people(company), ['--map', 'meta=E-Mail']],
    [
      'dates with two meanings',
      4,
      'add --date-format',
      people('id,mail,hired\n1,a@x.de,3/4/2026\n2,b@x.de,5/6/2026\n'),
      [],
    ],
    [
      'a host that does not answer',
      1,
      'http://127.0.0.1:1/scim cannot be used: it does not answer',
      people(company),
      ['--target-url', 'http://127.0.0.1:1/scim'],
    ],
    ['a wrong token', 1, '401', people(company), ['--secret', 'env:WRONG_TOKEN']],
    ['a variable that is not set', 4, 'NOT_SET is not set', people(company), ['--secret', 'env:NOT_SET']],
    ['an unknown profile', 4, '--profile "wurstbrot"', people(company), ['--profile', 'wurstbrot']],
  ])('%s', async (_what, code, message, prepare, args) => {
    await using cli = workspace();
    prepare(cli);
    await expectRefused(cli, code, message, ...everything(), ...args);
  });

  test('a secret on the command line, which is not repeated', async () => {
    await using cli = workspace();
    writeFile(cli, 'people.csv', company);
    const run = await expectRefused(
      cli,
      4,
      '--secret must be env:NAME or file:PATH',
      ...everything(),
      '--secret',
      'a-secret-4711',
    );
    expect(run.stderr).not.toContain('a-secret-4711');
  });

  test('an existing configuration, until --force overwrites it', async () => {
    await using cli = workspace();
    writeFile(cli, 'people.csv', company);
    writeFile(cli, 'sync.config.json', '{}');
    await expectRefused(cli, 4, '--force', ...everything());
    expect(readFileSync(cli.path('sync.config.json'), 'utf8')).toBe('{}');
    expectExitCode(await cli.run('init', '--force', ...everything()), 0);
    await expectPassesCheck(cli);
  });
});

describe('the commands of the how-to', () => {
  const page = readFileSync(new URL('../../../docs/howto/first-configuration.md', import.meta.url), 'utf8');
  /** The arguments of the command about a kind of source, with servers that exist here. */
  const argumentsOf = (kind: string): string[] =>
    (new RegExp(`scimsync (init --yes --source ${kind}(?:.*\\\\\\n)*.*)`).exec(page)?.[1] ?? '')
      .replaceAll('\\\n', ' ')
      .replace('https://wiki.example.com/scim/v2', sandbox.url)
      .replace('ldaps://dc1.corp.example', 'ldaps://127.0.0.1:1')
      .trim()
      .split(/\s+/);

  test('for an export writes a configuration', async () => {
    await using cli = createCliWorkspace({ WIKI_TOKEN: token });
    writeFile(cli, 'people.csv', company);
    expectExitCode(await cli.run(...argumentsOf('csv')), 0);
    expect(written(cli)).toMatchObject({ targets: [{ auth: { token: { env: 'WIKI_TOKEN' } } }] });
  });

  test('for a directory reaches for it', async () => {
    await using cli = createCliWorkspace({ LDAP_PASSWORD: 'x' });
    const run = await cli.run(...argumentsOf('ldap'));
    expectExitCode(run, 1);
    expect(run.stderr).toContain('ldap.connectFailed');
  });
});
