import { describe, expect, test } from '@jest/globals';
import { compareTargets, goneTargets, targetUrlIdentity, type KnownTarget } from '../../src/plan/target-identity.ts';

describe('the identity of a URL', () => {
  test.each([
    ['as it is', 'https://app.example.com/scim/v2', 'https://app.example.com/scim/v2'],
    ['trailing slash', 'https://app.example.com/scim/v2/', 'https://app.example.com/scim/v2'],
    ['several trailing slashes', 'https://app.example.com/scim/v2//', 'https://app.example.com/scim/v2'],
    ['no path', 'https://app.example.com/', 'https://app.example.com'],
    ['default port of https', 'https://app.example.com:443/scim', 'https://app.example.com/scim'],
    ['default port of http', 'http://app.example.com:80/scim', 'http://app.example.com/scim'],
    ['another port', 'https://app.example.com:8443/scim', 'https://app.example.com:8443/scim'],
    ['letter case of scheme and host', 'HTTPS://App.Example.COM/scim', 'https://app.example.com/scim'],
    ['letter case of the path stays', 'https://app.example.com/Scim/V2', 'https://app.example.com/Scim/V2'],
    ['dot segments', 'https://app.example.com/a/../scim/./v2', 'https://app.example.com/scim/v2'],
    ['query', 'https://app.example.com/scim/?tenant=A', 'https://app.example.com/scim?tenant=A'],
    ['empty query', 'https://app.example.com/scim?', 'https://app.example.com/scim'],
    ['credentials', 'https://ada:secret@app.example.com/scim', 'https://app.example.com/scim'],
    ['fragment', 'https://app.example.com/scim#top', 'https://app.example.com/scim'],
    ['international host', 'https://bücher.example/scim', 'https://xn--bcher-kva.example/scim'],
  ])('%s', (_, text, identity) => {
    expect(targetUrlIdentity(text)).toBe(identity);
    expect(targetUrlIdentity(identity)).toBe(identity);
  });

  test.each([
    ['tenant in the path', 'https://app.example.com/scim/a', 'https://app.example.com/scim/b'],
    ['tenant in the query', 'https://app.example.com/scim?tenant=a', 'https://app.example.com/scim?tenant=b'],
    ['scheme', 'https://app.example.com/scim', 'http://app.example.com/scim'],
    ['host', 'https://eu.example.com/scim', 'https://us.example.com/scim'],
  ])('another %s is another target', (_, one, other) => {
    expect(targetUrlIdentity(one)).not.toBe(targetUrlIdentity(other));
  });
});

const a = 'https://a.example';
const b = 'https://b.example';
const state = (name: string, url: string | undefined, accounts: number, uncertain = 0): KnownTarget => ({
  name,
  url,
  accounts,
  uncertain,
});

test.each<[string, readonly KnownTarget[], readonly string[], readonly string[]]>([
  ['a new target', [], [], []],
  ['the same address', [state('app', a, 5)], [], []],
  ['another address', [state('app', b, 5)], ['app'], []],
  ['another address with only an unanswered create', [state('app', b, 0, 1)], ['app'], []],
  ['another address, but no accounts', [state('app', b, 0)], [], []],
  ['an address that was never recorded', [state('app', undefined, 5)], [], []],
  ['the address of a removed target', [state('old', a, 5)], [], ['old']],
  [
    'the address of a removed target, after the own one was forgotten',
    [state('app', undefined, 0), state('old', a, 5)],
    [],
    ['old'],
  ],
  ['the address of a removed target, and accounts of its own', [state('app', a, 2), state('old', a, 5)], [], []],
  [
    'the address of a removed target, and an own address without accounts',
    [state('app', a, 0), state('old', a, 5)],
    [],
    [],
  ],
  ['the address of a removed target without accounts', [state('old', a, 0)], [], []],
  ['the address of another configured target', [state('second', a, 5)], [], []],
  ['a removed target at another address', [state('old', b, 5)], [], []],
])('%s', (_, known, changed, renamed) => {
  const result = compareTargets([{ name: 'app', url: a }], ['app', 'second'], known);
  expect(result.changed.map(({ target }) => target)).toEqual(changed);
  expect(result.renamed.map((one) => one.known)).toEqual(renamed);
});

test('a target that is gone is one that the configuration lacks and that holds accounts', () => {
  const known = [state('app', a, 5), state('old', b, 3), state('empty', b, 0), state('unanswered', b, 0, 1)];
  expect(goneTargets(['app'], known).map(({ name }) => name)).toEqual(['old', 'unanswered']);
});
