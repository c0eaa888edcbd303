import { describe, expect, test } from '@jest/globals';
import { attributePicker, type PickedAttributes } from '../../../../src/source/ldap/read/attributes.ts';
import { normaliseDn } from '../../../../src/source/ldap/names/dn.ts';
import { readSchema } from '../../../../src/source/ldap/protocol/schema.ts';
import { entryOf, type Values } from '../entries.ts';

const schema = readSchema([
  "( 2.5.4.3 NAME ( 'cn' 'commonName' ) )",
  "( 2.5.4.4 NAME ( 'sn' 'surname' ) )",
  "( 2.5.4.36 NAME 'userCertificate' SYNTAX 1.3.6.1.4.1.1466.115.121.1.8 )",
]);

const picked = (
  used: readonly string[] | undefined,
  attributes: Values,
  references: readonly string[] = ['manager'],
): PickedAttributes =>
  attributePicker({
    used: used === undefined ? undefined : new Set(used),
    references,
    binary: ['jpegPhoto'],
    schema,
    normaliseDn: normaliseDn,
  })(entryOf(attributes, 'uid=Ada,DC=example'));

describe('attributes come under the names by which they are used', () => {
  test.each<[string, readonly string[], Values, PickedAttributes['attributes']]>([
    ['whatever case the server answers with', ['givenName'], { GIVENNAME: ['Ada'] }, { givenName: ['Ada'] }],
    ['whatever alias', ['commonName', 'surname'], { cn: ['Ada'], sn: ['L'] }, { commonName: ['Ada'], surname: ['L'] }],
    ['or number', ['cn'], { '2.5.4.3': ['Ada'] }, { cn: ['Ada'] }],
    ['or number, used', ['2.5.4.3'], { commonName: ['Ada'] }, { '2.5.4.3': ['Ada'] }],
    ['without an option: the value without it', ['cn'], { 'cn;lang-de': ['Adelheid'], cn: ['Ada'] }, { cn: ['Ada'] }],
    ['without an option: not another one', ['cn'], { 'cn;lang-de': ['Adelheid'] }, {}],
    [
      'with an option: that one',
      ['cn;lang-de', 'cn'],
      { 'CN;Lang-DE': ['Adelheid'], cn: ['Ada'] },
      { 'cn;lang-de': ['Adelheid'], cn: ['Ada'] },
    ],
    [
      'with an option and an alias',
      ['commonName;lang-de'],
      { 'cn;lang-de': ['Adelheid'] },
      { 'commonName;lang-de': ['Adelheid'] },
    ],
    ['with another option: nothing', ['cn;lang-fr'], { 'cn;lang-de': ['Adelheid'], cn: ['Ada'] }, {}],
    [';binary is no option', ['userCertificate'], { 'userCertificate;binary': ['abc'] }, { userCertificate: ['YWJj'] }],
    ['all values, in their order', ['mail'], { mail: ['b', 'a', 'b2'] }, { mail: ['b', 'a', 'b2'] }],
    ['blank values are none', ['mail', 'sn'], { mail: ['', ' ', 'a'], sn: [' '] }, { mail: ['a'] }],
    ['one that is not there is not there', ['mail'], { cn: ['x'] }, {}],
    ['none are used', [], { cn: ['x'] }, {}],
    ['the name of the entry', ['dn', 'DN'], {}, { dn: ['uid=Ada,DC=example'], DN: ['uid=Ada,DC=example'] }],
    ['names of what every object has', ['constructor', 'toString'], { constructor: ['x'] }, { constructor: ['x'] }],
    ['bytes', ['jpegPhoto'], { JPEGPHOTO: ['abc'] }, { jpegPhoto: ['YWJj'] }],
  ])('%s', (_, used, attributes, expected) => {
    expect(picked(used, attributes)).toEqual({ attributes: expected, references: {} });
  });

  test('all of them as the server and its schema spell them, and in lower case', () => {
    expect(
      picked(undefined, {
        givenName: ['Ada'],
        'cn;lang-de': ['A'],
        'userCertificate;binary': ['abc'],
        Manager: ['uid=Bob,dc=example'],
        SN: ['L'],
      }),
    ).toEqual({
      attributes: {
        dn: ['uid=Ada,DC=example'],
        givenName: ['Ada'],
        givenname: ['Ada'],
        'cn;lang-de': ['A'],
        'commonName;lang-de': ['A'],
        'commonname;lang-de': ['A'],
        userCertificate: ['YWJj'],
        usercertificate: ['YWJj'],
        SN: ['L'],
        sn: ['L'],
        surname: ['L'],
      },
      references: { Manager: 'dn:uid=bob,dc=example', manager: 'dn:uid=bob,dc=example' },
    });
  });
});

test.each<[string, Values, PickedAttributes['references']]>([
  ['an entry', { MANAGER: ['UID=Bob , DC=Example'] }, { manager: 'dn:uid=bob,dc=example' }],
  ['an empty value', { manager: [''] }, {}],
  ['the first of several', { manager: ['uid=bob', 'uid=eve'] }, { manager: 'dn:uid=bob' }],
])('a reference names %s', (_, attributes, references) => {
  expect(picked(['manager'], attributes)).toEqual({ attributes: {}, references });
});
