import { describe, expect, test } from '@jest/globals';
import { noSchema, readSchema } from '../../../../src/source/ldap/protocol/schema.ts';
import { idText, keyReader, ridOf, sidText, valueReader } from '../../../../src/source/ldap/protocol/values.ts';
import { identityHandle } from '../../../../src/source/ldap/names/identity.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each([
  ['00112233445566778899aabbccddeeff', '33221100-5544-7766-8899-aabbccddeeff'],
  ['78563412341278569abcdef012345678', '12345678-1234-5678-9abc-def012345678'],
  ['00000000000000000000000000000000', '00000000-0000-0000-0000-000000000000'],
  // The GUID of the container of users that every domain has (GUID_USERS_CONTAINER_A is its well-known text).
  ['15cad1a98872d111ade700c04fd8d5cd', 'a9d1ca15-7288-11d1-ade7-00c04fd8d5cd'],
])('objectGUID %s is %s', (bytes, text) => {
  const value = hex(bytes);
  expect(idText('guid', value)).toBe(text);
  expect(value).toEqual(hex(bytes));
});

test.each(['', '00', '00112233445566778899aabbccddee', '00112233445566778899aabbccddeeff00'])(
  '%j is no GUID',
  (bytes) => {
    expect(idText('guid', hex(bytes))).toBeUndefined();
  },
);

test.each<[string, string | undefined]>([
  ['01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00', 'S-1-5-32-544'],
  ['01 01 00 00 00 00 00 05 12 00 00 00', 'S-1-5-18'],
  [
    '01 05 00 00 00 00 00 05 15 00 00 00 dc f4 dc 3b 83 3d 2b 46 82 8b a6 28 00 02 00 00',
    'S-1-5-21-1004336348-1177238915-682003330-512',
  ],
  ['01 01 00 00 00 00 00 05 ff ff ff ff', 'S-1-5-4294967295'],
  ['01 00 00 00 00 00 00 05', 'S-1-5'],
  ['', undefined],
  ['01', undefined],
  ['01 02 00 00 00 00 00 05 20 00 00 00', undefined],
  ['01 01 00 00 00 00 00 05 12 00 00 00 00', undefined],
])('SID %s is %s', (bytes, text) => {
  expect(sidText(hex(bytes))).toBe(text);
});

test('the last part of a SID', () => {
  expect(ridOf('S-1-5-21-1004336348-1177238915-682003330-512')).toBe('512');
});

test.each<[Buffer, string | undefined]>([
  [Buffer.from('8A4F1C2E-0000-1000-8000-00805F9B34FB'), '8a4f1c2e-0000-1000-8000-00805f9b34fb'],
  [Buffer.from(' E-4711 '), 'E-4711'],
  [Buffer.from('01234567-89ab-cdef-01234567-89abcdef'), '01234567-89ab-cdef-01234567-89abcdef'],
  [Buffer.from('  '), undefined],
  [Buffer.alloc(0), undefined],
  [Buffer.from([0xff, 0xfe]), undefined],
])('an identity %s as text is %s', (value, expected) => {
  expect(idText('text', value)).toBe(expected);
});

test.each([
  ['8A4F1C2E-0000-1000-8000-00805F9B34FB', 'id:8a4f1c2e00001000800000805f9b34fb'],
  ['8a4f1c2e-00001000-80000080-5f9b34fb', 'id:8a4f1c2e00001000800000805f9b34fb'],
  ['8a4f1c2e00001000800000805f9b34fb', 'id:8a4f1c2e00001000800000805f9b34fb'],
  [' E-4711 ', 'id:e-4711'],
  ['e4711', 'id:e4711'],
])('the handle of %s is %s', (id, handle) => {
  expect(identityHandle(id)).toBe(handle);
});

describe('values', () => {
  const schema = readSchema([
    "( 1.1 NAME 'photo' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )",
    "( 1.2 NAME 'name' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  ]);
  const read = valueReader({ binary: ['thumbnailPhoto'], schema });
  const text = (...values: readonly string[]): readonly Buffer[] => values.map((value) => Buffer.from(value));

  test.each<[string, string, readonly Buffer[], readonly string[]]>([
    ['text', 'cn', text('Ada', 'Müller 🚀'), ['Ada', 'Müller 🚀']],
    ['a byte order mark is part of the text', 'cn', text('\ufeffAda'), ['\ufeffAda']],
    ['what the kind calls binary, although it could be text', 'thumbnailPhoto', text('abc'), ['YWJj']],
    ['in whatever case', 'THUMBNAILPHOTO', text('abc'), ['YWJj']],
    ['what the schema calls binary, although it could be text', 'photo', text('abc'), ['YWJj']],
    ['what the schema calls text', 'name', text('abc'), ['abc']],
    [
      'one value is not UTF-8: all of them are base64',
      'cn',
      [Buffer.from('Ada'), Buffer.from([0xff])],
      ['QWRh', '/w=='],
    ],
    ['objectGUID', 'objectGUID', [hex('00112233445566778899aabbccddeeff')], ['33221100-5544-7766-8899-aabbccddeeff']],
    [
      'objectGUID of letters is no text',
      'objectguid',
      text('abcdefghijklmnop'),
      ['64636261-6665-6867-696a-6b6c6d6e6f70'],
    ],
    ['objectSid', 'objectSid', [hex('010100000000000512000000')], ['S-1-5-18']],
    ['an objectSid that is none', 'objectSid', text('abc'), ['YWJj']],
    ['none', 'cn', [], []],
  ])('%s', (_, attribute, values, expected) => {
    expect(read(attribute, values)).toEqual(expected);
    expect(read(attribute, values)).toEqual(expected);
  });

  test('as keys are what their attribute is, never what their bytes look like', () => {
    const key = keyReader({ binary: ['mS-DS-ConsistencyGuid'], schema });
    expect(key('employeeNumber', Buffer.from(' 4711 '))).toBe('4711');
    expect(key('employeeNumber', Buffer.from([0xff]))).toBeUndefined();
    expect(key('objectSid', hex('010100000000000512000000'))).toBe('S-1-5-18');
    expect(key('OBJECTGUID', hex('00112233445566778899aabbccddeeff'))).toBe('33221100-5544-7766-8899-aabbccddeeff');
    expect(key('ms-ds-consistencyguid', Buffer.from('abcdefghijklmnop'))).toBe('YWJjZGVmZ2hpamtsbW5vcA==');
    expect(key('ms-ds-consistencyguid', hex('ff112233445566778899aabbccddeeff'))).toBe('/xEiM0RVZneImaq7zN3u/w==');
    expect(key('photo', Buffer.from('abc'))).toBe('YWJj');
    expect(keyReader({ binary: [], schema: noSchema })('photo', Buffer.from('abc'))).toBe('abc');
  });
});
