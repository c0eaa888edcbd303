import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { realClock } from '../../../src/cli/clock.ts';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { IncompleteReading, InvariantError } from '../../../src/model/errors.ts';
import type { ActiveCondition } from '../../../src/source/row-condition.ts';
import { csvSource } from '../../../src/source/csv/csv-source.ts';
import type { Encoding } from '../../../src/model/reading/encodings.ts';
import type { CsvSettings } from '../../../src/source/csv/csv-source.ts';
import type { OpenSource, UsedAttributes } from '../../../src/source/source.ts';
import { allAttributes, folder, openCsv, readAll, describeRow, signal, write } from './csv-fixture.ts';

jest.setTimeout(60_000);

const at = folder();
const users = (content: string | Buffer, name = 'people.csv') => ({ file: write(at, name, content), key: 'id' });

/** Wide enough for several chunks of the file, so that a reading can be disturbed in the middle. */
const large = `id,sn\n${Array.from({ length: 40_000 }, (_, index) => `${index},Lovelace ${index}`).join('\n')}\n`;

describe('opening', () => {
  test('the label names the files', () => {
    const memberships = { file: '/hr/in.csv', group: 'g', member: 'm' };
    expect(csvSource({ users: { file: '/hr/people.csv', key: 'id' } }, realClock).label).toBe('CSV file people.csv');
    expect(csvSource({ users: { file: '/hr/people.csv', key: 'id' }, memberships }, realClock).label).toBe(
      'CSV files people.csv, in.csv',
    );
  });

  test('the columns are the headers; groups of a column have a name', async () => {
    expect((await openCsv({ users: users(' id ,"teams",,sn\n') })).columns).toEqual({
      users: ['id', 'teams', 'sn'],
      groups: [],
    });
    expect((await openCsv({ users: users('id,teams\n'), groups: { column: 'teams' } })).columns.groups).toEqual([
      'name',
    ]);
  });

  test('a column that the active condition uses must exist', async () => {
    const misspelt: ActiveCondition = {
      text: `user.end_dat == ''`,
      usedAttributes: new Set(['end_dat']),
      evaluate: () => true,
    };
    const source = await openCsv({ users: users('id,end_date\n1,\n') }, misspelt);
    await expect(readAll(source)).rejects.toMatchObject({
      code: 'csv.mappedColumnMissing',
      message: expect.stringMatching(/"end_dat".*"end_date"/),
    });
  });

  test('a file with only a header is complete and has no users', async () => {
    for (const text of ['id', 'id\n', '\r\nid\r\n\r\n'])
      expect(await readAll(await openCsv({ users: users(text) }))).toEqual([]);
  });

  test('a header longer than a chunk of the file', async () => {
    const header = `id,${'x'.repeat(600_000)}`;
    expect(
      (
        await readAll(await openCsv({ users: users(`${header}\n1,a\n`) }), {
          users: new Set(['id']),
          groups: undefined,
        })
      ).map(describeRow),
    ).toEqual(['2 1=yes {"id":["1"]}']);
  });

  test.each<[string, () => CsvSettings, ErrorCode, RegExp]>([
    [
      'a missing file',
      () => ({ users: { file: join(at, 'missing.csv'), key: 'id' } }),
      'csv.fileMissing',
      /missing\.csv.*source\.users\.file/,
    ],
    ['a directory', () => ({ users: { file: directory(), key: 'id' } }), 'csv.notAFile', /source\.users\.file/],
    ['a device', () => ({ users: { file: '/dev/null', key: 'id' } }), 'csv.notAFile', /\/dev\/null/],
    ['an empty file', () => ({ users: users('') }), 'csv.empty', /people\.csv/],
    ['blank lines only', () => ({ users: users('\n\r\n') }), 'csv.empty', /people\.csv/],
    ['a byte order mark only', () => ({ users: users('\ufeff') }), 'csv.empty', /people\.csv/],
    [
      'an empty groups file',
      () => ({ users: users('id\n'), groups: users('', 'teams.csv') }),
      'csv.empty',
      /teams\.csv/,
    ],
    ['no key column', () => ({ users: users('ID,mail\n') }), 'csv.columnMissing', /"id".*source\.users\.key.*"ID"/],
    [
      'no column of groups',
      () => ({ users: users('id,team\n'), groups: { column: 'teams' } }),
      'csv.columnMissing',
      /"teams".*source\.groups\.column.*"team"/,
    ],
    [
      'no key of groups',
      () => ({ users: users('id\n'), groups: users('key\n', 'teams.csv') }),
      'csv.columnMissing',
      /teams\.csv.*"id".*source\.groups\.key/,
    ],
    [
      'no group',
      () => ({ users: users('id\n'), memberships: edges('team,member\n') }),
      'csv.columnMissing',
      /in\.csv.*"group".*source\.memberships\.group/,
    ],
    [
      'no member',
      () => ({ users: users('id\n'), memberships: edges('group,person\n') }),
      'csv.columnMissing',
      /in\.csv.*"member".*source\.memberships\.member/,
    ],
    ['another delimiter', () => ({ users: users('id;mail\n') }), 'csv.columnMissing', /";"/],
    ['the key twice', () => ({ users: users('id,mail,id\n') }), 'csv.columnDuplicate', /"id"/],
    ['a header without end', () => ({ users: users('id,"mail\n1,a\n') }), 'csv.quoteNotClosed', /line 1/],
    [
      'utf-16 without a mark',
      () => ({ users: { ...users(Buffer.from('id\n', 'utf16le')), encoding: 'utf-16' } }),
      'csv.byteOrderMarkMissing',
      /utf-16le/,
    ],
  ])('%s is an error', async (_, settings, code, message) => {
    const attempt = openCsv(settings());
    await expect(attempt).rejects.toThrow(IncompleteReading);
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('two columns named active are an error of the reading, unless a condition is configured', async () => {
    const settings = { users: users('id,active,Active\n1,yes,no\n') };
    await expect(readAll(await openCsv(settings))).rejects.toMatchObject({
      code: 'csv.activeColumnAmbiguous',
    });
    expect(await readAll(await openCsv(settings, { text: 'true', evaluate: () => true }))).toHaveLength(1);
  });

  test('an abort ends it', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(csvSource({ users: users('id\n') }, realClock).open(stopped)).rejects.toThrow('stopped');
    const source = await openCsv({ users: users('id\n1\n') });
    const { batches } = await source.read(allAttributes, undefined, stopped);
    await expect(batches[Symbol.asyncIterator]().next()).rejects.toThrow('stopped');
  });
});

describe('encodings of a whole file', () => {
  const text = 'id,sn\n1,Zoë\n2,"Fran\nçois"\n';
  const le = (of: string): Buffer => Buffer.from(of, 'utf16le');
  test.each<[string, Buffer, Encoding | undefined]>([
    ['utf-8', Buffer.from(text), undefined],
    ['utf-8 with a mark', Buffer.from(`\ufeff${text}`), undefined],
    ['utf-8 with a mark, set to latin1', Buffer.from(`\ufeff${text}`), 'latin1'],
    ['utf-16le', le(text), 'utf-16le'],
    ['utf-16le by its mark', le(`\ufeff${text}`), undefined],
    ['utf-16be', le(text).swap16(), 'utf-16be'],
    ['utf-16be by its mark', le(`\ufeff${text}`).swap16(), 'utf-16'],
    ['latin1', Buffer.from(text, 'latin1'), 'latin1'],
  ])('%s', async (_, bytes, encoding) => {
    const rows = await readAll(await openCsv({ users: { ...users(bytes), encoding } }));
    expect(rows.map(describeRow)).toEqual([
      '2 1=yes {"id":["1"],"sn":["Zoë"]}',
      '3 2=yes {"id":["2"],"sn":["Fran\\nçois"]}',
    ]);
  });

  test('in large files, across the chunks', async () => {
    const wide = large.replaceAll('Lovelace', 'Lövelace');
    const expected = (await readAll(await openCsv({ users: users(wide) }))).map(describeRow);
    expect(expected).toHaveLength(40_000);
    for (const [bytes, encoding] of [
      [le(wide), 'utf-16le'],
      [Buffer.from(wide, 'latin1'), 'latin1'],
    ] as const) {
      expect((await readAll(await openCsv({ users: { ...users(bytes), encoding } }))).map(describeRow)).toEqual(
        expected,
      );
    }
  });
});

describe('batches', () => {
  test('hold at most a thousand rows, in the order of the file, and parse what is asked for', async () => {
    const source = await openCsv({ users: users(large) });
    let count = 0;
    for await (const { rows, parse } of (await source.read(allAttributes, undefined, signal)).batches) {
      expect(rows.length).toBeLessThanOrEqual(1000);
      expect(rows.map(({ line }) => line)).toEqual(rows.map((_, index) => count + index + 2));
      const parsed = parse([rows.length - 1, 0]);
      expect(parsed.map((row) => row.kind === 'record' && row.record.key)).toEqual([
        String(count + rows.length - 1),
        String(count),
      ]);
      expect(() => parse([rows.length])).toThrow(InvariantError);
      count += rows.length;
    }
    expect(count).toBe(40_000);
  });

  test('a digest has 16 bytes, differs between rows, and does not depend on the position', async () => {
    const digests = async (text: string): Promise<readonly string[]> =>
      (await readAll(await openCsv({ users: users(text) }))).map(({ digest }) => digest);
    const [a, b, again] = await digests('id,sn\n1,x\n2,x\n1,x\n');
    expect(a).toMatch(/^[0-9a-f]{32}$/);
    expect(b).not.toBe(a);
    expect(again).toBe(a);
    expect(await digests('\nid,sn\n\n2,x\n1,x')).toEqual([b, a]);
  });

  test('a digest does not depend on the kind of line breaks, inside cells either', async () => {
    const digests = async (text: string) =>
      (await readAll(await openCsv({ users: users(text) }))).map(({ digest, parsed }) => [digest, parsed]);
    const unix = 'id,sn\n1,"x\ny"\n2,z\n';
    expect(await digests(unix.replaceAll('\n', '\r\n'))).toEqual(await digests(unix));
    expect(await digests(unix.trimEnd())).toEqual(await digests(unix));
  });
});

describe('an incomplete reading', () => {
  test.each<[string, string, UsedAttributes, ErrorCode]>([
    [
      'a column that is used is missing',
      'id,mail\n',
      { users: new Set(['mail', 'dept']), groups: undefined },
      'csv.mappedColumnMissing',
    ],
    ['the file ends inside quotes', 'id,mail\n1,a\n2,"b\n3,c\n', allAttributes, 'csv.quoteNotClosed'],
    [
      'a record is longer than 4 MiB',
      `id,mail\n1,"${'x\n'.repeat(2.2 * 1024 * 1024)}"\n`,
      allAttributes,
      'csv.recordTooLong',
    ],
  ])('%s', async (_, text, uses, code) => {
    const reading = readAll(await openCsv({ users: users(text) }), uses);
    await expect(reading).rejects.toThrow(IncompleteReading);
    await expect(reading).rejects.toMatchObject({ code });
  });

  test('a column that groups use is missing, from a file or from a column', async () => {
    const uses = { users: undefined, groups: new Set(['name', 'owner']) };
    const fromFile = await openCsv({ users: users('id\n'), groups: users('id,name\n', 'teams.csv') });
    await expect(readAll(fromFile, uses)).rejects.toMatchObject({
      code: 'csv.mappedColumnMissing',
    });
    const fromColumn = await openCsv({ users: users('id,teams\n'), groups: { column: 'teams' } });
    await expect(readAll(fromColumn, uses)).rejects.toMatchObject({
      code: 'csv.groupAttributeMissing',
    });
    await expect(readAll(fromColumn, { users: undefined, groups: new Set(['name']) })).resolves.toEqual([]);
  });

  test("no row is returned while another file's header is invalid", async () => {
    const source = await openCsv({ users: users('id\n1\n'), groups: users('id\n', 'teams.csv') });
    await expect(source.read({ users: undefined, groups: new Set(['owner']) }, undefined, signal)).rejects.toThrow(
      /"owner"/,
    );
  });

  const file = join(at, 'people.csv');
  test.each<[string, () => void]>([
    ['it grew', () => appendFileSync(file, '40001,late\n')],
    ['it was cut', () => writeFileSync(file, large.slice(0, large.length / 2))],
    ['it was emptied', () => writeFileSync(file, '')],
    [
      'it was written once more, with the same length',
      () => writeFileSync(file, large.replaceAll('Lovelace', 'Lowelace')),
    ],
    ['it was replaced', () => renameSync(write(at, 'next.csv', `${large}x,y\n`), file)],
    ['it was replaced by its like', () => renameSync(write(at, 'next.csv', large), file)],
    ['it was taken away', () => rmSync(file)],
    ['it was touched', () => utimesSync(file, 1, 1)],
  ])('it changed after the first batch: %s', async (_, change) => {
    const source = await openCsv({ users: users(large) });
    await expectChanged(source, change);
  });

  test.each<[string, () => void]>([
    ['it grew', () => appendFileSync(file, '40001,late\n')],
    ['it has other content of the same length', () => writeFileSync(file, large.replace('id,sn', 'sn,id'))],
  ])('it changed between opening and reading: %s', async (_, change) => {
    const source = await openCsv({ users: users(large) });
    change();
    await expectChanged(source, () => undefined);
  });

  test.each(['before the reading', 'during the reading'])(
    'it changed %s, with the same length and time',
    async (moment) => {
      const settings = { users: users(large) };
      const change = (): void => {
        writeFileSync(file, large.replace('39999,L', '39999,X'));
        utimesSync(file, 1, 1);
      };
      utimesSync(file, 1, 1);
      const source = await openCsv(settings);
      if (moment === 'before the reading') change();
      await expectChanged(source, moment === 'during the reading' ? change : () => undefined);
    },
  );

  test('the people changed while the groups were read', async () => {
    const source = await openCsv({ users: users('id\n1\n'), groups: users('id\nred\n', 'teams.csv') });
    await expectChanged(source, (part) => {
      if (part === 'groups') appendFileSync(file, '2\n');
    });
  });
});

describe('the fingerprint', () => {
  const print = async (people: string, teams: string): Promise<string> =>
    (await openCsv({ users: users(people), groups: users(teams, 'teams.csv') })).fingerprint ?? '';

  test('is equal for equal bytes and changes with any of them, and with the part that they stand in', async () => {
    const before = await print('id\n1\n', 'id\nred\n');
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await print('id\n1\n', 'id\nred\n')).toBe(before);
    const others = [
      await print('id\n2\n', 'id\nred\n'),
      await print('id\n1\n', 'id\nblue\n'),
      await print('id\nred\n', 'id\n1\n'),
      await print('id\r\n1\r\n', 'id\nred\n'),
    ];
    expect(new Set([before, ...others]).size).toBe(5);
  });
});

describe('the shape', () => {
  const plain: CsvSettings = { users: { file: join(at, 'shape.csv'), key: 'id' } };
  const rule = (text: string): ActiveCondition => ({ text, evaluate: () => true });
  const shape = async (
    settings: CsvSettings,
    header = 'id,sn,teams;x\n',
    active?: ActiveCondition,
    uses = allAttributes,
  ): Promise<string> => {
    write(at, 'shape.csv', header);
    return (await openCsv(settings, active)).signature(uses);
  };
  const uses = (...names: string[]): UsedAttributes => ({ users: new Set(names), groups: undefined });

  test('does not depend on rows, file names and the order of used attributes', async () => {
    const before = await shape(plain);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await shape(plain, 'id,sn,teams;x\n1,a,b\n')).toBe(before);
    expect(await shape({ users: { file: write(at, 'other.csv', 'id,sn,teams;x\n'), key: 'id' } })).toBe(before);
    expect(await shape(plain, undefined, undefined, uses('a', 'b'))).toBe(
      await shape(plain, undefined, undefined, uses('b', 'a')),
    );
  });

  test('changes with everything that changes how bytes are parsed', async () => {
    const column = (separator?: string): CsvSettings => ({ ...plain, groups: { column: 'sn', separator } });
    const all = [
      await shape(plain),
      await shape(plain, 'id,teams;x,sn\n'),
      await shape(plain, 'id,sn,teams;x,\n'),
      await shape({ users: { ...plain.users, key: 'sn' } }),
      await shape({ users: { ...plain.users, encoding: 'latin1' } }),
      await shape({ users: { ...plain.users, delimiter: ';' } }, 'id;sn;teams\n'),
      await shape({ users: { ...plain.users, listSeparator: ';' } }),
      await shape(column()),
      await shape(column('|')),
      await shape(plain, undefined, rule('a')),
      await shape(plain, undefined, rule('b')),
      await shape(plain, undefined, undefined, uses()),
      await shape(plain, undefined, undefined, uses('sn')),
      await shape(plain, undefined, undefined, { users: undefined, groups: new Set(['sn']) }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

async function expectChanged(source: OpenSource, change: (part: string) => void): Promise<void> {
  let batches = 0;
  const reading = (async () => {
    for await (const { part } of (await source.read(allAttributes, undefined, signal)).batches) {
      batches += 1;
      if (batches === 1 || part !== 'users') change(part);
    }
  })();
  await expect(reading).rejects.toThrow(IncompleteReading);
  await expect(reading).rejects.toMatchObject({ code: 'csv.changed' });
  expect(batches).toBeGreaterThan(0);
}

function edges(content: string) {
  return { file: write(at, 'in.csv', content), group: 'group', member: 'member' };
}

function directory(): string {
  const path = join(at, 'folder');
  mkdirSync(path, { recursive: true });
  return path;
}
