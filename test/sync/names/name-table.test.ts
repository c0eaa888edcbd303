import { expect, test } from '@jest/globals';
import { NameTable } from '../../../src/sync/names/name-table.ts';

test('a table of names returns the key of the first record with the same name', () => {
  const table = new NameTable();
  const names = Array.from({ length: 20_000 }, (_, index) => `user${index}@x.example`);
  const keyOf = (name: string): string => `key of ${name}, ü`;
  expect(names.filter((name) => table.add(name, keyOf(name)) !== undefined)).toEqual([]);
  expect(table.size).toBe(names.length);
  expect(names.filter((name) => table.add(name, 'another') !== keyOf(name))).toEqual([]);
  expect(table.add('', '')).toBeUndefined();
  expect(table.add('', 'another')).toBe('');
  expect(table.size).toBe(names.length + 1);
});
