import { describe, expect, test } from '@jest/globals';
import { nearestName } from '../../../src/config/parse/did-you-mean.ts';

const names = ['name', 'profile', 'url', 'auth', 'maxRemovals', 'maxRenames', 'floor', 'userName', 'env'];

describe('the name that was probably meant', () => {
  test.each<[string, string | undefined, string]>([
    ['maxRemoval', 'maxRemovals', 'a letter is missing'],
    ['maxxRemovals', 'maxRemovals', 'a letter too many'],
    ['maxRemavals', 'maxRemovals', 'another letter'],
    ['maxRmeovals', 'maxRemovals', 'two letters exchanged'],
    ['MAXREMOVALS', 'maxRemovals', 'case does not count'],
    ['maxRename', 'maxRenames', 'the nearest of two that are near'],
    ['usernane', 'userName', 'case and a letter'],
    ['flor', 'floor', 'short names'],
    ['enf', 'env', 'one of three letters'],
    ['urls', 'url', 'one too many in a short one'],
    ['user', 'userName', 'the only one that begins like this'],
    ['max', undefined, 'two begin like this'],
    ['p', undefined, 'one letter says nothing'],
    ['token', undefined, 'nothing is near'],
    ['xy', undefined, 'half of it differs'],
    ['', undefined, 'nothing was written'],
  ])('%p → %p: %s', (written, meant) => {
    expect(nearestName(written, names)).toBe(meant);
  });

  test('nothing is near to nothing', () => {
    expect(nearestName('name', [])).toBeUndefined();
  });
});
