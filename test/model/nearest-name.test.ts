import { describe, expect, test } from '@jest/globals';
import { nearestNames, suggestion } from '../../src/model/nearest-name.ts';

const names = ['name', 'profile', 'url', 'auth', 'maxRemovals', 'maxRenames', 'floor', 'userName', 'env'];

describe('the most similar name', () => {
  test.each<[string, string | undefined, string]>([
    ['maxRemoval', 'maxRemovals', 'a letter is missing'],
    ['maxxRemovals', 'maxRemovals', 'a letter too many'],
    ['maxRemavals', 'maxRemovals', 'another letter'],
    ['maxRmeovals', 'maxRemovals', 'two letters exchanged'],
    ['MAXREMOVALS', 'maxRemovals', 'case does not count'],
    ['maxRename', 'maxRenames', 'the nearest of two similar ones'],
    ['usernane', 'userName', 'case and a letter'],
    ['flor', 'floor', 'short names'],
    ['enf', 'env', 'one of three letters'],
    ['urls', 'url', 'one too many in a short one'],
    ['user', 'userName', 'the only name that begins with it'],
    ['rofil', 'profile', 'within two letters'],
    ['removals', 'maxRemovals', 'the only name that contains it'],
    ['name', 'name', 'itself'],
    ['max', undefined, 'two names begin with it'],
    ['p', undefined, 'one letter is too short'],
    ['token', undefined, 'no name is similar'],
    ['xy', undefined, 'half of it differs'],
    ['', undefined, 'empty'],
  ])('%p → %p: %s', (written, meant) => {
    expect(nearestNames(written, names, 1)).toEqual(meant === undefined ? [] : [meant]);
  });

  test('no names', () => {
    expect(nearestNames('name', [])).toEqual([]);
  });
});

test('a suggestion for a message', () => {
  expect(suggestion('usernane', names)).toBe('; did you mean "userName"?');
  expect(suggestion('token', names)).toBe('');
});
