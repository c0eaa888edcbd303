import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textRedactor } from '../../../src/model/redaction/redactor.ts';
import '../../world/fixed-seed.ts';

const inForm = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1);
const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);
const inUnits = (value: string): string =>
  [...Array(value.length).keys()].map((at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
const inHtml = (value: string): string =>
  [...value].map((character) => (/[\w ]/.test(character) ? character : `&#${character.codePointAt(0)};`)).join('');
const everyByte = (value: string): string =>
  Buffer.from(value)
    .toString('hex')
    .replaceAll(/../g, (octet) => `%${octet}`);

const encodings: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (value) => value,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (value) =>
    encodeURIComponent(value).replaceAll(/%../g, (octet) => octet.toLowerCase()),
  'percent-encoded where a URL needs it': encodeURI,
  'percent-encoded in each byte': everyByte,
  'percent-encoded twice': (value) => encodeURIComponent(encodeURIComponent(value)),
  'percent-encoded three times': (value) => encodeURIComponent(encodeURIComponent(encodeURIComponent(value))),
  'in a form': inForm,
  'in a form, percent-encoded': (value) => encodeURIComponent(inForm(value)),
  'in JSON': inJson,
  'in JSON with escaped slashes': (value) => inJson(value).replaceAll('/', '\\/'),
  'in JSON as UTF-16 units': inUnits,
  'in JSON in JSON': (value) => inJson(inJson(value)),
  'percent-encoded in JSON': (value) => inJson(encodeURIComponent(value)),
  'JSON, percent-encoded': (value) => encodeURIComponent(inJson(value)),
  'in HTML': inHtml,
  'in HTML in JSON': (value) => inJson(inHtml(value)),
};

describe.each(Object.keys(encodings))('a secret %s', (name) => {
  const encode = encodings[name] ?? String;

  test.each(['p@ss/w+rd?', 'a"b\\c', 'zwölf Bären', 'x&y<z>', '100%25ig', "it's 🔑", 'hunter2'])('%s', (secret) => {
    expect(textRedactor([secret])(`refused: ${encode(secret)}, try again`)).toBe('refused: •••, try again');
  });

  test('any', () => {
    const secrets = fc
      .string({ minLength: 6, unit: 'grapheme' })
      .filter((value) => !/^[+ ]|[+ ]$|[\ud800-\udfff]/.test(value));
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(textRedactor([secret])(`\u0001${encode(secret)}\u0001`)).toBe('\u0001•••\u0001');
      }),
    );
  });
});

describe('in base64', () => {
  test.each(['', 'a', 'ab', 'ada:'])('behind %j', (before) => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.constantFrom<BufferEncoding>('base64', 'base64url'), (secret, as) => {
        const shown = textRedactor([secret])(Buffer.from(`${before}${secret}&x=1`).toString(as));
        expect(shown).toContain('•••');
        // At both ends a character may stay, since it holds bits of its neighbours.
        const rest = Buffer.from(shown.split('•••').at(-1) ?? '', as).toString('latin1');
        expect(rest.length).toBeLessThan('&x=1'.length + 3);
      }),
    );
  });

  test('percent-encoded inside, and outside', () => {
    const encoded = Buffer.from(`{"client_secret":"${encodeURIComponent('p@ss/w+rd?')}"}`).toString('base64');
    expect(textRedactor(['p@ss/w+rd?'])(encodeURIComponent(encoded))).toContain('•••');
  });
});

describe('a URL', () => {
  const redact = textRedactor(['https://chat.example/services/T0001/B0002/abcdefghijklmnop?key=0123456789abcdef']);

  test.each([
    ['Cannot POST /services/T0001/B0002/abcdefghijklmnop?key=0123456789abcdef', 'Cannot POST •••'],
    ['POST https://chat.example/services/T0001/B0002/abcdefghijklmnop?key=0123456789abcdef', 'POST •••'],
    ['no hook abcdefghijklmnop with key 0123456789abcdef', 'no hook ••• with key •••'],
    ['the services of T0001 are down', 'the services of T0001 are down'],
  ])('%s → %s', (text, expected) => expect(redact(text)).toBe(expected));

  test('with a short path leaves other texts alone', () =>
    expect(textRedactor(['https://chat.example/scim/v2'])('GET /scim/v2 failed')).toBe('GET /scim/v2 failed'));
});

describe('several secrets', () => {
  const redact = textRedactor(['hunter2', 'hunter2-longer', 'longer-and-longer', 'abc']);

  test.each([
    ['hunter2 and hunter2-longer', '••• and •••'],
    ['hunter2-longer-and-longer', '•••'],
    ['abc is too short to be hidden', 'abc is too short to be hidden'],
    ['100 %, "quoted" \\ &amp; nothing else', '100 %, "quoted" \\ &amp; nothing else'],
    ['%zz %4 \\u12 &#99999999; &nothing;', '%zz %4 \\u12 &#99999999; &nothing;'],
  ])('%s → %s', (text, expected) => expect(redact(text)).toBe(expected));

  test('a text without them stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/hunt|longer|a/i.test(text));
        expect(redact(text)).toBe(text);
      }),
    );
  });
});
