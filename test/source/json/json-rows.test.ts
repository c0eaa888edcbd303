import { describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { instant } from '../../../src/model/ids.ts';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import type { OpenSource } from '../../../src/source/source.ts';
import type { Content } from '../../../src/source/table/content.ts';
import { tablesOf, type TableSettings } from '../../../src/source/table/settings.ts';
import { openTables } from '../../../src/source/table/table-source.ts';
import { allAttributes, describeRow, readAll } from '../csv/csv-fixture.ts';

const signal = new AbortController().signal;

/** @param chunkSize in bytes: a line may begin in one chunk and end in another */
function textContent(name: string, text: string, chunkSize: number): Content {
  const bytes = Buffer.from(text);
  return {
    name,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
      const sha256 = hash('sha256', bytes, 'hex');
      return { sha256, identity: '', modifiedAt: instant(0), endsWithLineBreak: true };
    },
    requireUnchanged: () => Promise.resolve(),
  };
}

interface Part {
  readonly text: string;
}

function open(settings: TableSettings<Part>, chunkSize = 7): Promise<OpenSource> {
  const tables = tablesOf(settings, (part, { text }) => textContent(part, text, chunkSize));
  return openTables(settings, tables, undefined, signal);
}

const users = (text: string, more: object = {}): TableSettings<Part> => ({
  users: { text, key: 'id', format: 'jsonLines', ...more },
});

const rowsOf = async (settings: TableSettings<Part>, uses?: readonly string[]): Promise<readonly string[]> =>
  (
    await readAll(
      await open(settings),
      uses === undefined ? allAttributes : { users: new Set(uses), groups: undefined },
    )
  ).map(describeRow);

describe('rows of JSON lines', () => {
  test.each<[string, TableSettings<Part>, string[]]>([
    [
      'values',
      users('{"id":1,"mail":" a@x "}\n{"mail":null,"id":"2"}\n'),
      ['1 1=yes {"id":["1"],"mail":["a@x"]}', '2 2=yes {"id":["2"]}'],
    ],
    ['the last line may have no break', users('{"id":1}\n{"id":2}'), ['1 1=yes {"id":["1"]}', '2 2=yes {"id":["2"]}']],
    [
      'CR LF, blank lines and a byte order mark',
      users('\ufeff{"id":1}\r\n\r\n  \r\n{"id":2}\r\n'),
      ['1 1=yes {"id":["1"]}', '4 2=yes {"id":["2"]}'],
    ],
    ['a list has several values', users('{"id":1,"r":["a"," ","b;c"]}\n'), ['1 1=yes {"id":["1"],"r":["a","b;c"]}']],
    [
      'a text is split as in CSV',
      users('{"id":1,"r":"a;b"}\n', { listSeparator: ';' }),
      ['1 1=yes {"id":["1"],"r":["a","b"]}'],
    ],
    [
      'active decides',
      users('{"id":1,"active":true}\n{"id":2,"active":false}\n'),
      ['1 1=yes {"active":["true"],"id":["1"]}', '2 2=no {"active":["false"],"id":["2"]}'],
    ],
    [
      'active must be known',
      users('{"id":1,"active":true}\n{"id":2}\n'),
      ['1 1=yes {"active":["true"],"id":["1"]}', expect.stringMatching(/^2 rejected 2: .*blank/) as unknown as string],
    ],
    [
      'groups in a list',
      { ...users('{"id":1,"t":["A","B;C","A"]}\n{"id":2,"t":"A;D"}\n{"id":3}\n'), groups: { column: 't' } },
      [
        '1 1=yes {"id":["1"],"t":["A","B;C","A"]} [A|B;C]',
        '2 2=yes {"id":["2"],"t":["A;D"]} [A|D]',
        '3 3=yes {"id":["3"]} []',
      ],
    ],
    [
      'a key is one value',
      users('{"id":["1"]}\n{"id":2}\n'),
      ['1 rejected ?: id is a list, and it must be one value', '2 2=yes {"id":["2"]}'],
    ],
    [
      'a row without a key',
      users('{"id":null,"a":1}\n{"id":2}\n'),
      ['1 rejected ?: id is blank', '2 2=yes {"id":["2"]}'],
    ],
    [
      'memberships',
      {
        ...users('{"id":1}\n'),
        groups: { text: '{"gid":"g","n":"G"}\n', key: 'gid' },
        memberships: { text: '{"g":"g","m":1}\n{"g":"g"}\n', group: 'g', member: 'm' },
      },
      ['1 1=yes {"id":["1"]}', '1 g=yes {"gid":["g"],"n":["G"]}', '1 g>1', '2 rejected g: m is blank'],
    ],
    ['no users at all', users(''), []],
  ])('%s', async (_, settings, expected) => {
    expect(await rowsOf(settings)).toEqual(expected);
  });

  test('a column that some row has may be used', async () => {
    expect(await rowsOf(users('{"id":1}\n{"id":2,"end":null}\n'), ['end'])).toEqual(['1 1=yes {}', '2 2=yes {}']);
  });

  test('a column that all rows may lack is configured', async () => {
    expect(await rowsOf(users('{"id":1}\n', { columns: ['end'] }), ['end'])).toEqual(['1 1=yes {}']);
  });

  test.each<[string, TableSettings<Part>, readonly string[] | undefined, ErrorCode, RegExp]>([
    [
      'a used column',
      users('{"id":1,"mail":"a"}\n'),
      ['mial'],
      'csv.mappedColumnMissing',
      /no row of users has "mial" \(nearest: "mail"\).*source\.users\.columns/,
    ],
    ['the key', users('{"Id":1}\n'), undefined, 'csv.columnMissing', /no row of users has "id".*"Id"/],
    ['JSON objects: HTML', users('<!DOCTYPE html>\n<p>\n'), undefined, 'json.withoutObjects', /HTML/],
    ['JSON objects: an array', users('[{"id":1},\n{"id":2}]\n'), undefined, 'json.withoutObjects', /array/],
  ])('rows that lack %s are an incomplete reading', async (_, settings, uses, code, message) => {
    await expect(rowsOf(settings, uses)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a line without an end is an incomplete reading', async () => {
    const settings = users(`{"id":1}\n{"id":"${'x'.repeat(5 * 1024 * 1024)}"}\n`);
    await expect(open(settings, 1024 * 1024)).rejects.toMatchObject({ code: 'json.lineTooLong' });
  });

  test('equal content has an equal fingerprint and signature', async () => {
    const [one, same, other] = await Promise.all([
      open(users('{"id":1,"a":1}\n')),
      open(users('{"id":1,"a":1}\n'), 3),
      open(users('{"id":1,"b":1}\n')),
    ]);
    expect(same.fingerprint).toBe(one.fingerprint);
    expect(other.fingerprint).not.toBe(one.fingerprint);
    expect(same.signature(allAttributes)).toBe(one.signature(allAttributes));
    expect(other.signature(allAttributes)).not.toBe(one.signature(allAttributes));
  });
});

describe('what a broken line could mean', () => {
  const subjectOf = async (line: string, settings: TableSettings<Part>): Promise<unknown> => {
    const rows = await readAll(await open(settings));
    const row = rows.find(({ parsed }) => parsed.kind === 'rejected');
    if (row?.parsed.kind !== 'rejected') throw new Error(`${line} was not rejected`);
    return row.parsed.subject;
  };

  test.each<[string, string, object]>([
    ['the key is found', '{"id":"E7","mail":"a@x"', { keyCells: ['E7'] }],
    ['a number is found', '{"id":7,"mail":"a@x"', { keyCells: ['7'] }],
    ['the key is missing', '{"mail":"a@x"', { keyCells: [] }],
    ['the key is cut', '{"mail":"a@x","id":"E1', { keyCells: [], cutKey: 'E1' }],
    ['a cut number', '{"mail":"a@x","id":10', { keyCells: ['10'] }],
    ['escapes are decoded', '{"sn":"M\\u00fcller"', { text: expect.stringContaining('Müller'), keyCells: [] }],
  ])('%s', async (_, line, expected) => {
    const subject = await subjectOf(line, users(`{"id":"1","mail":"m"}\n${line}\n`));
    expect(subject).toMatchObject({ kind: 'unknown', ...expected });
  });

  test.each<[string, object]>([
    ['{"g":"eng","m":"ada"', { keyCells: ['eng'], memberCells: ['ada'] }],
    ['{"g":"eng"', { keyCells: ['eng'] }],
  ])('a membership %s', async (line, expected) => {
    const subject = await subjectOf(line, {
      ...users('{"id":1}\n'),
      groups: { text: '{"gid":"eng"}\n', key: 'gid' },
      memberships: { text: `{"g":"g","m":1}\n${line}\n`, group: 'g', member: 'm' },
    });
    expect(subject).toMatchObject(expected);
    if (!('memberCells' in expected)) expect(subject).not.toHaveProperty('memberCells');
  });
});
