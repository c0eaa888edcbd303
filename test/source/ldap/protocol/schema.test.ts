import { describe, expect, test } from '@jest/globals';
import { dnNormaliser } from '../../../../src/source/ldap/names/dn-normaliser.ts';
import { noSchema, readSchema } from '../../../../src/source/ldap/protocol/schema.ts';
import { inLinearTime, longText } from '../long-input.ts';

const syntax = (arc: number): string => `1.3.6.1.4.1.1466.115.121.1.${arc}`;

const schema = readSchema([
  "( 2.5.4.41 NAME 'name' DESC 'RFC4519: common supertype of name attributes' EQUALITY caseIgnoreMatch" +
    ` SUBSTR caseIgnoreSubstringsMatch SYNTAX ${syntax(15)}{32768} )`,
  "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'RFC4519: common name(s) for which the entity is known by' SUP name )",
  `( 1.1 NAME 'exact' EQUALITY caseExactMatch SYNTAX ${syntax(15)} )`,
  `( 1.2 NAME ( 'exactIa5' 'exact-ia5' ) EQUALITY caseExactIA5Match SYNTAX ${syntax(26)} )`,
  "( 1.3 NAME 'below' SUP exact SINGLE-VALUE )",
  `( 1.4 NAME 'byNumber' EQUALITY 2.5.13.5 SYNTAX ${syntax(15)} )`,
  `( 1.5 NAME 'bytes' EQUALITY octetStringMatch SYNTAX ${syntax(40)}{128} )`,
  `(1.6 NAME 'quoted' SYNTAX '${syntax(28)}' X-ORIGIN 'user defined')`,
  "( 1.7 NAME 'talkative' DESC 'see SYNTAX 1.2.3 and EQUALITY caseExactMatch, SUP exact, NAME nothing'" +
    ` EQUALITY caseIgnoreMatch SYNTAX ${syntax(15)} X-ORIGIN ( 'RFC 1' 'SYNTAX 9' ) )`,
  `( 1.8 NAME 'origin' SUP name X-ORIGIN 'SYNTAX ${syntax(40)}' )`,
  "( 1.9 NAME 'ringOne' SUP ringTwo )",
  "( 1.10 NAME 'ringTwo' SUP ringOne )",
  `( nsOid-like NAME 'named' SYNTAX ${syntax(5)} )`,
  `( 1.11 DESC 'nameless' SYNTAX ${syntax(8)} )`,
  'nonsense',
  '',
  '(',
]);

test.each<[string, boolean | undefined]>([
  ['name', false],
  ['CN', false],
  ['commonname', false],
  ['2.5.4.3', false],
  ['bytes', true],
  ['quoted', true],
  ['talkative', false],
  ['origin', false],
  ['named', true],
  ['1.11', true],
  ['ringOne', undefined],
  ['unknown', undefined],
  ['constructor', undefined],
])('the values of %s are bytes: %s', (attribute, expected) => {
  expect(schema.isBinary(attribute)).toBe(expected);
});

test.each<[string, boolean]>([
  ['name', false],
  ['cn', false],
  ['exact', true],
  ['EXACT', true],
  ['1.1', true],
  ['exactIa5', true],
  ['exact-ia5', true],
  ['below', true],
  ['byNumber', true],
  ['bytes', true],
  ['talkative', false],
  ['ringTwo', false],
  ['unknown', false],
])('the case of %s counts: %s', (attribute, expected) => {
  expect(schema.isCaseExact(attribute)).toBe(expected);
  expect(schema.caseExactNames.includes(attribute.toLowerCase())).toBe(expected);
});

test.each<[string, readonly string[]]>([
  ['CN', ['cn', 'commonname', '2.5.4.3']],
  ['1.11', ['1.11']],
  ['Unknown', ['unknown']],
])('%s is the same as %j', (attribute, expected) => {
  expect(schema.allNamesOf(attribute)).toEqual(expected);
});

test.each([
  `( 1.1 NAME${longText(' ')}x`,
  `( 1.1 DESC '${longText(' NAME')}`,
  `( 1.1${longText(" X-A 'b'")} )`,
  `(${longText(' ')}`,
])('a long description costs no more than its length: %#', async (description) => {
  await inLinearTime(() => readSchema([description]));
});

describe('names under a schema', () => {
  const fold = dnNormaliser(schema, 'equal');

  test.each<[string, string]>([
    ['CN=Ada,DC=Example', 'cn=ada,dc=example'],
    ['exact=Ada,DC=Example', 'exact=Ada,dc=example'],
    ['EXACT = Ada + CN=Bob,DC=Example', 'cn=bob+exact=Ada,dc=example'],
    ['cn=Bob+below=Ada', 'below=Ada+cn=bob'],
    ['cn=x; exactIa5=Ada', 'cn=x,exactia5=Ada'],
    ['1.1=Ada', 'exact=Ada'],
    ['OID.1.1=Ada', 'exact=Ada'],
    ['exact-ia5=Ada,1.2=Bob', 'exactia5=Ada,exactia5=Bob'],
    ['commonName=Ada,2.5.4.3=Bob,1.7=Eve', 'cn=ada,cn=bob,talkative=eve'],
    ['1.11=Ada,1.12=Bob', '1.11=ada,1.12=bob'],
    ['inexact=Ada', 'inexact=ada'],
    ['cn=exact=Ada', 'cn=exact=ada'],
    ['cn=A\\,exact=B', 'cn=a\\,exact=b'],
  ])('%s is %s', (dn, expected) => {
    expect(fold(dn)).toBe(expected);
  });

  test('differ by case where it counts, and only there', () => {
    expect(fold('exact=Ada')).not.toBe(fold('exact=ada'));
    expect(fold('cn=Ada,exact=x')).toBe(fold('CN=ada,exact=x'));
    expect(dnNormaliser(noSchema, 'equal')('exact=Ada')).toBe('exact=ada');
  });

  test.each([
    'emailAddress',
    'EMAILADDRESS',
    '1.2.840.113549.1.9.1',
    'oid.1.2.840.113549.1.9.1',
    'pkcs9email',
    'email',
  ])('keep their case by any name of a type that we call otherwise than the schema: %s', (type) => {
    const called = dnNormaliser(
      readSchema([
        `( 1.2.840.113549.1.9.1 NAME ( 'emailAddress' 'pkcs9email' ) EQUALITY caseExactIA5Match SYNTAX ${syntax(26)} )`,
      ]),
      'equal',
    );
    expect(called(`${type}=Ada@X,cn=Bob`)).toBe('email=Ada@X,cn=bob');
  });

  test.each([`cn=${longText('exact ')}`, `exact${longText(' ')}`, `${longText('exact=a,')}dc=b`])(
    'a long name costs no more than its length: %#',
    async (dn) => {
      await inLinearTime(() => fold(dn));
    },
  );
});
