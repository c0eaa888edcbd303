import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import iconv from 'iconv-lite';
import type { CliResult } from '../world/cli-workspace.ts';
import { configuration, createFixture, drainLog, expectExitCode, target, type Fixture } from '../world/fixture.ts';

jest.setTimeout(60_000);

type Settings = Readonly<Record<string, unknown>>;

const csv = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
const users = (header: string, ...rows: readonly string[]): string => csv(header, ...rows);
const crew = ['1,ada,true', '2,bob,false', '3,cy,true', '4,di,true'];

/** A workspace whose columns map themselves. */
async function workspace(files: Settings, source: Settings = {}): Promise<Fixture> {
  const fixture = await createFixture();
  configure(fixture, source);
  write(fixture, files);
  return fixture;
}

const groupFiles = {
  groups: { file: 'groups.csv', key: 'id' },
  memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
};

const configure = (fixture: Fixture, source: Settings = {}, mapping?: Settings): void =>
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping })], { users: { file: 'users.csv', key: 'id' }, ...source }),
  );

function write(fixture: Fixture, files: Settings): void {
  for (const [name, content] of Object.entries(files))
    writeFileSync(fixture.cli.path(name), content as string | Uint8Array);
}

/** Runs a pass that is refused with this code, and sends nothing. */
async function expectRefusal(fixture: Fixture, code: string, mentions: string): Promise<CliResult> {
  drainLog(fixture.server);
  const run = await fixture.cli.run('sync', '--json');
  expectExitCode(run, 1);
  expect(run.stderr).toContain(`(code: ${code})`);
  expect(run.stderr).toContain(mentions);
  expect(drainLog(fixture.server)).toEqual([]);
  return run;
}

/** The accounts: userName → active. */
const accounts = ({ server }: Fixture): Settings =>
  Object.fromEntries([...server.users.values()].map(({ data }) => [String(data['userName']), data['active']]));
const groupNames = ({ server }: Fixture): readonly string[] =>
  [...server.groups.values()].map(({ data }) => String(data['displayName'])).sort();

describe('the column that decides who is active', () => {
  test.each([
    ['is renamed', 'id,userName,Is Active', 'Is Active'],
    ['has an invisible character', 'id,userName,active\u200b', 'active\\u{200b}'],
    ['has a soft hyphen', 'id,userName,ac\u00adtive', 'ac\\u{00ad}tive'],
    ['is gone', 'id,userName,shoe', 'shoe'],
  ])('%s: the reading is refused, and the new column is named', async (_, header, nearest) => {
    await using at = await workspace({ 'users.csv': users('id,userName,active', ...crew) });
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual({ ada: true, cy: true, di: true });
    write(at, { 'users.csv': users(header, ...crew) });
    const run = await expectRefusal(at, 'source.columnVanished', nearest);
    expect(run.lines).toMatchObject([
      { type: 'reading', refused: true, judgements: [{ code: 'source.columnVanished', subject: 'active' }] },
    ]);
    // It is refused until an operator accepts it, and then remembered.
    await expectRefusal(at, 'source.columnVanished', nearest);
    expectExitCode(await at.cli.run('sync', '--accept-source'), 0);
    expect(accounts(at)).toEqual({ ada: true, bob: true, cy: true, di: true });
    expectExitCode(await at.cli.run('sync'), 0);
  });

  test('is renamed, and the configuration names the new column', async () => {
    await using at = await workspace({ 'users.csv': users('id,userName,active', ...crew) });
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': users('id,userName,Is Active', ...crew) });
    configure(at, { users: { file: 'users.csv', key: 'id', active: `user['Is Active'] == 'true'` } });
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual({ ada: true, cy: true, di: true });
  });

  test('has an invisible character in a first reading', async () => {
    await using at = await workspace({ 'users.csv': users('id,userName,active\u200b', ...crew) });
    await expectRefusal(at, 'source.columnVanished', 'active\\u{200b}');
    expect(accounts(at)).toEqual({});
  });

  test('appears', async () => {
    await using at = await workspace({ 'users.csv': users('id,userName', '1,ada', '2,bob') });
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': users('id,userName,active', '1,ada,true', '2,bob,false') });
    await expectRefusal(at, 'source.columnAppeared', 'active');
    expectExitCode(await at.cli.run('sync', '--accept-source', '--allow-removals', '1'), 0);
    expect(accounts(at)).toEqual({ ada: true, bob: false });
  });

  test('becomes blank in a condition', async () => {
    const active = `user.end_date == ''`;
    const left = Array.from({ length: 5 }, (_, index) => `${index + 10},left${index},2020-01-01`);
    const source = { users: { file: 'users.csv', key: 'id', active } };
    await using at = await workspace({ 'users.csv': users('id,userName,end_date', '1,ada,', ...left) }, source);
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': users('id,userName,end_date', '1,ada,', ...left.map((row) => row.slice(0, -10))) });
    await expectRefusal(at, 'source.blanked', 'end_date');
    expect(accounts(at)).toEqual({ ada: true });
  });

  test('is always "true"', async () => {
    const people = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const rows = (inactive: number): string =>
      users('id,userName,active', ...people.map((name, index) => `${index},${name},${index >= inactive}`));
    await using at = await workspace({ 'users.csv': rows(0) });
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': rows(8) });
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': rows(0) });
    await expectRefusal(at, 'source.activated', '8 of the 8 users who were inactive');
    // An accepted reading is still judged at each target.
    expectExitCode(await at.cli.run('sync', '--accept-source'), 3);
    expect(accounts(at)).toEqual(Object.fromEntries(people.map((name, index) => [name, index >= 8])));
  });
});

describe('columns that map themselves', () => {
  test('the name of groups and of users may not vanish', async () => {
    await using at = await workspace(
      {
        'users.csv': users('id,userName', '1,ada', '2,bob'),
        'groups.csv': csv('id,displayName', 'g1,Red', 'g2,Blue'),
        'memberships.csv': csv('group,member', 'g1,1', 'g2,2'),
      },
      groupFiles,
    );
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'groups.csv': csv('id', 'g1', 'g2') });
    await expectRefusal(at, 'source.columnVanished', 'displayName');
    write(at, { 'groups.csv': csv('id,name', 'g1,Red', 'g2,Blue') });
    await expectRefusal(at, 'source.columnVanished', 'displayName');
    expect(groupNames(at)).toEqual(['Blue', 'Red']);
    write(at, { 'groups.csv': csv('id,displayName', 'g1,Red', 'g2,Blue') });
    write(at, { 'users.csv': users('id,user name', '1,ada', '2,bob') });
    await expectRefusal(at, 'source.columnVanished', 'user name');
  });

  test('an ordinary change of columns passes', async () => {
    await using at = await workspace({ 'users.csv': users('id,userName,active,shoe', '1,ada,true,', '2,bob,false,') });
    expectExitCode(await at.cli.run('sync'), 0);
    drainLog(at.server);
    for (const text of [
      users('shoe,ACTIVE,username,id', ',true,ada,1', ',false,bob,2'),
      users('active,userName,id', 'true,ada,1', 'false,bob,2'),
      users('active,userName,id,shoe,shoe', 'true,ada,1,7,8', 'false,bob,2,,'),
    ]) {
      write(at, { 'users.csv': text });
      expectExitCode(await at.cli.run('sync'), 0);
    }
    expect(drainLog(at.server).filter(({ method }) => method !== 'GET')).toEqual([]);
    write(at, { 'users.csv': users('active,userName,id,title', 'true,ada,1,Countess', 'false,bob,2,') });
    const run = await at.cli.run('sync', '--json');
    expectExitCode(run, 0);
    expect(run.lines.filter(({ type }) => type === 'reading')).toMatchObject([
      { refused: false, judgements: [{ code: 'source.columnMapped', subject: 'title' }] },
    ]);
    write(at, { 'users.csv': users('active,userName,id,title,title', 'true,ada,1,Countess,x', 'false,bob,2,,') });
    expect((await at.cli.run('sync')).stderr).toContain('(code: csv.columnDuplicate)');
  });
});

test('lines that end with a carriage return alone', async () => {
  await using at = await workspace({ 'users.csv': users('id,userName,active', ...crew).replaceAll('\n', '\r') });
  expectExitCode(await at.cli.run('sync'), 0);
  expect(accounts(at)).toEqual({ ada: true, cy: true, di: true });
  write(at, { 'users.csv': users('id,userName,active', ...crew) });
  expectExitCode(await at.cli.run('sync'), 0);
  write(at, { 'users.csv': users('id,userName,active', ...crew, '5,eve,true').replaceAll('\n', '\r') });
  expectExitCode(await at.cli.run('sync'), 0);
  expect(accounts(at)).toEqual({ ada: true, cy: true, di: true, eve: true });
});

test('names of groups in a column that differ only in case or blanks are one group', async () => {
  const rows = ['1,ada,IT Support;Sales', '2,bob,it support', '3,cy,IT  SUPPORT;sales', '4,di,ITSupport;it support'];
  await using at = await workspace(
    { 'users.csv': users('id,userName,teams', ...rows) },
    { groups: { column: 'teams' } },
  );
  const run = await at.cli.run('sync', '--json');
  expectExitCode(run, 0);
  expect(groupNames(at)).toEqual(['IT Support', 'Sales']);
  const members = [...at.server.groups.values()].map(({ data }) => (data['members'] as unknown[]).length);
  expect(members.sort()).toEqual([2, 4]);
  const reported = run.lines.filter(({ type }) => type === 'reading');
  expect(reported).toMatchObject([
    { refused: false, judgements: [{ code: 'source.groupSpellings' }, { code: 'source.groupSpellings' }] },
  ]);
  // Another spelling of a group that exists is no change.
  drainLog(at.server);
  write(at, { 'users.csv': users('id,userName,teams', '1,ada,it support;SALES', ...rows.slice(1)) });
  expectExitCode(await at.cli.run('sync'), 0);
  expect(drainLog(at.server).filter(({ method }) => method !== 'GET')).toEqual([]);
});

describe('a wrong encoding', () => {
  const names = ['Müller', 'Jürgen', 'Käthe', 'Groß', 'Schröder', 'Bäcker'];
  const text = users(
    'id,userName,displayName',
    ...names.map((name, index) => `${index},u${index},${name}`),
    '8,plain,Smith',
    '9,other,Jones',
  );
  const shown = ({ server }: Fixture): readonly string[] =>
    [...server.users.values()].map(({ data }) => String(data['displayName'])).sort();

  test('a file that turns from utf-8 to windows-1252', async () => {
    await using at = await workspace({ 'users.csv': text });
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': iconv.encode(text, 'windows-1252') });
    await expectRefusal(at, 'source.encodingWrong', '"windows-1252"');
    configure(at, { users: { file: 'users.csv', key: 'id', encoding: 'Windows-1252'.toLowerCase() } });
    expectExitCode(await at.cli.run('sync'), 0);
    expect(shown(at)).toEqual([...names, 'Smith', 'Jones'].sort());
  });

  test.each(['windows-1252', 'latin1', 'windows-1251', 'iso-8859-2'])(
    'a first reading of a utf-8 file as %s, and a later one',
    async (encoding) => {
      const source = { users: { file: 'users.csv', key: 'id', encoding } };
      await using at = await workspace({ 'users.csv': text }, source);
      await expectRefusal(at, 'source.encodingWrong', '"utf-8"');
      configure(at);
      expectExitCode(await at.cli.run('sync'), 0);
      expect(shown(at)).toEqual([...names, 'Smith', 'Jones'].sort());
      configure(at, source);
      await expectRefusal(at, 'source.encodingWrong', '"utf-8"');
    },
  );

  test.each([
    ['another export', 'macintosh', 'windows-1252', 'windows-1252'],
    ['another setting', 'macintosh', 'macintosh', 'windows-1256'],
    ['another setting, and letters alone differ', 'windows-1250', 'windows-1250', 'windows-1252'],
  ])('%s is compared by values: %s, read as %s, then as %s', async (_, written, first, later) => {
    const people = users(
      'id,userName,displayName',
      ...['Müller', 'Kőszegi', 'Fűri', 'Bőhm'].map((name, index) => `${index},u${index},${name}`),
    );
    const readable = written === 'macintosh' ? people.replaceAll('ő', 'ö').replaceAll('ű', 'ü') : people;
    const sourceIn = (encoding: string) => ({ users: { file: 'users.csv', key: 'id', encoding } });
    await using at = await workspace({ 'users.csv': iconv.encode(readable, first) }, sourceIn(first));
    expectExitCode(await at.cli.run('sync'), 0);
    const before = shown(at);
    write(at, { 'users.csv': iconv.encode(readable, written) });
    configure(at, sourceIn(later));
    await expectRefusal(at, 'source.encodingWrong', `"${written}"`);
    configure(at, sourceIn(written));
    expectExitCode(await at.cli.run('sync'), 0);
    expect(shown(at)).toEqual(before);
  });

  test.each([
    ['encoded twice', iconv.decode(Buffer.from(text), 'windows-1252')],
    ['with U+FFFD', text.replaceAll(/[äöüß]/g, '\ufffd')],
    ['with question marks', text.replaceAll(/[äöüß]/g, '?')],
    ['with HTML entities', text.replaceAll(/[äöüß]/g, (character) => `&#${character.charCodeAt(0)};`)],
  ])('an export that is garbled itself, %s, is refused until it is accepted', async (_, garbled) => {
    await using at = await workspace({ 'users.csv': text });
    expectExitCode(await at.cli.run('sync'), 0);
    write(at, { 'users.csv': garbled });
    await expectRefusal(at, 'source.encodingWrong', 'garbled');
    // The reading is accepted, and the guard holds what it changes.
    expectExitCode(await at.cli.run('sync', '--accept-source'), 3);
    // What the last accepted reading had already is not refused again.
    write(at, { 'users.csv': `${garbled}10,new,Ã¼\n` });
    const next = await at.cli.run('sync');
    expectExitCode(next, 3);
    expect(next.stderr).not.toContain('source.encodingWrong');
    expect(shown(at)).toContain('Ã¼');
  });

  test.each([
    ['Shift_JIS', ['山田 太郎', '鈴木 ハナコ', '佐藤 さくら']],
    ['EUC-JP', ['山田 太郎', '鈴木 ハナコ', '佐藤 さくら']],
    ['GB18030', ['张伟', '王芳', '李娜']],
    ['big5', ['陳美玲', '林志明', '黃淑芬']],
    ['euc-kr', ['김철수', '이영희', '박지성']],
    ['ISO-8859-15', ['Œuvre', 'Šimon', 'Žižka €']],
    ['windows-1250', ['Łukasz', 'Dvořák', 'Őry']],
    ['windows-1251', ['Иванов', 'Пётр', 'Ґалина']],
  ])('%s is read', async (encoding, people) => {
    const content = users('id,userName,displayName', ...people.map((name, index) => `${index},u${index},${name}`));
    await using at = await workspace(
      { 'users.csv': iconv.encode(content, encoding) },
      { users: { file: 'users.csv', key: 'id', encoding } },
    );
    expectExitCode(await at.cli.run('sync'), 0);
    expect(shown(at)).toEqual([...people].sort());
  });
});

describe('check', () => {
  test('states which column decides who is active, what is missing, and what a pass would refuse', async () => {
    await using fixture = await createFixture();
    configure(fixture);
    write(fixture, { 'users.csv': users('id,userName,Is Active', ...crew) });
    const first = await fixture.cli.run('check');
    expectExitCode(first, 0);
    expect(first.stdout).toContain('all people are active; if "Is Active" decides it');
    write(fixture, { 'users.csv': users('id,userName,active', ...crew) });
    expectExitCode(await fixture.cli.run('sync'), 0);
    write(fixture, { 'users.csv': users('id,userName,Is Active', ...crew) });
    const later = await fixture.cli.run('check');
    expectExitCode(later, 1);
    expect(later.stdout).toContain('(code: source.columnVanished)');
    expectExitCode(await fixture.cli.run('sync'), 1);
    const status = await fixture.cli.run('status', '--json');
    expect(status.lines).toMatchObject([
      { type: 'pass', last: { judgements: [{ code: 'source.columnVanished' }] } },
      { type: 'reading', judgements: [] },
      { type: 'target' },
    ]);
    const explained = await fixture.cli.run('explain', 'ada');
    expect(explained.stdout).toContain('(code: source.columnVanished)');
  });

  test('states that a configured column does not exist, and that the encoding is wrong', async () => {
    await using fixture = await createFixture();
    configure(fixture, { users: { file: 'users.csv', key: 'id', active: `user.end_date == ''` } });
    write(fixture, { 'users.csv': users('id,userName,endDate', '1,ada,') });
    const missing = await fixture.cli.run('check');
    expectExitCode(missing, 1);
    expect(missing.stdout).toContain('"endDate"');
    configure(fixture);
    write(fixture, { 'users.csv': iconv.encode(users('id,userName', '1,Müller', '2,Jürgen'), 'windows-1252') });
    const wrong = await fixture.cli.run('check');
    expectExitCode(wrong, 1);
    expect(wrong.stdout).toContain('(code: source.encodingWrong)');
  });
});
