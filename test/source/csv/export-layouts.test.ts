import { describe, expect, test } from '@jest/globals';
import { compileRowCondition } from '../../../src/desired/row-condition.ts';
import { IncompleteReading } from '../../../src/model/errors.ts';
import type { CsvSettings } from '../../../src/source/csv/csv-source.ts';
import { allAttributes, describeRow, folder, openCsv, readAll, write } from './csv-fixture.ts';

const at = folder();

const users = (content: string | Buffer, options: Partial<CsvSettings['users']> = {}): CsvSettings['users'] => ({
  file: write(at, 'people.csv', content),
  key: 'id',
  ...options,
});

const rows = async (settings: CsvSettings): Promise<readonly string[]> =>
  (await readAll(await openCsv(settings))).map(describeRow);

const about = (subject: 'user' | 'group' | 'membership', text: string) => compileRowCondition(text, subject);

describe('the layout of an export', () => {
  test.each<[string, string | Buffer, Partial<CsvSettings['users']>, string[]]>([
    ['blank rows', 'id,mail\n,\n1,a@x\n" ",\t\n\u00a0,""\n2,b@x\n,,,,\n', {}, ['3 1', '6 2']],
    ['a blank row before the header', ';;\nid;mail;\n1;a@x;\n', { delimiter: ';' }, ['3 1']],
    ['the end-of-file character', 'id,mail\n1,a@x\n\u001a', {}, ['2 1']],
    ['sep=;', 'sep=;\r\nid;mail\r\n1;a@x\r\n', {}, ['3 1']],
    ['sep=; after a byte order mark', '\ufeffsep=;\r\nid;mail\r\n1;a@x\r\n', {}, ['3 1']],
    [
      'sep=; in utf-16le',
      Buffer.from('\ufeffsep=;\r\nid;mail\r\n1;a@x\r\n', 'utf16le'),
      { encoding: 'utf-16' },
      ['3 1'],
    ],
    ['sep=; where another delimiter is configured', 'sep=;\nid,mail\n1,a@x\n', { delimiter: ',' }, ['3 1']],
    ['title lines', 'Staff of "Ada & Co\n\nid,mail\n1,a@x\n2,b@x', { skipLines: 2 }, ['4 1', '5 2']],
    ['title lines and sep=;', 'sep=;\nStaff\nid;mail\n1;a@x\n', { skipLines: 2 }, ['4 1']],
  ])('%s', async (_, content, options, expected) => {
    const described = await rows({ users: users(content, options) });
    expect(described.map((row) => row.replace(/=.*/, ''))).toEqual(expected);
  });

  test.each<[string, string, Partial<CsvSettings['users']>, string, RegExp]>([
    ['too many lines to skip', 'id,mail\n1,a@x\n', { skipLines: 9 }, 'csv.empty', /after its first 9 lines/],
    ['all lines to skip', 'id,mail\n', { skipLines: 1 }, 'csv.empty', /after its first 1 lines/],
    ['title lines that are not skipped', 'Staff,\n\nid,mail\n1,a@x\n', {}, 'csv.columnMissing', /"skipLines": 2/],
    ['titles, and no header in sight', 'Staff,\nx,mail\n1,a@x\n', {}, 'csv.columnMissing', /^(?!.*skipLines)/],
  ])('%s: an error', async (_, content, options, code, message) => {
    const attempt = openCsv({ users: users(content, options) });
    await expect(attempt).rejects.toThrow(IncompleteReading);
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, string, Partial<CsvSettings['users']>, string, object]>([
    ['that of its own sep= line', 'id;mail\n1;a@x', { delimiter: ';' }, 'sep=|\ng|m\ng1|1\n', {}],
    ['the configured one', 'id;mail\n1;a@x', { delimiter: ';' }, 'sep=|\ng,m\ng1,1\n', { delimiter: ',' }],
    ['that of the users', 'id;mail\n1;a@x', { delimiter: ';' }, 'g;m\ng1;1\n', {}],
    ['the one that the users file names', 'sep=;\nid;mail\n1;a@x', {}, 'g;m\ng1;1\n', {}],
    ['a comma', 'id,mail\n1,a@x', {}, 'g,m\ng1,1\n', {}],
  ])('the delimiter of the memberships is %s', async (_, people, options, edges, own) => {
    const memberships = { file: write(at, 'in.csv', edges), group: 'g', member: 'm', ...own };
    const described = await rows({ users: users(people, options), memberships });
    expect(described.at(-1)).toMatch(/^\d g1>1$/);
  });
});

describe('rows that "where" leaves out', () => {
  const leftOut = '3 excluded unless an absent user is meant';
  test.each<[string, string, string, string[]]>([
    ['a total', "user.name != 'Total'", 'id,name\n1,Ada\n,Total\n', ['2 1=yes', '3 excluded']],
    ['a total with fewer cells', "user.id.matches('^[0-9]+$')", 'id,name\n1,Ada\nTotal: 1', ['2 1=yes', leftOut]],
    ['by a list', "!('room' in values.kind)", 'id,kind\n1,\n2,room', ['2 1=yes', '3 excluded']],
    ['by a blank cell', "user.kind != ''", 'id,kind\n1,x\n2,', ['2 1=yes', '3 excluded']],
    [
      'not a row that it cannot judge',
      'int(user.level) > 1',
      'id,level\n1,2\n2,1\n3,high\n',
      ['2 1=yes', '3 excluded', '4 rejected 3: "where" cannot be evaluated: int() type error: cannot convert to int'],
    ],
  ])('%s', async (_, text, content, expected) => {
    const described = await rows({ users: users(content, { where: about('user', text) }) });
    expect(described.map((row) => row.replace(/=yes.*/, '=yes'))).toEqual(expected);
  });

  test('in the files of groups and memberships', async () => {
    const settings: CsvSettings = {
      users: users('id\n1\n'),
      groups: { file: write(at, 'g.csv', 'id,kind\na,x\nb,\n'), key: 'id', where: about('group', "group.kind != ''") },
      memberships: {
        file: write(at, 'm.csv', 'g,m,role\na,1,member\na,2,guest\n'),
        group: 'g',
        member: 'm',
        where: about('membership', "membership.role != 'guest'"),
      },
    };
    expect((await rows(settings)).map((row) => row.replace(/=yes.*/, ''))).toEqual([
      '2 1',
      '2 a',
      '3 excluded',
      '2 a>1',
      '3 excluded',
    ]);
  });

  test('a column that the file lacks is a mistake of the configuration', async () => {
    const open = await openCsv({ users: users('id,kind\n1,x\n', { where: about('user', "user.kin != 'x'") }) });
    await expect(open.read(allAttributes, undefined, new AbortController().signal)).rejects.toMatchObject({
      code: 'csv.whereColumnMissing',
      exitCode: 4,
      message: expect.stringMatching(/"kin" \(nearest: "kind"\)/),
    });
  });

  test('another condition parses all rows again', async () => {
    const signature = async (text?: string): Promise<string> =>
      (await openCsv({ users: users('id\n1\n', text === undefined ? {} : { where: about('user', text) }) })).signature(
        allAttributes,
      );
    const all = [await signature(), await signature("user.id != 'a'"), await signature("user.id != 'b'")];
    expect(new Set(all).size).toBe(3);
  });
});
