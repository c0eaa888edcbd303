import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import { parseId, resourcePath, unusableId, urlBuilder } from '../../../src/scim/encode/urls.ts';

describe('URLs', () => {
  test.each([
    ['https://a.example/scim/v2', '/Users', {}, 'https://a.example/scim/v2/Users'],
    ['https://a.example/scim/v2/', '/Users/1', {}, 'https://a.example/scim/v2/Users/1'],
    ['https://a.example', '/Users', {}, 'https://a.example/Users'],
    ['https://a.example/s?tenant=7', '/Users', {}, 'https://a.example/s/Users?tenant=7'],
    ['https://a.example/s/?tenant=7', '/Users', { count: '1' }, 'https://a.example/s/Users?tenant=7&count=1'],
    [
      'https://a.example/s',
      '/Users',
      { filter: 'userName eq "a+b@c d"' },
      'https://a.example/s/Users?filter=userName%20eq%20%22a%2Bb%40c%20d%22',
    ],
  ])('%s and %s with %j', (base, path, query, expected) => {
    expect(urlBuilder(base)(path, query)).toBe(expected);
  });

  test.each([
    ['1', '/Users/1'],
    ['auth|7 x', '/Users/auth%7C7%20x'],
    ['a/b?c#d%', '/Users/a%2Fb%3Fc%23d%25'],
  ])('the resource %s', (id, expected) => {
    expect(resourcePath('User', remoteId(id))).toBe(expected);
    expect(new URL(urlBuilder('https://a.example')(expected)).pathname).toBe(expected);
  });

  test.each([
    ['7', '7'],
    [7, '7'],
    ['', undefined],
    ['.', undefined],
    ['..', undefined],
    [null, undefined],
    [{}, undefined],
    [true, undefined],
  ])('the id %p', (value, expected) => {
    expect(parseId(value)).toBe(expected);
  });

  test.each([
    ['7', undefined],
    [undefined, undefined],
    ['..', '".."'],
    ['', '""'],
    [null, 'null'],
    [{ a: 1 }, '{"a":1}'],
  ])('why the id %p cannot be used', (value, shown) => {
    expect(unusableId(value)).toEqual(shown === undefined ? undefined : expect.stringContaining(`id is ${shown}, `));
  });
});
