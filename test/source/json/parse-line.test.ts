import { describe, expect, test } from '@jest/globals';
import { parseLine } from '../../../src/source/json/parse-line.ts';

const columnsOf = (text: string): unknown => {
  const line = parseLine(Buffer.from(text));
  return 'refused' in line ? line : Object.fromEntries(line as ReadonlyMap<string, unknown>);
};

describe('a JSON object as columns', () => {
  test.each<[string, string, object]>([
    ['texts', '{"id":"1","sn":" L "}', { id: '1', sn: ' L ' }],
    ['numbers', '{"a":7,"b":-1.50,"c":1e3}', { a: '7', b: '-1.5', c: '1000' }],
    ['a number with more digits than a double has', '{"a":12345678901234567890}', { a: '12345678901234567890' }],
    ['a number above the range of a double', '{"a":1e999,"b":1234567890123456}', { a: '1e999', b: '1234567890123456' }],
    ['booleans', '{"a":true,"b":false}', { a: 'true', b: 'false' }],
    ['null and the empty text', '{"a":null,"b":""}', { a: '', b: '' }],
    ['nested objects', '{"name":{"given":"Ada","more":{"x":1}}}', { 'name.given': 'Ada', 'name.more.x': '1' }],
    ['an empty object', '{"name":{}}', {}],
    ['lists', '{"roles":["a",1,true,null,""]}', { roles: ['a', '1', 'true', ''] }],
    ['lists in lists', '{"roles":[["a"],["b",["c"]]]}', { roles: ['a', 'b', 'c'] }],
    ['an empty list', '{"roles":[]}', { roles: [] }],
    ['a list of objects', '{"m":[{"v":"a","p":true},{"v":"b"}]}', { 'm.v': ['a', 'b'], 'm.p': ['true'] }],
    ['escapes', '{"sn":"M\\u00fcller\\n"}', { sn: 'Müller\n' }],
    [
      'names of the language itself',
      '{"__proto__":"a","constructor":"b"}',
      JSON.parse('{"__proto__":"a","constructor":"b"}') as object,
    ],
    ['a name with a dot', '{"name.given":"Ada"}', { 'name.given': 'Ada' }],
  ])('%s', (_, text, expected) => {
    expect(columnsOf(text)).toEqual(expected);
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['half an object', '{"id":"1"', /not valid JSON/],
    ['a comma at the end', '{"id":"1"},', /not valid JSON/],
    ['a list', '[1]', /not a JSON object/],
    ['a text', '"id"', /not a JSON object/],
    ['null', 'null', /not a JSON object/],
    ['latin1', Buffer.from('{"sn":"M\xfcller"}', 'latin1'), /invalid in UTF-8/],
    ['half of a surrogate pair', '{"sn":"\\ud83d"}', /surrogate/],
    ['a name that is a path, too', '{"a.b":1,"a":{"b":2}}', /a\.b has two values/],
    ['depth', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, /nested/],
    ['depth of lists', `{"a":${'['.repeat(40)}1${']'.repeat(40)}}`, /nested/],
  ])('%s is refused', (_, text, reason) => {
    expect(parseLine(Buffer.from(text))).toMatchObject({ refused: expect.stringMatching(reason) });
  });
});
