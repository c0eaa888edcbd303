import { describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { activeColumn, parseActive } from '../../../src/source/table/active.ts';
import { fileContent } from '../../../src/source/csv/file.ts';
import { parseHeader } from '../../../src/source/csv/header.ts';
import { nearestNames } from '../../../src/model/nearest-name.ts';
import { requireColumns, type Header } from '../../../src/source/table/header.ts';
import { tablesOf, type Table } from '../../../src/source/table/settings.ts';

const table = (key = 'id', delimiter = ','): Table =>
  tablesOf({ users: { key, delimiter } }, (part) =>
    fileContent({ part, file: '/hr/people.csv', name: 'people.csv' }),
  )[0] as Table;
const header = (text: string | Buffer, of = table()): Header => parseHeader(Buffer.from(text), of);

describe('a header', () => {
  test.each<[string, string, number, [string, number][]]>([
    [
      'in its order',
      'id,mail',
      2,
      [
        ['id', 0],
        ['mail', 1],
      ],
    ],
    [
      'trimmed',
      ' id , mail ',
      2,
      [
        ['id', 0],
        ['mail', 1],
      ],
    ],
    [
      'quoted',
      '"id","last, first"',
      2,
      [
        ['id', 0],
        ['last, first', 1],
      ],
    ],
    [
      'nameless columns count and are ignored',
      'id,,mail, ',
      4,
      [
        ['id', 0],
        ['mail', 2],
      ],
    ],
    [
      'case makes another name',
      'id,ID',
      2,
      [
        ['id', 0],
        ['ID', 1],
      ],
    ],
    [
      'names of the language itself',
      'id,__proto__,constructor',
      3,
      [
        ['id', 0],
        ['__proto__', 1],
        ['constructor', 2],
      ],
    ],
  ])('%s', (_, text, width, columns) => {
    const found = header(text);
    expect({ width: found.width, columns: [...found.columns] }).toEqual({ width, columns });
  });

  test.each<[string, string | Buffer, ErrorCode, RegExp, Table?]>([
    ['without the key', 'Id,mail', 'csv.columnMissing', /"id".*source\.users\.key.*"Id"/],
    ['without a similar column', 'mail,phone', 'csv.columnMissing', /"mail", "phone"/, table('employee_id')],
    ['with a similar column', 'EmployeeID,mail', 'csv.columnMissing', /"EmployeeID"/, table('employee_id')],
    [
      'with many columns',
      Array.from({ length: 14 }, (_, index) => `column ${index}`).join(','),
      'csv.columnMissing',
      /"column 9", and 4 more/,
    ],
    ['with another delimiter: ;', 'id;mail', 'csv.columnMissing', /";".*source\.users\.delimiter/],
    ['with another delimiter: tab', 'id\tmail', 'csv.columnMissing', /"\\t"/],
    ['with another delimiter: |', 'id|mail', 'csv.columnMissing', /"\|"/],
    ['with another delimiter: ,', 'id,mail', 'csv.columnMissing', /","/, table('id', ';')],
    ['with the key twice', 'id,mail, id', 'csv.columnDuplicate', /"id"/],
    ['that is not CSV', 'id,5" pipe', 'csv.headerInvalid', /quote/],
    ['in latin1', Buffer.from('id,pr\xe9nom', 'latin1'), 'csv.headerInvalid', /encoding/],
    ['in utf-16', Buffer.from('id,mail', 'utf16le'), 'csv.encodingWrong', /utf-16le/],
  ])('%s is an error', (_, text, code, message, of = table()) => {
    expect(() => header(text, of)).toThrow(IncompleteReading);
    expect(() => header(text, of)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

describe('columns that are used', () => {
  test.each([
    ['an Excel workbook', Buffer.from('PK\x03\x04\x14\0\x06\0'), /Excel workbook/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), /compressed by gzip/],
  ])('of a file of another kind is named: %s', (_, bytes, reason) => {
    expect(() => header(bytes)).toThrow(reason);
  });

  test('exist, or the used columns are unknown', () => {
    expect(() => requireColumns(header('id,mail'), table(), new Set(['mail', 'id']))).not.toThrow();
    expect(() => requireColumns(header('id,mail'), table(), undefined)).not.toThrow();
  });

  test.each<[string, ReadonlySet<string> | undefined, boolean]>([
    ['another column is used', new Set(['id']), true],
    ['it is used', new Set(['mail']), false],
    ['every column may be used', undefined, false],
  ])('a doubled header is a mistake only if it is used: %s', (_, used, isAccepted) => {
    const check = (): void => requireColumns(header('id,mail, mail'), table(), used);
    if (isAccepted) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'csv.columnDuplicate' }));
  });

  test('are all listed where they are missing', () => {
    const attempt = (): void =>
      requireColumns(header('id,mail,department'), table(), new Set(['departmnt', 'mail', 'zzzzzz']));
    expect(attempt).toThrow(IncompleteReading);
    expect(attempt).toThrow(expect.objectContaining({ code: 'csv.mappedColumnMissing' }));
    expect(attempt).toThrow(/2 columns .*"departmnt" \(nearest: "department"\), "zzzzzz" \(its columns: "id"/);
  });
});

describe('the active column', () => {
  test.each([
    ...['true', '1', 'yes', 'Y', 't', 'Active', 'ENABLED', ' yes '].map((word) => [word, true] as const),
    ...['false', '0', 'no', 'N', 'f', 'Inactive', 'DISABLED', ' no '].map((word) => [word, false] as const),
  ])('%j → %j', (word, expected) => {
    expect(parseActive(word)).toBe(expected);
  });

  test.each([
    ['', /blank/],
    ['  ', /blank/],
    ['maybe', /"maybe"/],
    ['2', /"2"/],
    ['terminated', /"terminated"/],
    ['ja', /"ja"/],
    ['x'.repeat(100), /"x{40}"/],
  ])('%j is neither true nor false', (word, message) => {
    expect(parseActive(word)).toEqual({ error: expect.stringMatching(message) });
  });

  test.each([
    ['id,active', 1],
    ['Active,id', 0],
    ['id,ACTIVE', 1],
    ['id,is_active', undefined],
    ['id,"active?"', undefined],
  ])('%s: the column is %j', (text, expected) => {
    expect(activeColumn(header(text), table())).toBe(expected);
  });

  test('two columns of that name are ambiguous', () => {
    expect(() => activeColumn(header('id,active,Active'), table())).toThrow(
      expect.objectContaining({ code: 'csv.activeColumnAmbiguous' }),
    );
  });
});

test.each([
  ['departmnt', ['mail', 'department', 'id'], ['department']],
  ['employee_id', ['Employee ID', 'employeeID', 'mail'], ['Employee ID', 'employeeID']],
  ['mail', ['e-mail', 'main', 'mails', 'maid', 'phone'], ['e-mail', 'main', 'mails']],
  ['id', ['lastWorkingDay'], []],
  ['', [], []],
])('nearest to %s', (wanted, names, expected) => {
  expect(nearestNames(wanted, names)).toEqual(expected);
});
