import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { parseRecords } from '../../../src/source/csv/parse-records.ts';
import { readRecords } from '../../../src/source/csv/record-stream.ts';
import { splitRecords } from '../../../src/source/csv/record-splitter.ts';
import type { RawRecord } from '../../../src/source/table/open-table.ts';

const comma = Buffer.from(',');

async function* chunked(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function records(
  text: string,
  sizes: readonly number[] = [7],
  delimiter = ',',
  limit?: number,
): Promise<readonly RawRecord[]> {
  const all: RawRecord[] = [];
  for await (const some of readRecords(chunked(Buffer.from(text), sizes), delimiter, 'people.csv', limit))
    all.push(...some.map(({ line, bytes }) => ({ line, bytes: Buffer.from(bytes) })));
  return all;
}

const describeRecords = (found: readonly RawRecord[]): readonly string[] =>
  found.map(({ line, bytes }) => `${line}:${bytes.toString()}`);

describe('records of a text', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['one line without a break', 'a,b', ['1:a,b']],
    ['one line with a break', 'a,b\n', ['1:a,b']],
    ['CRLF', 'a\r\nb\r\n', ['1:a', '2:b']],
    ['mixed breaks', 'a\r\nb\nc\r\n', ['1:a', '2:b', '3:c']],
    ['a carriage return at the very end', 'a\r\nb\r', ['1:a', '2:b']],
    ['blank lines, counted', '\n\na\n\r\n\nb\n\n', ['3:a', '6:b']],
    ['a line of blanks is no blank line', 'a\n  \nb', ['1:a', '2:  ', '3:b']],
    ['quoted break', 'a,"x\ny"\nb', ['1:a,"x\ny"', '3:b']],
    ['quoted CRLF is one line feed', 'a,"x\r\ny"\r\nb', ['1:a,"x\ny"', '3:b']],
    ['a lone carriage return stays', 'a,"x\ry"\nb\rc', ['1:a,"x\ry"', '2:b\rc']],
    ['quoted blank line', '"a\n\nb"\nc', ['1:"a\n\nb"', '4:c']],
    ['quoted delimiter and break', '"a,\n",b\nc', ['1:"a,\n",b', '3:c']],
    ['escaped quotes', '"a""\n""b"\nc', ['1:"a""\n""b"', '3:c']],
    ['only escaped quotes', '""""\nb', ['1:""""', '2:b']],
    ['empty quotes', '"",""\nb', ['1:"",""', '2:b']],
    ['a quote inside a cell opens nothing', '5" pipe,x\nb', ['1:5" pipe,x', '2:b']],
    ['a quote after a blank opens nothing', 'a, "x\ny"', ['1:a, "x', '2:y"']],
    ['text after a closing quote, then a break', '"a"b"\nc', ['1:"a"b"', '2:c']],
    [
      'a quote late in the file does not slow or mislead the lines before',
      'a\nb\nc,"\n"\n',
      ['1:a', '2:b', '3:c,"\n"'],
    ],
  ])('%s', async (_, text, expected) => {
    for (let size = 1; size <= text.length + 1; size += 1)
      expect(describeRecords(await records(text, [size]))).toEqual(expected);
  });

  test.each(['::', ';', '\t', '§', '|'])('a quote opens after the delimiter %j', async (delimiter) => {
    const first = `a${delimiter}"x\n${delimiter}"${delimiter}b`;
    expect(describeRecords(await records(`${first}\nc`, [3], delimiter))).toEqual([`1:${first}`, '3:c']);
  });

  test('half a delimiter is none', async () => {
    expect(describeRecords(await records('a:"x\ny"::b', [3], '::'))).toEqual(['1:a:"x', '2:y"::b']);
  });
});

describe('the incomplete record at the end of a chunk', () => {
  test.each<[string, number, number, number | undefined]>([
    ['a\nb', 2, 2, undefined],
    ['a\n', 2, 2, undefined],
    ['a\nb,"x', 2, 2, 2],
    ['a\nb,"x\ny",\n"\n', 11, 4, 4],
    ['a\nb,"x\ny","\n', 2, 2, 3],
  ])('%j', (text, rest, line, openQuote) => {
    expect(splitRecords(Buffer.from(text), 1, comma)).toMatchObject({ rest, line, openQuote });
  });
});

describe('incomplete files', () => {
  test.each<[string, string, ErrorCode, RegExp]>([
    ['the end inside quotes', 'a\nb,"x\ny', 'csv.quoteNotClosed', /line 2/],
    [
      'the end inside quotes that open on a later line of the record',
      'a\n"b\n",c,"d\n',
      'csv.quoteNotClosed',
      /line 3/,
    ],
    ['the end inside quotes after an escaped quote', '"a""', 'csv.quoteNotClosed', /line 1/],
    ['a quote without an end', `a\n"${'x\n'.repeat(60)}`, 'csv.recordTooLong', /quote .*line 2 .*100 bytes/],
    ['a line that is too long', `a\n${'x'.repeat(120)}`, 'csv.recordTooLong', /line 2 .*100 bytes/],
    ['a line that is too long and ends', `a\n${'x'.repeat(120)}\nb`, 'csv.recordTooLong', /line 2 .*100 bytes/],
  ])('%s', async (_, text, code, message) => {
    for (const size of [1, 7, 50, 1000]) {
      const reading = records(text, [size], ',', 100);
      await expect(reading).rejects.toThrow(IncompleteReading);
      await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
  });

  test('a record of exactly the limit is allowed', async () => {
    for (const size of [1, 50, 1000])
      expect(await records(`${'x'.repeat(100)}\n"${'y\n'.repeat(49)}"`, [size], ',', 100)).toHaveLength(2);
  });
});

describe('any table', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'é', '€', '𝄞', ' ', '"', ',', ';', '\n', '\r\n', '\t', "'"),
    maxLength: 6,
  });
  const width = 3;
  const table = fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 });
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

  test('comes back as it was, however it is written and in whatever pieces it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        sizes,
        fc.constantFrom(',', ';', '\t', '::'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        async (rows, pieces, delimiter, lineBreak, quoteAll, endsWithBreak) => {
          const quoted = (text: string): string =>
            quoteAll || text === '' || /["\r\n]/.test(text) || text.includes(delimiter[0] ?? '')
              ? `"${text.replaceAll('"', '""')}"`
              : text;
          const text =
            rows.map((row) => row.map(quoted).join(delimiter)).join(lineBreak) + (endsWithBreak ? lineBreak : '');
          const found = await records(text, pieces, delimiter);
          const plain = rows.map((row) => row.map((value) => value.replaceAll('\r\n', '\n')));
          expect(
            parseRecords(
              found.map(({ bytes }) => bytes),
              delimiter,
            ),
          ).toEqual(plain);
          expect(found).toHaveLength(parse(text, { delimiter, record_delimiter: lineBreak }).length);
          expect(found.map(({ line }) => line)).toEqual(
            rows.map((_, index) => 1 + breaksIn(rows.slice(0, index)) + index),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test('of bytes without sense is split alike, whatever the pieces', async () => {
    const noise = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(noise, sizes, async (text, pieces) => {
        const attempt = (of: readonly number[]) =>
          records(text, of).then(describeRecords, (error: Error) => error.message);
        expect(await attempt(pieces)).toEqual(await attempt([1000]));
      }),
      { numRuns: 500 },
    );
  });

  test('of bytes without sense: one parser alone would find the same records', async () => {
    const noise = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n'), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(noise, async (text) => {
        let whole: string[][];
        try {
          whole = parse(text, { record_delimiter: '\n', relax_column_count: true, skip_empty_lines: true });
        } catch {
          return;
        }
        expect(
          parseRecords(
            (await records(text)).map(({ bytes }) => bytes),
            ',',
          ),
        ).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });
});

function breaksIn(rows: readonly (readonly string[])[]): number {
  return rows.flat().join('').split('\n').length - 1;
}
