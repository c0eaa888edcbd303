import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import iconv from 'iconv-lite';
import type { CliResult, JsonLine } from '../../world/cli-workspace.ts';
import { configuration, createFixture, expectExitCode, target, type Fixture } from '../../world/fixture.ts';

jest.setTimeout(60_000);

type Settings = Readonly<Record<string, unknown>>;

const file = 'export.csv';

/** A workspace with one export. */
async function workspace(users: Settings, user: Settings, source: Settings = {}): Promise<Fixture> {
  const fixture = await createFixture();
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping: { user } })], { users: { file, ...users }, ...source }),
  );
  return fixture;
}

const write = ({ cli }: Fixture, content: string | Uint8Array): void => writeFileSync(cli.path(file), content);

/** userName → active. */
const accounts = ({ server }: Fixture): Settings =>
  Object.fromEntries([...server.users.values()].map(({ data }) => [String(data['userName']), data['active']]));

const displayNames = ({ server }: Fixture): readonly string[] =>
  [...server.users.values()].map(({ data }) => String(data['displayName'])).sort();

const linesOf = ({ lines }: CliResult, type: string): readonly JsonLine[] =>
  lines.filter((line) => line['type'] === type);

const isTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe('a payroll export with semicolons, windows-1252, title lines and a total', () => {
  const header = '"PersNr";"Nachname";"Vorname";"EMail";"Austritt"';
  const people = [
    ['00017', 'Müller', 'Jürgen', 'j.mueller@x.example', ''],
    ['00018', 'Groß', 'Käthe', 'k.gross@x.example', ''],
    ['00019', 'Weiß', 'Ömer', 'o.weiss@x.example', '30.06.2026'],
    ['00020', 'Schäfer', 'Lea', 'l.schaefer@x.example', ''],
    ['00021', 'Huber', 'Max', 'm.huber@x.example', ''],
  ];
  const row = (cells: readonly string[]): string => cells.map((cell) => `"${cell}"`).join(';');
  const payroll = (rows: readonly (readonly string[])[], ...after: readonly string[]): Buffer =>
    iconv.encode(
      ['Personalliste;;;;', 'Stand 28.11.2026', header, ...rows.map(row), ...after, ';;;;', ''].join('\r\n'),
      'windows-1252',
    );
  const open = (): Promise<Fixture> =>
    workspace(
      {
        key: 'PersNr',
        delimiter: ';',
        encoding: 'windows-1252',
        skipLines: 2,
        active: `user.Austritt == ''`,
        where: `user.PersNr != 'Summe'`,
      },
      {
        userName: 'user.EMail.lowerAscii()',
        displayName: `user.Vorname + ' ' + user.Nachname`,
        'name.givenName': 'user.Vorname',
        'name.familyName': 'user.Nachname',
      },
    );

  test('is read, and a total in another form keeps no leaver', async () => {
    await using at = await open();
    write(at, payroll(people, '"Summe";"5 Mitarbeiter";"";"";""'));
    const check = await at.cli.run('check');
    expectExitCode(check, 0);
    expect(check.stdout).toContain('"Austritt" (1 person)');
    expect(check.stdout).not.toContain('may not read');
    expectExitCode(await at.cli.run('sync'), 0);
    expect(displayNames(at)).toEqual(['Jürgen Müller', 'Käthe Groß', 'Lea Schäfer', 'Max Huber']);
    write(at, payroll(people.slice(0, 4), 'Gesamt: 4 Mitarbeiter'));
    const run = await at.cli.run('sync', '--json');
    expectExitCode(run, 1);
    expect(linesOf(run, 'rejectedRow')).toMatchObject([{ part: 'users', line: 8, since: isTime }]);
    expect(linesOf(run, 'waitingRemoval')).toEqual([]);
    expect(accounts(at)['m.huber@x.example']).toBe(false);
  });

  test('with a broken row: the user whom it names waits, another leaver does not', async () => {
    await using at = await open();
    write(at, payroll(people));
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, payroll(people.slice(0, 3), '"00021;"Huber";"Max";"m.huber@x.example";""'));
    const first = await at.cli.run('sync', '--json');
    expectExitCode(first, 1);
    expect(accounts(at)).toEqual({
      'j.mueller@x.example': true,
      'k.gross@x.example': true,
      'l.schaefer@x.example': false,
      'm.huber@x.example': true,
    });
    const waiting = linesOf(first, 'waitingRemoval');
    expect(waiting).toEqual([
      { type: 'waitingRemoval', resource: 'User', key: '00021', name: 'm.huber@x.example', since: isTime, line: 7 },
    ]);
    expect(linesOf(first, 'rejectedRow')).toEqual([
      { type: 'rejectedRow', part: 'users', line: 7, key: null, reason: expect.any(String), since: isTime },
    ]);
    expect(linesOf(first, 'source')).toEqual([
      { type: 'source', rejected: 1, waitingRemovals: 1, waitingMemberships: 0 },
    ]);
    // The same in the next pass and in plan and status, since the same time.
    for (const args of [
      ['sync', '--json'],
      ['plan', '--json'],
      ['status', '--json'],
    ]) {
      const again = await at.cli.run(...args);
      expect(linesOf(again, 'waitingRemoval')).toEqual(waiting);
      expect(linesOf(again, 'rejectedRow')).toEqual(linesOf(first, 'rejectedRow'));
    }
    const explained = await at.cli.run('explain', '00021');
    expect(explained.stdout).toContain(`since ${String(waiting[0]?.['since'])}`);
    expect(explained.stdout).toContain('line 7 is rejected since');
    write(at, payroll(people.slice(0, 3)));
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)['m.huber@x.example']).toBe(false);
  });

  test('explain shows the rejected row of a joiner who is not in the mirror, and why operations are held', async () => {
    await using at = await open();
    write(at, payroll(people.slice(0, 2)));
    expectExitCode(await at.cli.run('sync'), 0);
    write(
      at,
      payroll([...people.slice(0, 2), ['00030', 'Neu', 'Ann', 'a.neu@x.example', ''], ['00030', 'Neu', 'A', '', '']]),
    );
    const explained = await at.cli.run('explain', '00030');
    expectExitCode(explained, 0);
    expect(explained.stdout).toContain('Person 00030');
    expect(explained.stdout).toMatch(/line \d is rejected since/);
    write(
      at,
      payroll([
        ['00017', 'Müller', 'Jürgen', 'j.mueller@x.example', '01.01.2026'],
        ['00018', 'Groß', 'Käthe', 'k.gross@x.example', '01.01.2026'],
      ]),
    );
    const held = await at.cli.run('explain', '00018');
    expect(held.stdout).toContain('[held]');
    expect(held.stdout).toContain('held: app: would deactivate or delete 2 of 2 people');
  });
});

describe('an export with one row for each job, a second header of labels, and a byte order mark', () => {
  const header = 'status,userId,username,firstName,lastName,startDate,division';
  const labels = 'STATUS,User ID,Username,First Name,Last Name,Start Date,Division';
  const rows = [
    'active,100001,ALOVELACE,Ada,"Lovelace, Dr.",2020-01-01,Sales|IT Support',
    'inactive,100002,BBOOLE,Bob,Boole,2019-01-01,Sales',
    'active,100002,BBOOLE,Bob,Boole,2024-01-01,it support',
    'inactive,100003,CCURIE,Cy,Curie,2019-01-01,Sales',
    'inactive,100003,CCURIE,Cy,Curie,2020-01-01,Sales',
    'active,100004,DDAVY,Di,Davy,2020-01-01,IT  Support',
    'active,100004,DDAVY,Di,Davy,2020-01-01,IT  Support',
  ];
  const content = (first = header, lines = rows): string => `\ufeff${[first, labels, ...lines, ''].join('\r\n')}`;

  test('is read; a renamed column is named with the nearest one', async () => {
    await using at = await workspace(
      {
        key: 'userId',
        active: `user.status == 'active'`,
        rows: 'anyActive',
        orderBy: 'startDate',
        where: `user.userId != 'User ID'`,
      },
      { userName: 'user.username.lowerAscii()', displayName: `user.firstName + ' ' + user.lastName` },
      { groups: { column: 'division', separator: '|' } },
    );
    write(at, content());
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual({ alovelace: true, bboole: true, ddavy: true });
    expect([...at.server.groups.values()].map(({ data }) => String(data['displayName'])).sort()).toEqual([
      'IT Support',
      'Sales',
    ]);
    write(at, content(header.replace('status', 'Employee Status')));
    const run = await at.cli.run('sync');
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(nearest: "Employee Status")');
    // All rows of one user are inactive.
    write(
      at,
      content(
        header,
        rows.map((line) => line.replace('active,100002', 'inactive,100002')),
      ),
    );
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual({ alovelace: true, bboole: false, ddavy: true });
  });
});

describe('a report that a spreadsheet program saved as Unicode text', () => {
  const titles = 'Active and Terminated Workers\t\t\r\nAs of\t2026-11-29\t\r\n\t\t\r\n';
  const report = [
    `${titles}Worker\tEmployee ID\tActive Status`,
    'Łukasz Żak\t21001\tYes',
    `"Ann ""Nan"" O'Neil"\t21002\tYes`,
    'Bob\t21003\tNo',
    '',
  ].join('\r\n');

  test('is read, and text without a byte order mark is refused with the encoding that fits', async () => {
    await using at = await workspace(
      {
        key: 'Employee ID',
        delimiter: '\t',
        encoding: 'utf-16',
        skipLines: 3,
        active: `user['Active Status'] == 'Yes'`,
      },
      { userName: `user['Employee ID']`, displayName: 'user.Worker' },
    );
    write(at, iconv.encode(report, 'utf-16le', { addBOM: true }));
    expectExitCode(await at.cli.run('sync'), 0);
    expect(displayNames(at)).toEqual([`Ann "Nan" O'Neil`, 'Łukasz Żak']);
    write(at, report);
    expect((await at.cli.run('sync')).stderr).toContain('"utf-8"');
    write(at, iconv.encode(report, 'utf-16le', { addBOM: false }));
    expect((await at.cli.run('sync')).stderr).toContain('"utf-16le"');
  });
});
