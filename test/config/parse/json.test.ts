import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonSyntaxError, parseJson } from '../../../src/config/parse/json.ts';

function syntaxErrorOf(text: string): string {
  try {
    parseJson(text);
    return 'fine';
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
}

describe('a mistake is found at its place', () => {
  test.each([
    ['', 'line 1, column 1: the file is empty'],
    [' \n ', 'line 1, column 1: the file is empty'],
    ['\uFEFF\n', 'line 1, column 1: the file is empty'],
    ['// no value\n/* here */\n', 'line 1, column 1: the file contains only comments'],
    ['/* no end', 'line 1, column 1: the comment is not closed by */'],
    ['{', 'line 1, column 2: the file ends too early: a closing bracket or a value is missing'],
    ['{"a": [1, 2', 'line 1, column 12: the file ends too early: a closing bracket or a value is missing'],
    ['{"a":', 'line 1, column 6: the file ends too early: a closing bracket or a value is missing'],
    ['{"a": 1\n "b": 2}', 'line 2, column 2: expected a comma'],
    ['[1 2]', 'line 1, column 4: expected a comma'],
    ['{"a" 1}', 'line 1, column 6: expected a colon after the name'],
    ['{a: 1}', 'line 1, column 2: not a JSON value (texts need double quotes)'],
    ["{'a': 1}", 'line 1, column 2: texts and names need double quotes'],
    ['{"a": \'x\'}', 'line 1, column 7: texts and names need double quotes'],
    ['{"a": 1 /* why}', 'line 1, column 9: the comment is not closed by */'],
    ['{"a": yes}', 'line 1, column 7: not a JSON value (texts need double quotes)'],
    ['{"a": 01}', 'line 1, column 8: expected a comma'],
    ['{"a": .5}', 'line 1, column 7: not a JSON value (texts need double quotes)'],
    ['{"a": 1,,}', 'line 1, column 9: expected a name in double quotes'],
    ['[,]', 'line 1, column 2: expected a value'],
    ['{"a": "x\ny"}', 'line 1, column 7: the text is not closed by a double quote on its line'],
    ['{"a": "C:\\people.csv"}', 'line 1, column 7: invalid escape; write a backslash as \\\\'],
    ['{}\n{}', 'line 2, column 1: expected the end of the file'],
  ])('%j: %s', (text, message) => {
    expect(syntaxErrorOf(text)).toBe(message);
  });

  test('brackets without an end do not exhaust the stack', () => {
    expect(syntaxErrorOf('['.repeat(50_000))).toBe('line 1, column 101: brackets are nested more than 100 deep');
  });

  test('no message quotes the text', () => {
    expect(syntaxErrorOf('{"token": hunter2secret}')).not.toContain('hunter2');
  });
});

describe('duplicate names', () => {
  test.each([
    ['{"a": 1, "a": 2}', ['a']],
    ['{"a": [{"b": 1}, {"b": 1, "b": 2}]}', ['a[1].b']],
    ['{"m": {"name.givenName": "x", "name.givenName": "y"}}', ['m["name.givenName"]']],
    ['{"a": 1, "\\u0061": 2}', ['a']],
    ['{"a": {"b": 1}, "b": 2}', []],
  ])('%j: %p', (text, duplicates) => {
    expect(parseJson(text).duplicates).toEqual(duplicates);
  });
});

test('a byte order mark is allowed', () => {
  expect(parseJson('\uFEFF{"a": 1}').value).toEqual({ a: 1 });
});

test('valid JSON has the same value as with JSON.parse', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent);
      expect(parseJson(pretty)).toEqual({ value: JSON.parse(pretty), duplicates: [] });
    }),
  );
});

test.each([
  ['{\n  // why\n  "a": 1\n}', { a: 1 }],
  ['/* why */ {"a": /* so */ 1}', { a: 1 }],
  ['{"a": [1, 2,],}', { a: [1, 2] }],
  ['{"a": "// no comment, ]"}', { a: '// no comment, ]' }],
])('comments and trailing commas are allowed: %j', (text, value) => {
  expect(parseJson(text)).toEqual({ value, duplicates: [] });
});

test('with a character too many or too few it agrees with JSON.parse, but for trailing commas', () => {
  const parses = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '{', ']', '\\', '1', '-', '\n'), (text, at, put) => {
      const place = at % (text.length + 1);
      const broken = text.slice(0, place) + put + text.slice(place + (put === '' ? 1 : 0));
      const withoutTrailingComma = broken.replace(/([^[{,\s])\s*,(?=\s*[}\]])/, '$1');
      expect(syntaxErrorOf(broken) === 'fine').toBe(parses(broken) || parses(withoutTrailingComma));
    }),
    { numRuns: 500 },
  );
});
