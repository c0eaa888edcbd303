import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { readTable, type GivenFormat, type TableFacts } from '../../../src/cli/init/csv/read-table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scimsync-init-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: string | Buffer, given: GivenFormat = {}): Promise<TableFacts> {
  const file = join(folder, 'people.csv');
  writeFileSync(file, bytes);
  return readTable({ file, part: 'users' }, given, new AbortController().signal);
}

const company = 'id;name\n1;Müller\n2;Schröder\n3;Weiß\n';
const encoded = (encoding: string, text = company, addBOM = false): Buffer => iconv.encode(text, encoding, { addBOM });

describe('the format of a file', () => {
  test.each<[string, string | Buffer, TableFacts['format']]>([
    ['UTF-8', company, { encoding: 'utf-8', delimiter: ';', skipLines: 0 }],
    ['UTF-8 with a mark', `\ufeff${company}`, { encoding: 'utf-8', delimiter: ';', skipLines: 0 }],
    ['windows-1252', encoded('windows-1252'), { encoding: 'windows-1252', delimiter: ';', skipLines: 0 }],
    ['UTF-16 with a mark', encoded('utf-16le', company, true), { encoding: 'utf-8', delimiter: ';', skipLines: 0 }],
    ['UTF-16 without one', encoded('utf-16le'), { encoding: 'utf-16le', delimiter: ';', skipLines: 0 }],
    ['big endian', encoded('utf-16be'), { encoding: 'utf-16be', delimiter: ';', skipLines: 0 }],
    ['title lines', `Employees\n\n${company}`, { encoding: 'utf-8', delimiter: ';', skipLines: 2 }],
    ['a line with the delimiter', `sep=;\n${company}`, { encoding: 'utf-8', delimiter: ';', skipLines: 0 }],
    ['carriage returns', company.replaceAll('\n', '\r'), { encoding: 'utf-8', delimiter: ';', skipLines: 0 }],
    ['quotes', 'id,name\n"1","a;b"\n"2","c;d"\n', { encoding: 'utf-8', delimiter: ',', skipLines: 0 }],
    ['one column', 'id\n1\n2\n', { encoding: 'utf-8', delimiter: ',', skipLines: 0 }],
  ])('%s', async (_what, bytes, format) => {
    const table = await read(bytes);
    expect(table.format).toEqual(format);
    expect(table.columns[0]).toMatchObject({ name: 'id', isUnique: true, filled: table.rows });
    expect(table).toMatchObject({ isWhole: true, invalid: 0 });
  });

  test('what the operator states takes precedence', async () => {
    const { format, columns } = await read(company, { delimiter: '|', encoding: 'iso-8859-15' });
    expect(format).toEqual({ encoding: 'iso-8859-15', delimiter: '|', skipLines: 0 });
    expect(columns.map(({ name }) => name)).toEqual(['id;name']);
  });
});

test('the facts of columns', async () => {
  const { columns, rows, invalid } = await read('id,team,note,note\n1,A,x,x\n2,A,,\n3\n');
  expect({ rows, invalid }).toEqual({ rows: 3, invalid: 1 });
  expect(columns).toEqual([
    expect.objectContaining({ name: 'id', rows: 2, filled: 2, isUnique: true, distinct: ['1', '2'] }),
    expect.objectContaining({ name: 'team', filled: 2, isUnique: false, repeated: 'A', distinct: ['A'] }),
  ]);
});

test('of a long file, the first rows are looked at', async () => {
  const table = await read(
    `id,x\n${Array.from({ length: 100_001 }, (_, index) => `${index},${index % 7}\n`).join('')}`,
  );
  expect(table).toMatchObject({ rows: 100_000, isWhole: false });
});

test.each([
  ['an empty file', '', 'csv.empty'],
  ['a workbook', Buffer.from('PK\u0003\u0004 and so on'), 'csv.headerInvalid'],
  ['no rows', 'id,name\n', 'init.noRows'],
  ['no valid row', 'id,name\n1\n2\n', 'init.noRows'],
  ['no header', '1001,a@x.example\n1002,b@x.example\n', 'init.noHeader'],
  ['a quote that is not closed', 'id,name\n1,"A\n', 'csv.quoteNotClosed'],
])('%s is an error', async (_what, bytes, code) => {
  await expect(read(bytes)).rejects.toMatchObject({ code });
});
