import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BerWriter,
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
  type Filter as PackageFilter,
} from 'ldapts';
import {
  and,
  compileFilter,
  equality,
  FilterSyntaxError,
  not,
  or,
} from '../../../../src/source/ldap/protocol/filter.ts';
import { inLinearTime, longText } from '../long-input.ts';
import { randomRuns } from '../../../world/random-runs.ts';

const hex = (text: string): string => text.replaceAll(' ', '');
const compiled = (text: string): string => compileFilter(text).ber.toString('hex');

/** One element by hand: tag, length, content. */
const element = (tag: string, ...content: readonly string[]): string => {
  const whole = content.join('');
  return `${tag}${(whole.length / 2).toString(16).padStart(2, '0')}${whole}`;
};
const word = (text: string, tag = '04'): string => element(tag, Buffer.from(text).toString('hex'));

describe('RFC 4515 section 4, and what directories are asked', () => {
  test.each<[string, string]>([
    ['(cn=Babs Jensen)', hex('a3 11 04 02 63 6e 04 0b 42 61 62 73 20 4a 65 6e 73 65 6e')],
    ['(!(cn=Tim Howes))', hex('a2 11 a3 0f 04 02 63 6e 04 09 54 69 6d 20 48 6f 77 65 73')],
    [
      '(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
      element(
        'a0',
        element('a3', word('objectClass'), word('Person')),
        element(
          'a1',
          element('a3', word('sn'), word('Jensen')),
          element('a4', word('cn'), element('30', word('Babs J', '80'))),
        ),
      ),
    ],
    [
      '(o=univ*of*mich*)',
      element('a4', word('o'), element('30', word('univ', '80'), word('of', '81'), word('mich', '81'))),
    ],
    ['(seeAlso=)', element('a3', word('seeAlso'), word(''))],
    [
      '(cn:caseExactMatch:=Fred Flintstone)',
      element('a9', word('caseExactMatch', '81'), word('cn', '82'), word('Fred Flintstone', '83')),
    ],
    ['(cn:=Betty Rubble)', element('a9', word('cn', '82'), word('Betty Rubble', '83'))],
    [
      '(sn:dn:2.4.6.8.10:=Barney Rubble)',
      element('a9', word('2.4.6.8.10', '81'), word('sn', '82'), word('Barney Rubble', '83'), hex('84 01 ff')),
    ],
    ['(o:dn:=Ace Industry)', element('a9', word('o', '82'), word('Ace Industry', '83'), hex('84 01 ff'))],
    ['(o:DN:=x)', element('a9', word('o', '82'), word('x', '83'), hex('84 01 ff'))],
    ['(:1.2.3:=Wilma Flintstone)', element('a9', word('1.2.3', '81'), word('Wilma Flintstone', '83'))],
    ['(:DN:2.4.6.8.10:=Dino)', element('a9', word('2.4.6.8.10', '81'), word('Dino', '83'), hex('84 01 ff'))],
    [
      '(o=Parens R Us \\28for all your parenthetical needs\\29)',
      element('a3', word('o'), word('Parens R Us (for all your parenthetical needs)')),
    ],
    ['(cn=*\\2A*)', element('a4', word('cn'), element('30', word('*', '81')))],
    ['(filename=C:\\5cMyFile)', element('a3', word('filename'), word('C:\\MyFile'))],
    ['(bin=\\00\\00\\00\\04)', element('a3', word('bin'), '040400000004')],
    ['(sn=Lu\\c4\\8di\\c4\\87)', element('a3', word('sn'), word('Lučić'))],
    ['(1.3.6.1.4.1.1466.0=\\04\\02\\48\\69)', element('a3', word('1.3.6.1.4.1.1466.0'), '040404024869')],

    ['(objectClass=*)', word('objectClass', '87')],
    ['(cn=**)', word('cn', '87')],
    ['(&)', 'a000'],
    ['(|)', 'a100'],
    ['(uid>=a)', element('a5', word('uid'), word('a'))],
    ['(uid<=a)', element('a6', word('uid'), word('a'))],
    ['(uid~=a)', element('a8', word('uid'), word('a'))],
    ['(uid=a=b)', element('a3', word('uid'), word('a=b'))],
    ['(uid=a>=b~)', element('a3', word('uid'), word('a>=b~'))],
    ['(uid=:=)', element('a3', word('uid'), word(':='))],
    ['(cn;lang-de=x)', element('a3', word('cn;lang-de'), word('x'))],
    ['(userCertificate;binary=*)', word('userCertificate;binary', '87')],
    ['(cn=a*)', element('a4', word('cn'), element('30', word('a', '80')))],
    ['(cn=*a)', element('a4', word('cn'), element('30', word('a', '82')))],
    ['(cn=*a*)', element('a4', word('cn'), element('30', word('a', '81')))],
    ['(cn=a*b)', element('a4', word('cn'), element('30', word('a', '80'), word('b', '82')))],
    ['(cn=a**b)', element('a4', word('cn'), element('30', word('a', '80'), word('b', '82')))],
    ['(cn=*a**b*c*)', element('a4', word('cn'), element('30', word('a', '81'), word('b', '81'), word('c', '81')))],
    ['(cn=\\2a*\\5C)', element('a4', word('cn'), element('30', word('*', '80'), word('\\', '82')))],
    ['(cn=Müller)', element('a3', word('cn'), word('Müller'))],
    ['(cn=M\\c3\\bcller)', element('a3', word('cn'), word('Müller'))],
    ['(cn=🚀*)', element('a4', word('cn'), element('30', word('🚀', '80')))],
    ['(objectGUID=\\92\\e3\\80\\ff\\00\\7f)', element('a3', word('objectGUID'), '040692e380ff007f')],
    [
      '(memberOf:1.2.840.113556.1.4.1941:=CN=x,DC=y)',
      element('a9', word('1.2.840.113556.1.4.1941', '81'), word('memberOf', '82'), word('CN=x,DC=y', '83')),
    ],
    [
      '(userAccountControl:1.2.840.113556.1.4.803:=2)',
      element('a9', word('1.2.840.113556.1.4.803', '81'), word('userAccountControl', '82'), word('2', '83')),
    ],
    [
      '(!(userAccountControl:1.2.840.113556.1.4.803:=2))',
      element(
        'a2',
        element('a9', word('1.2.840.113556.1.4.803', '81'), word('userAccountControl', '82'), word('2', '83')),
      ),
    ],

    ['uid=ada', element('a3', word('uid'), word('ada'))],
    ['  uid=ada\n', element('a3', word('uid'), word('ada'))],
    ['&(a=b)(c=d)', element('a0', element('a3', word('a'), word('b')), element('a3', word('c'), word('d')))],
    ['!(a=b)', element('a2', element('a3', word('a'), word('b')))],
    [' ( uid =ada) ', element('a3', word('uid'), word('ada'))],
    ['(uid= ada )', element('a3', word('uid'), word(' ada '))],
    [
      '(&\n  (a=b)\n  (| (c=d) (e=f) )\n)',
      element(
        'a0',
        element('a3', word('a'), word('b')),
        element('a1', element('a3', word('c'), word('d')), element('a3', word('e'), word('f'))),
      ),
    ],
    ['(! (a=b) )', element('a2', element('a3', word('a'), word('b')))],
  ])('%s', (text, expected) => {
    expect(compiled(text)).toBe(expected);
  });
});

const errorOf = (text: string): unknown => {
  try {
    return compileFilter(text);
  } catch (error) {
    return error;
  }
};

describe('a syntax error has a column', () => {
  test.each<[string, number]>([
    ['', 1],
    ['()', 2],
    ['uid', 1],
    ['   uid', 4],
    ['(uid)', 2],
    ['(&(uid=a)(uid))', 11],
    ['(uid>a)', 2],
    ['(a*b=c)', 2],
    ['( &(a=b))', 2],
    ['(=a)', 2],
    ['=a', 1],
    ['(u d=a)', 2],
    ['(1.=a)', 2],
    ['(uid;=a)', 2],
    ['(ü=a)', 2],
    ['(uid=a', 7],
    ['(&(uid=a)', 10],
    ['(&(uid=a) uid=b)', 11],
    ['(!(a=b)(c=d))', 8],
    ['(!a=b)', 3],
    ['(uid=a))', 8],
    ['  (uid=a))', 10],
    ['(uid=a)(uid=b)', 8],
    ['uid=a)', 6],
    ['  uid=a)', 8],
    ['uid=a (b)', 7],
    ['(uid=a(b))', 7],
    ['(uid=a\\zz)', 7],
    ['(uid=ab*c\\)', 10],
    ['(uid=\\2a\\5)', 9],
    ['(cn:=\\x)', 6],
    ['  uid=ab\\', 9],
    ['(uid>=a*)', 8],
    ['(uid~=*)', 7],
    ['(cn:=a*b)', 7],
    ['(:=a)', 2],
    ['(:dn:=a)', 2],
    ['(cn::=a)', 2],
    ['(cn:dn:1.2:3:=a)', 2],
    ['(cn:1.2:dn:=a)', 2],
    ['(cn: 1.2 :=a)', 2],
    ['(c n:=a)', 2],
  ])('%j: column %d', (text, column) => {
    expect(errorOf(text)).toMatchObject({ name: 'FilterSyntaxError', column });
  });

  test('nesting has a limit', () => {
    const nested = (depth: number): string => `${'(!'.repeat(depth)}(a=b)${')'.repeat(depth)}`;
    expect(compileFilter(nested(100)).attributes).toEqual(['a']);
    expect(errorOf(nested(101))).toMatchObject({ name: 'FilterSyntaxError', column: 203 });
    expect(() => compileFilter('('.repeat(100_000))).toThrow(FilterSyntaxError);
    expect(() => compileFilter('(!'.repeat(100_000))).toThrow(FilterSyntaxError);
  });
});

test('filters are put together', () => {
  const one = compileFilter('uid=a*');
  const other = equality('cn', Buffer.from('ff2a00', 'hex'));
  expect(other.text).toBe('(cn=\\ff\\2a\\00)');
  for (const joined of [other, and(one, other), or(one, other), not(one), and(), or(and(one), not(or(other, one)))]) {
    expect(compileFilter(joined.text)).toEqual(joined);
  }
  expect(and(one, other).attributes).toEqual(['uid', 'cn']);
  expect(compileFilter('(&(a=1)(!(b;x-y>=2))(c:1.2:=3)(:1.2:=4))').attributes).toEqual(['a', 'b;x-y', 'c']);
});

interface Made {
  readonly text: string;
  readonly ber: PackageFilter;
}

const attribute = fc.constantFrom('cn', 'objectClass', 'givenName;lang-de', '2.5.4.3', 'x-y1');
const rule = fc.constantFrom('1.2.840.113556.1.4.803', 'caseExactMatch');
const text = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', '(', ')', '*', '\\', '\0', 'é', '🚀', '=', ':', '~', '&', '"', '\n'),
  minLength: 1,
  maxLength: 6,
});
/** Escapes what must be, and something besides. */
const escaped = (value: string, more: number): string =>
  [...value]
    .map((letter, at) =>
      /[()*\\\0]/.test(letter) || (more >> at) % 2 === 1
        ? Buffer.from(letter)
            .toString('hex')
            .replace(/../g, (pair) => `\\${pair}`)
        : letter,
    )
    .join('');
const blank = fc.constantFrom('', '', ' ', '\n  ');

const { tree } = fc.letrec<{ tree: Made }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(attribute, text, fc.nat(63)).map(([name, value, more]): Made => ({
      text: `(${name}=${escaped(value, more)})`,
      ber: new EqualityFilter({ attribute: name, value: Buffer.from(value) }),
    })),
    attribute.map((name): Made => ({ text: `(${name}=*)`, ber: new PresenceFilter({ attribute: name }) })),
    fc.tuple(attribute, text, fc.nat(63)).map(([name, value, more]): Made => ({
      text: `(${name}>=${escaped(value, more)})`,
      ber: new GreaterThanEqualsFilter({ attribute: name, value }),
    })),
    fc.tuple(attribute, text, fc.nat(63)).map(([name, value, more]): Made => ({
      text: `(${name}<=${escaped(value, more)})`,
      ber: new LessThanEqualsFilter({ attribute: name, value }),
    })),
    fc.tuple(attribute, text, fc.nat(63)).map(([name, value, more]): Made => ({
      text: `(${name}~=${escaped(value, more)})`,
      ber: new ApproximateFilter({ attribute: name, value }),
    })),
    fc
      .tuple(
        attribute,
        fc.option(text, { nil: '' }),
        fc.array(text, { maxLength: 3 }),
        fc.option(text, { nil: '' }),
        fc.nat(63),
      )
      .filter(([, initial, any, final]) => initial !== '' || final !== '' || any.length > 0)
      .map(([name, initial, any, final, more]): Made => ({
        text: `(${name}=${[initial, ...any, final].map((part) => escaped(part, more)).join('*')})`,
        ber: new SubstringFilter({ attribute: name, initial, any, final }),
      })),
    fc
      .tuple(attribute, fc.option(rule, { nil: undefined }), fc.boolean(), text, fc.nat(63))
      .map(([name, by, dn, value, more]): Made => ({
        text: `(${name}${dn ? ':dn' : ''}${by === undefined ? '' : `:${by}`}:=${escaped(value, more)})`,
        ber: new ExtensibleFilter({
          matchType: name,
          value,
          dnAttributes: dn,
          ...(by === undefined ? {} : { rule: by }),
        }),
      })),
    fc.tuple(fc.array(tie('tree'), { minLength: 1, maxLength: 4 }), blank).map(([parts, gap]): Made => ({
      text: `(&${gap}${parts.map((part) => part.text).join(gap)}${gap})`,
      ber: new AndFilter({ filters: parts.map((part) => part.ber) }),
    })),
    fc.tuple(fc.array(tie('tree'), { minLength: 1, maxLength: 4 }), blank).map(([parts, gap]): Made => ({
      text: `(|${gap}${parts.map((part) => part.text).join(gap)}${gap})`,
      ber: new OrFilter({ filters: parts.map((part) => part.ber) }),
    })),
    tie('tree').map((part): Made => ({ text: `(!${part.text})`, ber: new NotFilter({ filter: part.ber }) })),
  ),
}));

test('any filter compiles to what another encoder makes of it', () => {
  fc.assert(
    fc.property(tree, (made) => {
      const writer = new BerWriter();
      made.ber.write(writer);
      expect(compiled(made.text)).toBe(Buffer.from(writer.buffer).toString('hex'));
    }),
    { seed: 4515, numRuns: 3_000 },
  );
});

test('any text is a filter, or has one mistake', () => {
  const unit = fc.constantFrom(
    '(',
    ')',
    '&',
    '|',
    '!',
    '=',
    ':',
    '>',
    '~',
    '*',
    '\\',
    '2a',
    'cn',
    'dn',
    '1.2',
    ' ',
    'é',
    ';',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 14 }), (noise) => {
      try {
        const found = compileFilter(noise);
        expect(compileFilter(found.text).ber.equals(found.ber)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FilterSyntaxError);
        const { column } = error as FilterSyntaxError;
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(noise.length + 1);
      }
    }),
    { seed: 4515, numRuns: randomRuns(4_000).numRuns },
  );
});

test.each<[string, string]>([
  ['blanks', `(a${longText(' ')}b)`],
  ['blanks before a sign', `(a${longText(' ')}=b)`],
  ['an attribute without a sign', `(${longText('a')})`],
  ['many filters', `(|${longText('(uid=a)')})`],
  ['stars', `(a=${longText('*')}b)`],
  ['backslashes', `(a=${longText('\\5c')})`],
  ['colons', `(a${longText(':b')}:=c)`],
])('a long text costs no more than its length: %s', async (_, long) => {
  await inLinearTime(() => {
    try {
      compileFilter(long);
    } catch (error) {
      expect(error).toBeInstanceOf(FilterSyntaxError);
    }
  });
});
