import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { detectEncoding, toUtf8, type DetectedEncoding } from '../../../src/source/csv/encodings/encoding.ts';
import type { Encoding } from '../../../src/model/reading/encodings.ts';

const le = (text: string): Buffer => Buffer.from(text, 'utf16le');
const be = (text: string): Buffer => le(text).swap16();

async function decoded(bytes: Buffer, detected: DetectedEncoding, size: number): Promise<Buffer> {
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const parts: Buffer[] = [];
  for await (const part of toUtf8(chunks(), detected)) parts.push(part);
  return Buffer.concat(parts);
}

describe('which encoding a file has', () => {
  test.each<[string, Buffer, Encoding, DetectedEncoding]>([
    ['the setting, where there is no mark', Buffer.from('id'), 'latin1', { encoding: 'latin1', bomLength: 0 }],
    ['a UTF-8 mark', Buffer.from('\ufeffid'), 'utf-8', { encoding: 'utf-8', bomLength: 3 }],
    ['a UTF-8 mark wins over utf-16le', Buffer.from('\ufeffid'), 'utf-16le', { encoding: 'utf-8', bomLength: 3 }],
    ['a UTF-8 mark wins over latin1', Buffer.from('\ufeffid'), 'latin1', { encoding: 'utf-8', bomLength: 3 }],
    ['a little endian mark', le('\ufeffid'), 'utf-16', { encoding: 'utf-16le', bomLength: 2 }],
    ['a big endian mark', be('\ufeffid'), 'utf-16', { encoding: 'utf-16be', bomLength: 2 }],
    ['a big endian mark wins over utf-16le', be('\ufeffid'), 'utf-16le', { encoding: 'utf-16be', bomLength: 2 }],
    ['a little endian mark wins over utf-8', le('\ufeffid'), 'utf-8', { encoding: 'utf-16le', bomLength: 2 }],
    ['an empty file', Buffer.alloc(0), 'utf-8', { encoding: 'utf-8', bomLength: 0 }],
    ['a file of two bytes', Buffer.from([0xef, 0xbb]), 'utf-8', { encoding: 'utf-8', bomLength: 0 }],
  ])('%s', (_, head, setting, expected) => {
    expect(detectEncoding(head, setting, 'people.csv')).toEqual(expected);
  });

  test.each<[string, Buffer, 'utf-8' | 'utf-16le' | 'utf-16be', RegExp | undefined]>([
    ['UTF-16', le('社員,氏名\n'), 'utf-8', /is not utf-8: it looks like utf-16le/],
    ['UTF-16', be('id,name\n'), 'utf-8', /it looks like utf-16be/],
    ['a stray zero byte', Buffer.from(`id,name\n1,A\0da\n${'2,Bob\n'.repeat(20)}`), 'utf-8', undefined],
    ['a workbook', Buffer.from('504b0304140006000800000021000000', 'hex'), 'utf-8', undefined],
    ['UTF-8', Buffer.from('id,name\n1,Ada\n'), 'utf-16le', /is not utf-16le: it has no zero bytes.*"utf-8"/],
    ['windows-1252', Buffer.from('id\n1,M\u00fcller\n', 'latin1'), 'utf-16be', /no zero bytes/],
    ['the other byte order', be('id,name\n'), 'utf-16le', /it looks like utf-16be/],
    ['the other byte order', le('id,name\n'), 'utf-16be', /it looks like utf-16le/],
    ['the right byte order', le('社員,氏名\n'), 'utf-16le', undefined],
    ['the right byte order', be('社員,氏名\n'), 'utf-16be', undefined],
    ['an empty file', Buffer.alloc(0), 'utf-16le', undefined],
  ])('%s without a byte order mark, read as %#', (_, head, setting, expected) => {
    const detect = () => detectEncoding(head, setting, 'people.csv');
    if (expected === undefined) expect(detect()).toEqual({ encoding: setting, bomLength: 0 });
    else expect(detect).toThrow(expected);
  });

  test('utf-16 without a byte order mark is an error', () => {
    expect(() => detectEncoding(le('id'), 'utf-16', 'people.csv')).toThrow(IncompleteReading);
    expect(() => detectEncoding(le('id'), 'utf-16', 'people.csv')).toThrow(
      /people\.csv has no byte order mark.*"utf-16le" or "utf-16be"/,
    );
  });
});

describe('bytes as UTF-8', () => {
  const text = 'id,name\n1,Zoë €\n2,𝄞 clef\n';
  test.each<[string, Buffer, DetectedEncoding]>([
    ['utf-8', Buffer.from(text), { encoding: 'utf-8', bomLength: 0 }],
    ['utf-8 with a mark', Buffer.from(`\ufeff${text}`), { encoding: 'utf-8', bomLength: 3 }],
    ['utf-16le', le(text), { encoding: 'utf-16le', bomLength: 0 }],
    ['utf-16le with a mark', le(`\ufeff${text}`), { encoding: 'utf-16le', bomLength: 2 }],
    ['utf-16be', be(text), { encoding: 'utf-16be', bomLength: 0 }],
    ['utf-16be with a mark', be(`\ufeff${text}`), { encoding: 'utf-16be', bomLength: 2 }],
  ])('%s, in pieces of every size', async (_, bytes, detected) => {
    for (let size = 1; size <= bytes.length; size += 1)
      expect((await decoded(bytes, detected, size)).toString()).toBe(text);
  });

  test('latin1 is windows-1252: the euro and the curly quotes are where exports have them', async () => {
    const bytes = Buffer.from([0x80, 0x93, 0xe9, 0x94, 0xff]);
    expect((await decoded(bytes, { encoding: 'latin1', bomLength: 0 }, 2)).toString()).toBe('€“é”ÿ');
  });

  test.each<[string, Buffer, DetectedEncoding['encoding'], string]>([
    ['a lone high surrogate', le('a\ud834b'), 'utf-16le', '61ff62'],
    ['a lone low surrogate', be('a\udd1eb'), 'utf-16be', '61ff62'],
    ['a high surrogate at the end', le('a\ud834'), 'utf-16le', '61ff'],
    ['two high ones and a pair', le('\ud834\ud834\udd1e'), 'utf-16le', 'fff09d849e'],
    ['half a unit at the end', le('ab').subarray(0, 3), 'utf-16le', '61ff'],
  ])('%s stays recognisable as no text', async (_, bytes, encoding, hex) => {
    for (const size of [1, 2, 3, 100])
      expect((await decoded(bytes, { encoding, bomLength: 0 }, size)).toString('hex')).toBe(hex);
  });

  test('any text, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), async (any, size) => {
        expect((await decoded(le(any), { encoding: 'utf-16le', bomLength: 0 }, size)).toString()).toBe(any);
        expect((await decoded(be(any), { encoding: 'utf-16be', bomLength: 0 }, size)).toString()).toBe(any);
      }),
    );
  });
});
