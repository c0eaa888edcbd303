import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normaliseDn, isUnder, parentDn, type CaseExact } from '../../../../src/source/ldap/names/dn.ts';
import { inLinearTime, longText } from '../long-input.ts';
import { randomRuns } from '../../../world/random-runs.ts';

/** Takes the way that understands every name, whatever the name. */
const slowly: CaseExact = () => false;
const normalised = (dn: string): string => {
  expect(normaliseDn(dn)).toBe(normaliseDn(dn, slowly));
  return normaliseDn(dn);
};

describe('one name in two spellings', () => {
  test.each<[string, string, string]>([
    ['case', 'CN=Ada Lovelace,OU=People,DC=Example', 'cn=ada lovelace,ou=people,dc=example'],
    ['names of types', 'commonName=a,organizationalUnitName=b,domainComponent=c', 'cn=a,ou=b,dc=c'],
    ['numbers of types', '2.5.4.3=a,2.5.4.11=b,0.9.2342.19200300.100.1.25=c', 'cn=a,ou=b,dc=c'],
    ['numbers of types as RFC 1779 writes them', 'OID.2.5.4.3=a,oid.2.5.4.10=b', 'cn=a,o=b'],
    ['userid', 'userid=ada,0.9.2342.19200300.100.1.1=b', 'uid=ada,uid=b'],
    ['e-mail', 'emailAddress=a,E=b,1.2.840.113549.1.9.1=c', 'email=a,email=b,email=c'],
    ['blanks around separators', ' cn = a , ou = b + uid = c ', 'cn=a,ou=b+uid=c'],
    ['line breaks around separators', 'cn=a,\r\n  dc=b', 'cn=a,dc=b'],
    ['semicolons', 'cn=a;dc=b', 'cn=a,dc=b'],
    ['blanks in a row', 'cn=Ada    Lovelace,dc=b', 'cn=ada lovelace,dc=b'],
    ['escaped blanks at the ends', 'cn=\\ \\20a\\ ,dc=b', 'cn=a,dc=b'],
    ['a comma by itself', 'cn=Lovelace\\, Ada,dc=b', 'cn=lovelace\\, ada,dc=b'],
    ['a comma in digits', 'cn=Lovelace\\2C Ada,dc=b', 'cn=lovelace\\, ada,dc=b'],
    ['a comma in small digits', 'cn=Lovelace\\2c Ada,dc=b', 'cn=lovelace\\, ada,dc=b'],
    ['a comma in quotes', 'cn="Lovelace, Ada",dc=b', 'cn=lovelace\\, ada,dc=b'],
    ['a comma as BER', 'cn=#040d4c6f76656c6163652c20416461,dc=b', 'cn=lovelace\\, ada,dc=b'],
    ['BER in large digits', 'cn=#040D4C6F76656C6163652C20416461,dc=b', 'cn=lovelace\\, ada,dc=b'],
    ['every sign by itself', 'cn=\\"\\+\\,\\;\\<\\>\\\\\\=\\#', 'cn=\\"\\+\\,\\;\\<\\>\\\\=#'],
    ['every sign in digits', 'cn=\\22\\2b\\2c\\3b\\3c\\3e\\5c\\3d\\23', 'cn=\\"\\+\\,\\;\\<\\>\\\\=#'],
    ['every sign in quotes', 'cn="\\"+,;<>\\\\=#"', 'cn=\\"\\+\\,\\;\\<\\>\\\\=#'],
    ['a hash at the front by itself', 'cn=\\#1,dc=b', 'cn=\\#1,dc=b'],
    ['a hash at the front in digits', 'cn=\\231,dc=b', 'cn=\\#1,dc=b'],
    ['a hash at the front in quotes', 'cn="#1",dc=b', 'cn=\\#1,dc=b'],
    ['a hash in the middle', 'cn=a\\#1,dc=b', 'cn=a#1,dc=b'],
    ['a letter with its mark', 'cn=Jose\u0301,dc=b', 'cn=jos\u00e9,dc=b'],
    ['UTF-8 in digits', 'cn=Jos\\c3\\a9,dc=b', 'cn=jos\u00e9,dc=b'],
    ['UTF-8 half in digits', 'cn=Jos\\C3\\A9 Mar\u00cda,dc=b', 'cn=jos\u00e9 mar\u00eda,dc=b'],
    ['half a letter of a BMPString', 'cn=#1e03004142', 'cn=#1e03004142'],
    ['BER that breaks off', 'cn=#0c05C389c3a9', 'cn=#0c05c389c3a9'],
    ['UTF8String as BER', 'cn=#0c04c389c3a9', 'cn=\u00e9\u00e9'],
    ['PrintableString as BER', 'c=#13024445', 'c=de'],
    ['BMPString as BER', 'cn=#1e0400410042', 'cn=ab'],
    ['emoji in digits', 'cn=\\f0\\9f\\9a\\80 Team,dc=b', 'cn=\u{1f680} team,dc=b'],
    ['the order in a multi-valued RDN', 'uid=ada+cn=Ada,dc=b', 'cn=ada+uid=ada,dc=b'],
    ['the order in one of three', 'sn=c+uid=b+cn=a,dc=b', 'cn=a+sn=c+uid=b,dc=b'],
    ['a ligature at the front', 'cn=\ufb01x', 'cn=fix'],
    ['a blank that does not break', 'cn=a\u00a0b', 'cn=a b'],
    ['capitals outside of ASCII', 'cn=\u0416\u00c9\u03a9', 'cn=\u0436\u00e9\u03c9'],
    ['a sigma, wherever it stands', 'cn=\u039f\u0394\u039f\u03a3', 'cn=\u03bf\u03b4\u03bf\u03c3'],
    ['the empty name', '  ', ''],
    ['an empty value', 'cn=,dc=b', 'cn=,dc=b'],
    ['an equals sign in a value', 'cn=a=B,dc=c', 'cn=a=b,dc=c'],
    ['a deleted object', 'CN=Ada\\0ADEL:5e3c,CN=Deleted Objects,DC=b', 'cn=ada\\0adel:5e3c,cn=deleted objects,dc=b'],
    ['NUL', 'cn=a\\00b', 'cn=a\\00b'],
  ])('%s', (_, dn, expected) => {
    expect(normalised(dn)).toBe(expected);
    expect(normalised(expected)).toBe(expected);
  });
});

describe('two names', () => {
  test.each([
    ['cn=a\\+b', 'cn=a+cn=b'],
    ['cn=a\\,dc=b', 'cn=a,dc=b'],
    ['cn="a,dc=b"', 'cn=a,dc=b'],
    ['cn=a\\3ddc\\2cdc=b', 'cn=a=dc,dc=b'],
    ['cn=a\\\\,dc=b', 'cn=a\\,dc=b'],
    ['cn=a,cn=b', 'cn=b,cn=a'],
    ['cn=a+cn=b', 'cn=a,cn=b'],
    ['cn=a', 'sn=a'],
    ['cn=a b', 'cn=ab'],
    ['cn=\\#0401ff', 'cn=#0401ff'],
    ['cn=\\#0401ff', 'cn=\\ff'],
    ['cn=\\ff', 'cn=\\fe'],
    ['cn=#0401ff', 'cn=#0401fe'],
    ['cn=#0403ffffff', 'cn=\ufffd\ufffd\ufffd'],
    ['cn=#040161ff', 'cn=a'],
    ['cn=#3003020101', 'cn=#3003020102'],
    ['cn=#3003020101', 'cn=\\#3003020101'],
    ['cn=#1e02d800', 'cn=#1e02d801'],
    ['cn=#04024869', 'cn=\\#04024869'],
    ['cn=stra\u00dfe', 'cn=strasse'],
    ['cn=\u0131', 'cn=i'],
    ['cn=\u0130', 'cn=i'],
    ['cn=\u0130', 'cn=i\\cc\\87'],
    ['cn=\u03bf\u03c2', 'cn=\u03bf\u03c3'],
    // RFC 4518 takes these for nothing or for a blank; slapd takes them for what they are.
    ['cn=a\u200bb', 'cn=ab'],
    ['cn=\u{1f469}\u200d\u{1f4bb}', 'cn=\u{1f469}\u{1f4bb}'],
    ['cn=\u2764\ufe0f', 'cn=\u2764'],
    ['cn=a\u00adb', 'cn=ab'],
    ['cn=\ufeffa', 'cn=a'],
    ['cn=a\\01b', 'cn=ab'],
    ['cn=a\\00b', 'cn=ab'],
    ['cn=a\\7fb', 'cn=ab'],
    ['cn=a\\09b', 'cn=a b'],
    ['cn=a\\0ab', 'cn=a b'],
    ['cn=a\u2028b', 'cn=ab'],
    ['cn=a\u2028b', 'cn=a b'],
    ['cn=a', 'cn=\u0430'],
    ['cn=e', 'cn=\u00e9'],
    ['2.5.4.3=a', '2.5.4.33=a'],
  ])('%s is not %s', (one, other) => {
    expect(normalised(one)).not.toBe(normalised(other));
  });
});

describe('what is no name folds to itself', () => {
  test.each([
    'ada',
    'cn',
    '=a',
    'cn=a,',
    'cn=a,,dc=b',
    'cn=a+',
    'cn="a',
    'cn="a"b',
    'cn=#zz',
    'cn=#041',
    'cn=#',
    'cn=a\\',
    'c n=a',
    '1=a',
    '1.=a',
    'corp\\ada',
    'ada@example.com',
    '<GUID=1>',
  ])('%s', (text) => {
    expect(normalised(text)).toBe(text.toLowerCase());
    expect(normalised(`  ${text.toUpperCase()}`)).toBe(text.toLowerCase());
  });
});

test('values of exact types keep their case, and nothing else does', () => {
  const exact: CaseExact = (type) => type === 'uid';
  expect(normaliseDn('UID=Ada+CN=Ada,OU=People', exact)).toBe('cn=ada+uid=Ada,ou=people');
  expect(normaliseDn('userid= A\\20\\20B ,dc=X', exact)).toBe('uid=A B,dc=x');
  expect(normaliseDn('0.9.2342.19200300.100.1.1=A', exact)).not.toBe(normaliseDn('uid=a', exact));
});

test.each<[string, string, boolean]>([
  ['cn=a,dc=b', 'dc=b', true],
  ['dc=b', 'dc=b', true],
  ['cn=a,dc=b', '', true],
  ['cn=a,dc=bb', 'dc=b', false],
  ['cn=a,xdc=b', 'dc=b', false],
  ['cn=a\\,dc=b', 'dc=b', false],
  ['cn=a\\\\,dc=b', 'dc=b', true],
  ['cn=a\\\\\\,dc=b', 'dc=b', false],
  ['dc=b', 'cn=a,dc=b', false],
])('%s is under %j: %s', (dn, base, expected) => {
  expect(isUnder(normalised(dn), normalised(base))).toBe(expected);
});

test.each<[string, string | undefined]>([
  ['cn=a,ou=b,dc=c', 'ou=b,dc=c'],
  ['cn=a\\,b,dc=c', 'dc=c'],
  ['cn=a\\\\,dc=c', 'dc=c'],
  ['cn=a+uid=b,dc=c', 'dc=c'],
  ['dc=c', undefined],
  ['', undefined],
])('what holds %s is %s', (dn, expected) => {
  expect(parentDn(normalised(dn))).toBe(expected);
});

interface Part {
  readonly type: keyof typeof types;
  readonly value: string;
}

const types = {
  cn: ['cn', 'CN', 'commonName', '2.5.4.3', 'oid.2.5.4.3', 'OID.2.5.4.3'],
  uid: ['uid', 'UID', 'userid', '0.9.2342.19200300.100.1.1'],
  ou: ['ou', 'Ou', 'organizationalUnitName', '2.5.4.11'],
  dc: ['dc', 'domainComponent'],
  l: ['L', 'l', 'localityName'],
  employeenumber: ['employeeNumber', 'EMPLOYEENUMBER'],
} as const;

const letters = [
  'a',
  'B',
  'z',
  '0',
  '4',
  'f',
  ' ',
  ' ',
  ',',
  '+',
  '"',
  '\\',
  '#',
  ';',
  '<',
  '>',
  '=',
  '-',
  '/',
  'é',
  'e\u0301',
  'Ж',
  'Ω',
  'ß',
  '日',
  '🚀',
  '\u200d',
  '\ufe0f',
  '\n',
  '\t',
  '\0',
  '\u007f',
  '\u2028',
];
const value = fc.string({ unit: fc.constantFrom(...letters), minLength: 0, maxLength: 8 });
const rdn: fc.Arbitrary<readonly Part[]> = fc.uniqueArray(
  fc.record({ type: fc.constantFrom(...(Object.keys(types) as (keyof typeof types)[])), value }),
  { minLength: 1, maxLength: 3, selector: ({ type }) => type },
);
const name = fc.array(rdn, { minLength: 1, maxLength: 4 });
const choices = fc.infiniteStream(fc.nat());

/** One spelling of a name, as the choices have it. */
function respell(of: readonly (readonly Part[])[], choices: Iterator<number>): string {
  const pick = <T>(from: readonly T[]): T => from[Number(choices.next().value) % from.length] as T;
  const blank = (): string => pick(['', '', '', ' ', '  ']);
  return of
    .map((parts) => {
      const order = pick([false, true]) ? [...parts] : [...parts].reverse();
      return order
        .map(
          ({ type, value: text }) =>
            `${blank()}${pick(types[type])}${blank()}=${blank()}${spelledValue(text, pick)}${blank()}`,
        )
        .join('+');
    })
    .join(pick([',', ',', ';']));
}

function spelledValue(text: string, pick: <T>(from: readonly T[]) => T): string {
  const cased = [...text]
    .map((letter) => (/[a-z]/i.test(letter) ? pick([letter.toLowerCase(), letter.toUpperCase()]) : letter))
    .join('');
  const composed = pick([cased, cased.normalize('NFC'), cased.normalize('NFD')]);
  const pairs = (of: string | Buffer): string =>
    Buffer.from(of)
      .toString('hex')
      .replace(/../g, (pair) => `\\${pick([pair, pair.toUpperCase()])}`);
  const way = pick(['signs', 'signs', 'pairs', 'quotes', 'ber']);
  if (way === 'quotes') return `"${composed.replace(/["\\]/g, (sign) => `\\${sign}`)}"`;
  if (way === 'ber') {
    const hex = Buffer.from([Buffer.byteLength(composed), ...Buffer.from(composed)]).toString('hex');
    return `#${pick(['04', '0c', '0C'])}${hex}`;
  }
  if (way === 'pairs') return pairs(composed);
  const last = [...composed].length - 1;
  return [...composed]
    .map((letter, at) => {
      const mustBe =
        /["+,;<>\\]/.test(letter) ||
        (/[ \n\t\r]/.test(letter) && (at === 0 || at === last || letter !== ' ')) ||
        (at === 0 && letter === '#');
      if (!mustBe) return pick([true, true, true, false]) ? letter : pairs(letter);
      return /[\n\t\r]/.test(letter) ? pairs(letter) : pick([`\\${letter}`, pairs(letter)]);
    })
    .join('');
}

describe('any name', () => {
  test('folds to one text in whatever spelling, and that text to itself', () => {
    fc.assert(
      fc.property(name, choices, choices, (of, one, other) => {
        const first = respell(of, one[Symbol.iterator]());
        const second = respell(of, other[Symbol.iterator]());
        expect(normalised(first)).toBe(normalised(second));
        expect(normalised(normalised(first))).toBe(normalised(first));
        expect(parentDn(normalised(first)) ?? '').toBe(normalised(respell(of.slice(1), one[Symbol.iterator]())));
      }),
      { seed: 4514, numRuns: randomRuns(1_000).numRuns },
    );
  });

  test('that differs in a value folds to another text', () => {
    const same = (text: string): string =>
      text.normalize('NFC').toLowerCase().replace(/ +/g, ' ').replace(/^ | $/g, '');
    fc.assert(
      fc.property(name, fc.nat(), fc.nat(), value, choices, choices, (of, atRdn, atPart, instead, one, other) => {
        const changed = of.map((parts, index) =>
          index !== atRdn % of.length
            ? parts
            : parts.map((part, at) => (at === atPart % parts.length ? { ...part, value: instead } : part)),
        );
        const was = of[atRdn % of.length]?.[atPart % (of[atRdn % of.length]?.length ?? 1)]?.value ?? '';
        fc.pre(same(was) !== same(instead));
        expect(normalised(respell(of, one[Symbol.iterator]()))).not.toBe(
          normalised(respell(changed, other[Symbol.iterator]())),
        );
      }),
      { seed: 4514, numRuns: randomRuns(1_000).numRuns },
    );
  });

  test('and any text takes both ways to the same end', () => {
    const unit = fc.constantFrom(
      'cn=',
      ',dc=',
      '+',
      ';',
      'CN',
      '=',
      ',',
      ' ',
      '\\',
      '"',
      '#',
      '#04',
      'a',
      'B',
      '2c',
      'é',
      '\ufb01',
      '\u212b',
      '\u200b',
      '🚀',
      '\0',
      '\n',
      '1.2',
      'oid.',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        normalised(text);
        normalised(`cn=${text}`);
      }),
      { seed: 2253, numRuns: randomRuns(2_000).numRuns },
    );
  });
});

describe('long names cost no more than their length', () => {
  test.each<[string, string]>([
    ['a plain one', `cn=${longText('a')},dc=b`],
    ['many parts', `${longText('cn=a,')}dc=b`],
    ['many parts and no end', longText('cn=a,')],
    ['a plain one that ends in a quote', `${longText('cn=a,')}cn=a"`],
    ['blanks', `cn=a${longText(' ')}b,dc=c`],
    ['blanks at the end', `cn=a${longText(' ')}`],
    ['blanks and letters', `cn=${longText('a ')},dc=b`],
    ['hyphens', `${longText('a-')}=b`],
    ['no equals sign', longText('a')],
    ['equals signs', `cn${longText('=')}`],
    ['commas', longText(',')],
    ['pluses', `${longText('cn=a+')}cn=b`],
    ['backslashes', `cn=${longText('\\\\')}`],
    ['pairs', `cn=${longText('\\2c')}`],
    ['quotes', `cn="${longText('"')}`],
    ['hexadecimal digits', `cn=#${longText('04')}`],
    ['combining marks', `cn=a${longText('\u0301')}`],
    ['emoji', `cn=${longText('🚀')}`],
  ])('%s', async (_, dn) => {
    await inLinearTime(() => {
      const name = normaliseDn(dn);
      expect(normaliseDn(dn, slowly)).toBe(name);
      isUnder(name, 'dc=b');
    });
  });
});
