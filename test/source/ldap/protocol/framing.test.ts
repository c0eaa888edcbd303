import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { berElement, BerError, berOctets, tags } from '../../../../src/source/ldap/protocol/ber.ts';
import { Framing } from '../../../../src/source/ldap/protocol/framing.ts';

const message = (size: number): Buffer => berElement(tags.sequence, berOctets(Buffer.alloc(size, 0x61)));

/** Messages as they come out of a stream that arrives in these pieces. */
function framed(stream: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const framing = new Framing();
  const found: Buffer[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    found.push(...framing.push(stream.subarray(at, at + size)));
    at += size;
  }
  return found;
}

test('any pieces give the same messages', () => {
  const messages = fc
    .array(fc.constantFrom(0, 1, 100, 123, 124, 125, 126, 127, 128, 200, 252, 253, 300, 65_530, 65_540), {
      minLength: 1,
      maxLength: 8,
    })
    .map((sizes) => sizes.map(message));
  const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 70_000 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(messages, pieces, (all, sizes) => {
      const found = framed(Buffer.concat(all), sizes);
      expect(found).toHaveLength(all.length);
      found.forEach((each, index) => expect(each.equals(all[index] ?? Buffer.alloc(0))).toBe(true));
    }),
    { seed: 4511, numRuns: 400 },
  );
});

test('a message byte by byte comes with its last byte', () => {
  for (const size of [0, 127, 128, 300]) {
    const framing = new Framing();
    const bytes = message(size);
    for (let at = 0; at < bytes.length - 1; at += 1) expect(framing.push(bytes.subarray(at, at + 1))).toEqual([]);
    expect(framing.push(bytes.subarray(-1))).toEqual([bytes]);
  }
});

test('what has no content is a message, and nothing is none', () => {
  expect(new Framing().push(Buffer.from('30003000', 'hex'))).toEqual([
    Buffer.from('3000', 'hex'),
    Buffer.from('3000', 'hex'),
  ]);
  expect(new Framing().push(Buffer.alloc(0))).toEqual([]);
});

test('a very large message in many small pieces is joined once', () => {
  const large = message(2 * 1024 * 1024);
  const stream = Buffer.concat([large, message(3)]);
  const concat = jest.spyOn(Buffer, 'concat');
  try {
    const found = framed(stream, [1_400]);
    expect(found.map(({ length }) => length)).toEqual([large.length, 7]);
    const copied = concat.mock.results.reduce((sum, { value }) => sum + (value as Buffer).length, 0);
    expect(copied).toBeGreaterThanOrEqual(large.length);
    expect(copied).toBeLessThan(large.length + 2 * 1_400);
  } finally {
    concat.mockRestore();
  }
});

describe('what is no LDAP is refused', () => {
  test.each<[string, string, string]>([
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request').toString('hex'), 'not an LDAP message'],
    ['a TLS alert', '15030100020228', 'not an LDAP message'],
    ['zeroes', '0000', 'not an LDAP message'],
    ['an endless length', '3080', 'a message with an invalid length'],
    ['a length of five bytes', '30850000000001', 'a message with an invalid length'],
    ['more than a gigabyte', '308440000001', 'a message of 1073741825 bytes'],
    ['the longest length', '3084ffffffff', 'a message of 4294967295 bytes'],
  ])('%s', (_, bytes, expected) => {
    for (const size of [1, 2, 100]) {
      expect(() => framed(Buffer.from(bytes, 'hex'), [size])).toThrow(BerError);
      expect(() => framed(Buffer.from(bytes, 'hex'), [size])).toThrow(expected);
    }
  });

  test('after a whole message, too', () => {
    const framing = new Framing();
    expect(framing.push(message(3))).toHaveLength(1);
    expect(() => framing.push(Buffer.concat([message(3), Buffer.from('GET /')]))).toThrow('not an LDAP message');
  });

  test('a gigabyte is waited for', () => {
    expect(new Framing().push(Buffer.from('308440000000', 'hex'))).toEqual([]);
  });
});
