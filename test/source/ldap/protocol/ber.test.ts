import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  berBoolean,
  berElement,
  BerError,
  berInteger,
  berOctets,
  BerReader,
  tags,
} from '../../../../src/source/ldap/protocol/ber.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const reader = (text: string): BerReader => new BerReader(hex(text));

describe('whole numbers', () => {
  // X.690 8.3: two's complement in as few bytes as will do.
  test.each<[number, string]>([
    [0, '02 01 00'],
    [1, '02 01 01'],
    [127, '02 01 7f'],
    [128, '02 02 00 80'],
    [255, '02 02 00 ff'],
    [256, '02 02 01 00'],
    [32767, '02 02 7f ff'],
    [32768, '02 03 00 80 00'],
    [8388607, '02 03 7f ff ff'],
    [8388608, '02 04 00 80 00 00'],
    [2147483647, '02 04 7f ff ff ff'],
    [2147483648, '02 05 00 80 00 00 00'],
    [140737488355327, '02 06 7f ff ff ff ff ff'],
    [-1, '02 01 ff'],
    [-128, '02 01 80'],
    [-129, '02 02 ff 7f'],
    [-32768, '02 02 80 00'],
    [-32769, '02 03 ff 7f ff'],
    [-2147483648, '02 04 80 00 00 00'],
    [-2147483649, '02 05 ff 7f ff ff ff'],
    [-140737488355328, '02 06 80 00 00 00 00 00'],
  ])('%d is %s', (value, bytes) => {
    expect(berInteger(value)).toEqual(hex(bytes));
    expect(reader(bytes).integer()).toBe(value);
  });

  test.each([140737488355328, -140737488355329, 1.5e15])('%d is too large to be written', (value) => {
    expect(() => berInteger(value)).toThrow('out of range');
  });

  test.each([
    ['02 00', 0],
    ['02 07 00 00 00 00 00 00 01', 7],
  ])('%s is none', (bytes, size) => {
    expect(() => reader(bytes).integer()).toThrow(new BerError(`an integer of ${size} bytes`));
  });

  test('come back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }), (value) => {
        expect(new BerReader(berInteger(value)).integer()).toBe(value);
      }),
      { seed: 690, numRuns: 2_000 },
    );
  });
});

test.each<[string, boolean]>([
  ['01 01 00', false],
  ['01 01 ff', true],
  ['01 01 01', true],
])('%s is %s', (bytes, expected) => {
  expect(reader(bytes).boolean()).toBe(expected);
});

test.each(['01 00', '01 02 00 00'])('%s is no boolean', (bytes) => {
  expect(() => reader(bytes).boolean()).toThrow(BerError);
});

describe('lengths', () => {
  test.each([0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 24])('of %d bytes', (length) => {
    const content = Buffer.alloc(length, 0x61);
    const element = berElement(tags.octetString, content);
    const head = length < 0x80 ? 2 : length < 0x100 ? 3 : length < 0x1_0000 ? 4 : length < 0x100_0000 ? 5 : 6;
    expect(element).toHaveLength(head + length);
    expect(new BerReader(element).octets().equals(content)).toBe(true);
  });

  test('may have more bytes than they need', () => {
    for (const bytes of ['04 02 61 62', '04 81 02 61 62', '04 82 00 02 61 62', '04 84 00 00 00 02 61 62'])
      expect(reader(bytes).text()).toBe('ab');
  });

  test.each<[string, string]>([
    ['04', 'an element longer than the element around it'],
    ['04 01', 'an element longer than the element around it'],
    ['04 05 61 62', 'an element longer than the element around it'],
    ['04 80 61 62 00 00', 'an invalid length'],
    ['04 85 00 00 00 00 01 61', 'an invalid length'],
    ['04 ff 61', 'an invalid length'],
    ['04 82 01', 'an invalid length'],
    ['04 84 ff ff ff ff 61', 'an element longer than the element around it'],
    ['04 84 80 00 00 00 61', 'an element longer than the element around it'],
    ['', 'expected element 0x04, found the end'],
    ['30 00', 'expected element 0x04, found 0x30'],
  ])('%s: %s', (bytes, message) => {
    expect(() => reader(bytes).octets()).toThrow(BerError);
    expect(() => reader(bytes).octets()).toThrow(message);
  });

  test('of what is inside never reach beyond what holds it', () => {
    const outer = reader('30 03 04 02 61 62 63');
    expect(() => outer.inside(tags.sequence).octets()).toThrow(BerError);
    const short = reader('30 01 04 01 61').inside(tags.sequence);
    expect(() => short.octets()).toThrow(BerError);
    const size = reader('30 02 04 81 01 61').inside(tags.sequence);
    expect(() => size.octets()).toThrow(BerError);
  });
});

test('elements are read one after the other, and what is inside by itself', () => {
  const bytes = Buffer.concat([
    berElement(tags.sequence, berInteger(7), berOctets('a')),
    berBoolean(true),
    berOctets('b', 0x80),
  ]);
  const outer = new BerReader(bytes);
  const inner = outer.inside(tags.sequence);
  expect([inner.peek(), inner.integer(), inner.text(), inner.isAtEnd, inner.peek()]).toEqual([
    tags.integer,
    7,
    'a',
    true,
    undefined,
  ]);
  outer.skip();
  expect([outer.text(0x80), outer.isAtEnd]).toEqual(['b', true]);
  expect(() => {
    outer.skip();
  }).toThrow(BerError);
});

test('text keeps its byte order mark', () => {
  expect(new BerReader(berOctets('\ufeffa')).text()).toBe('\ufeffa');
});

interface Tree {
  readonly tag: number;
  readonly content: Buffer | readonly Tree[];
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      tag: fc.constantFrom(0x04, 0x80, 0x0a, 0x87),
      content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    }),
    fc.record({ tag: fc.constantFrom(0x30, 0x31, 0xa3, 0x64), content: fc.array(tie('tree'), { maxLength: 5 }) }),
  ),
}));

const write = ({ tag, content }: Tree): Buffer =>
  Buffer.isBuffer(content) ? berElement(tag, content) : berElement(tag, ...content.map(write));

function read(from: BerReader, tag: number): Tree {
  if (![0x30, 0x31, 0xa3, 0x64].includes(tag)) return { tag, content: Buffer.from(from.element(tag)) };
  const inner = from.inside(tag);
  const content: Tree[] = [];
  for (let next = inner.peek(); next !== undefined; next = inner.peek()) content.push(read(inner, next));
  return { tag, content };
}

describe('anything', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(tree, (of) => {
        expect(read(new BerReader(write(of)), of.tag)).toEqual(of);
      }),
      { seed: 690, numRuns: 1_000 },
    );
  });

  test('cut off anywhere is refused, and so is noise, with no other error', () => {
    fc.assert(
      fc.property(tree, fc.nat(), (of, at) => {
        const bytes = write(of);
        expect(() => read(new BerReader(bytes.subarray(0, at % bytes.length)), of.tag)).toThrow(BerError);
      }),
      { seed: 690, numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        const from = new BerReader(Buffer.from(noise));
        try {
          while (!from.isAtEnd) read(from, from.peek() ?? -1);
        } catch (error) {
          expect(error).toBeInstanceOf(BerError);
        }
      }),
      { seed: 690, numRuns: 5_000 },
    );
  });
});
