import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonSyntaxError, parseJson } from '../../../src/config/parse/json.ts';

const backslash =
  'this text does not end on its line, or has a backslash that JSON does not know (a backslash itself is \\\\)';

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
    [' \n ', 'line 2, column 2: the file is empty'],
    ['{', 'line 1, column 2: the file ends too early: a closing bracket or a value is missing'],
    ['{"a": [1, 2', 'line 1, column 12: the file ends too early: a closing bracket or a value is missing'],
    ['{"a":', 'line 1, column 6: the file ends too early: a closing bracket or a value is missing'],
    ['{"a": 1,\n}', 'line 2, column 1: the comma before } is one too many'],
    ['[1,\n 2,\n]', 'line 3, column 1: the comma before ] is one too many'],
    ['{"a": 1\n "b": 2}', 'line 2, column 2: a comma or } was expected'],
    ['[1 2]', 'line 1, column 4: a comma or ] was expected'],
    ['{"a" 1}', 'line 1, column 6: a colon was expected after the name'],
    ['{a: 1}', 'line 1, column 2: a name in double quotes was expected'],
    ["{'a': 1}", 'line 1, column 2: JSON has double quotes only'],
    ['{"a": \'x\'}', 'line 1, column 7: JSON has double quotes only'],
    ['{\n  // why\n}', 'line 2, column 3: JSON has no comments: remove it'],
    ['{"a": 1 /* why */}', 'line 1, column 9: JSON has no comments: remove it'],
    ['{"a": yes}', 'line 1, column 7: a value was expected'],
    ['{"a": 01}', 'line 1, column 8: a comma or } was expected'],
    ['{"a": .5}', 'line 1, column 7: a value was expected'],
    ['{"a": "x\ny"}', `line 1, column 7: ${backslash}`],
    ['{"a": "C:\\people.csv"}', `line 1, column 7: ${backslash}`],
    ['{}\n{}', 'line 2, column 1: nothing more was expected'],
  ])('%j: %s', (text, message) => {
    expect(syntaxErrorOf(text)).toBe(message);
  });

  test('brackets without an end do not exhaust the stack', () => {
    expect(syntaxErrorOf('['.repeat(50_000))).toBe('line 1, column 102: brackets stand more than 100 deep');
  });

  test('and no message quotes what stands there', () => {
    expect(syntaxErrorOf('{"token": hunter2secret}')).not.toContain('hunter2');
  });
});

describe('names that stand there twice', () => {
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

test('a byte order mark is no mistake', () => {
  expect(parseJson('\uFEFF{"a": 1}').value).toEqual({ a: 1 });
});

test('everything that is JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent);
      expect(parseJson(pretty)).toEqual({ value: JSON.parse(pretty), duplicates: [] });
    }),
  );
});

test('and nothing else is: with a character too many or too few it agrees with JSON.parse', () => {
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
      expect(syntaxErrorOf(broken) === 'fine').toBe(parses(broken));
    }),
    { numRuns: 500 },
  );
});
