import { describe, expect, test } from '@jest/globals';
import { decidingGroups } from '../../../src/desired/groups/deciding-groups.ts';

describe('the groups that decide a result', () => {
  const inAll =
    (...names: readonly string[]) =>
    (groups: readonly string[]): string =>
      String(names.every((name) => groups.includes(name)));
  const inAny =
    (...names: readonly string[]) =>
    (groups: readonly string[]): string =>
      String(names.some((name) => groups.includes(name)));

  test.each<[string, readonly string[], (groups: readonly string[]) => string, string, readonly string[]]>([
    ['one of several groups', ['a', 'b'], inAll('a'), 'all', ['a']],
    ['two groups, of which one is enough', ['a', 'b', 'c'], inAny('a', 'b'), 'each', ['a', 'b']],
    ['two groups together', ['a', 'b', 'c'], inAll('a', 'b'), 'all', ['a', 'b']],
    [
      'a group that excludes',
      ['a', 'x'],
      (groups) => String(groups.includes('a') && !groups.includes('x')),
      'all',
      ['x'],
    ],
    ['two groups that exclude', ['x', 'y'], (groups) => String(groups.length === 0), 'each', ['x', 'y']],
    ['a missing group', ['a', 'b'], inAll('c'), 'none', []],
    ['another attribute', ['a', 'b'], () => 'true', 'none', []],
    ['no groups at all', [], inAll('a'), 'none', []],
    ['a value instead of a condition', ['a', 'b'], (groups) => groups.join('+'), 'all', ['a', 'b']],
  ])('%s', (_, groups, result, kind, expected) => {
    expect(decidingGroups(groups, result)).toEqual({ kind, groups: expected });
  });
});
