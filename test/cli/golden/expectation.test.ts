import { expect, test } from '@jest/globals';
import { differencesOf, expectationText } from '../../../src/cli/golden/expectation.ts';

test.each([
  ['equal values', { a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, []],
  ['another value', { a: { b: 'x' } }, { a: { b: 'y' } }, [{ place: 'a › b', expected: 'x', actual: 'y' }]],
  ['a value that is new', {}, { a: 1 }, [{ place: 'a', expected: undefined, actual: 1 }]],
  ['a value that is gone', { a: null }, {}, [{ place: 'a', expected: null, actual: undefined }]],
  ['lists as a whole', { a: [1, 2] }, { a: [2, 1] }, [{ place: 'a', expected: [1, 2], actual: [2, 1] }]],
  ['names in lists in any order', { a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, []],
  ['a list for an object', { a: [] }, { a: {} }, [{ place: 'a', expected: [], actual: {} }]],
  ['a text that is no expectation', 'x', { a: 1 }, [{ place: '', expected: 'x', actual: { a: 1 } }]],
])('compares %s', (_label, expected, actual, differences) => {
  expect(differencesOf(expected, actual)).toEqual(differences);
});

test('writes equal expectations as equal texts', () => {
  const one = { rejectedRows: [], targets: { b: { users: {}, groups: {} }, a: { groups: {}, users: {} } } };
  const other = { targets: { a: { users: {}, groups: {} }, b: { users: {}, groups: {} } }, rejectedRows: [] };
  expect(expectationText(one)).toBe(expectationText(other));
  expect(JSON.parse(expectationText(one))).toEqual(other);
});
