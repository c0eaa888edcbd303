import { describe, expect, test } from '@jest/globals';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { activeColumn, parseActive } from '../../../src/source/csv/active.ts';
import { parseHeader, requireColumns, type Header } from '../../../src/source/csv/header.ts';
import { nearestNames } from '../../../src/model/nearest-name.ts';
import { tablesOf, type CsvTable } from '../../../src/source/csv/settings.ts';

const table = (key = 'id', delimiter = ','): CsvTable =>
  tablesOf({ users: { file: '/hr/people.csv', key, delimiter } })[0] as CsvTable;
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

  test.each<[string, string | Buffer, RegExp, CsvTable?]>([
    [
      'without the key',
      'Id,mail',
      /people\.csv has no column "id", which source\.users\.key names \(nearest: "Id"\)\. Correct/,
    ],
    [
      'with nothing alike',
      'mail,phone',
      /no column "employee_id".*\(its columns: "mail", "phone"\)/,
      table('employee_id'),
    ],
    ['with a likeness', 'EmployeeID,mail', /nearest: "EmployeeID"/, table('employee_id')],
    [
      'with many columns',
      Array.from({ length: 14 }, (_, index) => `column ${index}`).join(','),
      /"column 9", and 4 more/,
    ],
    [
      'with another delimiter: ;',
      'id;mail',
      /one single column; its delimiter is likely ";", so set source\.users\.delimiter/,
    ],
    ['with another delimiter: tab', 'id\tmail', /likely "\\t"/],
    ['with another delimiter: |', 'id|mail', /likely "\|"/],
    ['with another delimiter: ,', 'id,mail', /likely ","/, table('id', ';')],
    ['with a name twice', 'id,mail, mail', /two columns "mail"/],
    ['no CSV', 'id,5" pipe', /header of people\.csv cannot be read: a quote/],
    ['latin1', Buffer.from('id,pr\xe9nom', 'latin1'), /header of people\.csv cannot be read: it holds bytes/],
    ['utf-16', Buffer.from('id,mail', 'utf16le'), /people\.csv is not utf-8; it looks like utf-16le/],
  ])('refused: %s', (_, text, message, of = table()) => {
    expect(() => header(text, of)).toThrow(IncompleteReading);
    expect(() => header(text, of)).toThrow(message);
  });
});

describe('columns that are used', () => {
  test('are all there, or nothing is known of what is used', () => {
    expect(() => requireColumns(header('id,mail'), table(), new Set(['mail', 'id']))).not.toThrow();
    expect(() => requireColumns(header('id,mail'), table(), undefined)).not.toThrow();
  });

  test('those that are missing are listed, all of them', () => {
    const attempt = (): void =>
      requireColumns(header('id,mail,department'), table(), new Set(['departmnt', 'mail', 'zzzzzz']));
    expect(attempt).toThrow(IncompleteReading);
    expect(attempt).toThrow(
      /people\.csv lacks 2 columns that the configuration uses: "departmnt" \(nearest: "department"\), "zzzzzz" \(its columns: "id"/,
    );
  });
});

describe('who is active', () => {
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
  ])('%j cannot be told', (word, message) => {
    expect(parseActive(word)).toEqual({ error: expect.stringMatching(message) });
  });

  test.each([
    ['id,active', 1],
    ['Active,id', 0],
    ['id,ACTIVE', 1],
    ['id,is_active', undefined],
    ['id,"active?"', undefined],
  ])('%s: the column is %j', (text, expected) => {
    expect(activeColumn(header(text), 'people.csv')).toBe(expected);
  });

  test('two columns of that name cannot be told apart', () => {
    expect(() => activeColumn(header('id,active,Active'), 'people.csv')).toThrow(/columns "active" and "Active"/);
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
