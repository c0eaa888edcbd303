import { describe, expect, test } from '@jest/globals';
import type { ActiveCondition } from '../../../src/source/row-condition.ts';
import type { CsvSettings } from '../../../src/source/csv/csv-source.ts';
import { allAttributes, folder, openCsv, readAll, describeRow, write } from './csv-fixture.ts';

const at = folder();

interface Given {
  readonly users?: Partial<CsvSettings['users']>;
  readonly groups?: CsvSettings['groups'];
  readonly rule?: ActiveCondition;
  readonly uses?: readonly string[];
}

async function people(content: string | Buffer, { users, groups, rule, uses }: Given = {}): Promise<readonly string[]> {
  const source = await openCsv(
    { users: { file: write(at, 'people.csv', content), key: 'id', ...users }, groups },
    rule,
  );
  return (await readAll(source, uses === undefined ? allAttributes : { users: new Set(uses), groups: undefined })).map(
    describeRow,
  );
}

describe('a row of users', () => {
  test.each<[string, string, string[], Given?]>([
    ['values are lists of one', 'id,mail\n1,a@x', ['2 1=yes {"id":["1"],"mail":["a@x"]}']],
    [
      'values are trimmed, blank ones absent',
      'id,mail,sn\n 1 ,  , Lovelace ',
      ['2 1=yes {"id":["1"],"sn":["Lovelace"]}'],
    ],
    [
      'quotes, delimiters, breaks',
      'id,sn\n1,"a, ""b""\nc"\n2,d',
      ['2 1=yes {"id":["1"],"sn":["a, \\"b\\"\\nc"]}', '4 2=yes {"id":["2"],"sn":["d"]}'],
    ],
    ['another delimiter', 'id;sn\n1;a,b', ['2 1=yes {"id":["1"],"sn":["a,b"]}'], { users: { delimiter: ';' } }],
    ['the order of columns is of no matter', 'sn,id\nLovelace,1', ['2 1=yes {"id":["1"],"sn":["Lovelace"]}']],
    ['blank lines are none', '\nid\n\n1\n\n', ['4 1=yes {"id":["1"]}']],
    ['nameless columns are ignored', 'id,,sn\n1,x,y', ['2 1=yes {"id":["1"],"sn":["y"]}']],
    ['only what is used', 'id,mail,sn\n1,a@x,y', ['2 1=yes {"sn":["y"]}'], { uses: ['sn'] }],
    ['the key too if it is used', 'id,mail,sn\n1,a@x,y', ['2 1=yes {"id":["1"]}'], { uses: ['id'] }],
    ['nothing if nothing is used', 'id,mail\n1,a@x', ['2 1=yes {}'], { uses: [] }],
    [
      'a list',
      'id,mail\n1, a ; ;b\n2,c',
      ['2 1=yes {"mail":["a","b"]}', '3 2=yes {"mail":["c"]}'],
      { users: { listSeparator: ';' }, uses: ['mail'] },
    ],
    ['a list of nothing', 'id,mail\n1,;', ['2 1=yes {}'], { users: { listSeparator: ';' }, uses: ['mail'] }],
    ['a key is no list', 'id\na;b', ['2 a;b=yes {"id":["a;b"]}'], { users: { listSeparator: ';' } }],
    [
      'names of the language itself',
      'id,__proto__,constructor\n1,a,b',
      ['2 1=yes {"__proto__":["a"],"constructor":["b"],"id":["1"]}'],
    ],
    ['a key of 512 characters', `id\n${'k'.repeat(512)}`, [`2 ${'k'.repeat(512)}=yes {}`], { uses: [] }],
  ])('%s', async (_, text, expected, given = {}) => {
    expect(await people(text, given)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['id,active\n1,true\n2,FALSE\n3,yes\n4,disabled', ['1 yes', '2 no', '3 yes', '4 no']],
    ['id,Active\n1,0\n2,1', ['1 no', '2 yes']],
    ['id,is_active\n1,0', ['1 yes']],
  ])('the active flag in %j', async (text, expected) => {
    const described = await people(text, { uses: [] });
    expect(described.map((row) => row.replace(/^\d+ (\w+)=(\w+).*/, '$1 $2'))).toEqual(expected);
  });

  test('a condition replaces the column, and can use columns that no mapping uses', async () => {
    const rule: ActiveCondition = {
      text: 'left blank',
      evaluate: (attributes) => attributes['left'] === undefined || { error: `left is ${attributes['left'][0]}` },
    };
    expect(await people('id,left,active\n1,,no\n2,2026-01-01,yes', { rule, uses: ['id'] })).toEqual([
      '2 1=yes {"id":["1"]}',
      '3 rejected 2: cannot determine whether this user is active: left is 2026-01-01',
    ]);
  });

  test.each<[string, string, unknown[]]>([
    ['trimmed, blanks and doubles dropped', 'id,teams\n1, red ;; blue;red', ['2 1=yes {} [red|blue]']],
    ['none', 'id,teams\n1,\n2,;', ['2 1=yes {} []', '3 2=yes {} []']],
    [
      'with a control character',
      'id,teams\n1,red;bl\u0007ue',
      [expect.stringMatching(/^2 rejected 1: teams holds a control character/)],
    ],
  ])('groups from a column: %s', async (_, text, expected) => {
    expect(await people(text, { groups: { column: 'teams' }, uses: [] })).toEqual(expected);
  });

  test('groups from a column by a separator other than the list separator', async () => {
    const given: Given = {
      groups: { column: 'teams', separator: '|' },
      users: { listSeparator: ';' },
      uses: ['teams'],
    };
    expect(await people('id,teams\n1,a;b|c', given)).toEqual(['2 1=yes {"teams":["a","b|c"]} [a;b|c]']);
  });
});

describe('rejected rows, while the reading continues', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['too few cells', '7,x', /^3 rejected 7: it has 2 cells and the header has 3/],
    ['too few cells: one', '7', /^3 rejected 7: it has 1 cell and the header has 3/],
    ['too many cells', '7,x,true,', /^3 rejected 7: it has 4 cells and the header has 3/],
    ['a blank key', '  ,x,true', /^3 rejected \?: id is blank$/],
    ['a control character in the key', 'a\u0000b,x,true', /^3 rejected a\0b: id holds a control character/],
    ['a line break in the key', '"a\nb",x,true', /^3 rejected a\nb: id holds a control character/],
    ['a key that is too long', `${'k'.repeat(513)},x,true`, /^3 rejected k{512}: id has 513 characters.* 512$/],
    ['a quote inside a cell', '7,5" pipe,true', /^3 rejected \?: a quote is inside a cell/],
    ['text after a closing quote', '7,"x"y,true', /^3 rejected \?: text follows the closing quote/],
    [
      'bytes that are not UTF-8',
      Buffer.from('7,Zo\xeb,true', 'latin1'),
      /^3 rejected \?: it holds bytes that are invalid/,
    ],
    ['active is blank', '7,x, ', /^3 rejected 7: .*the cell is blank/],
    ['active is another word', '7,x,perhaps', /^3 rejected 7: .*the cell is "perhaps"/],
  ])('%s', async (_, row, expected) => {
    const described = await people(
      Buffer.concat([Buffer.from('id,sn,active\n1,a,true\n'), Buffer.from(row), Buffer.from('\n9,z,no\n')]),
      { uses: [] },
    );
    expect(described).toHaveLength(3);
    expect(described[0]).toBe('2 1=yes {}');
    expect(described[1]).toMatch(expected);
    expect(described[2]).toMatch(/^\d+ 9=no \{\}$/);
  });

  test('a lone surrogate in UTF-16', async () => {
    const described = await people(Buffer.from('\ufeffid,sn\n1,a\ud834b\n2,c', 'utf16le'), { uses: [] });
    expect(described).toEqual([expect.stringMatching(/^2 rejected \?: it holds bytes/), '3 2=yes {}']);
  });
});

describe('groups and memberships', () => {
  test('are read after the users, from their own files', async () => {
    const users = { file: write(at, 'people.csv', 'id;name\na;Ada\n'), key: 'id', delimiter: ';' };
    const groups = { file: write(at, 'teams.csv', 'team;name;owner\nred;Red team;a\n;none;\nblue;;\n'), key: 'team' };
    const memberships = {
      file: write(at, 'in.csv', 'm,g\na,red\nred,blue\n,red\nb, \nx,y,z\n'),
      group: 'g',
      member: 'm',
      delimiter: ',',
    };
    const source = await openCsv({ users, groups, memberships });
    const rows = await readAll(source, { users: undefined, groups: new Set(['name']) });
    expect(rows.map((row) => `${row.part} ${describeRow(row)}`)).toEqual([
      'users 2 a=yes {"id":["a"],"name":["Ada"]}',
      'groups 2 red=yes {"name":["Red team"]}',
      'groups 3 rejected ?: team is blank',
      'groups 4 blue=yes {}',
      'memberships 2 red>a',
      'memberships 3 blue>red',
      'memberships 4 rejected red: m is blank',
      'memberships 5 rejected ?: g is blank',
      expect.stringMatching(/^memberships 6 rejected y: it has 3 cells and the header has 2/),
    ]);
    expect(rows[1]?.parsed).toMatchObject({ record: { resourceType: 'Group' } });
    expect(source.columns).toEqual({ users: ['id', 'name'], groups: ['team', 'name', 'owner'] });
  });

  test('a column named active does not apply to groups', async () => {
    const users = { file: write(at, 'people.csv', 'id\na\n'), key: 'id' };
    const groups = { file: write(at, 'teams.csv', 'id,active\nred,perhaps\n'), key: 'id' };
    expect((await readAll(await openCsv({ users, groups }))).map(describeRow)).toEqual([
      '2 a=yes {"id":["a"]}',
      '2 red=yes {"active":["perhaps"],"id":["red"]}',
    ]);
  });
});
