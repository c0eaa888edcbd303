import { describe, expect, test } from '@jest/globals';
import { canonicalPath } from '../../src/desired/canonical-path.ts';
import { normalise } from '../../src/desired/normalise.ts';
import type { Json } from '../../src/model/resource.ts';

const at = (path: string, value: Json) => normalise(value, canonicalPath('User', path));

describe('a value', () => {
  test.each<[string, Json, Json | undefined]>([
    ['title', '  Engineer\t', 'Engineer'],
    ['title', 'Zoe\u0308', 'Zo\u00eb'],
    ['title', '\u00a0 ', undefined],
    ['title', null, undefined],
    ['title', Number.NaN, undefined],
    ['title', 7, '7'],
    ['title', false, 'false'],
    ['active', true, true],
    ['active', ' TRUE ', true],
    ['active', 'False', false],
    ['active', '', undefined],
    ['emails[type eq "work"].primary', 'true', true],
    ['manager', ' 42 ', '42'],
    ['manager', 42, '42'],
    ['manager', 'Zoe\u0308', 'Zoe\u0308'],
    ['emails', ['a@x', ' ', 'b@x', 'a@x'], [{ value: 'a@x', primary: true }, { value: 'b@x' }]],
    ['emails', 'a@x', [{ value: 'a@x', primary: true }]],
    ['emails', [], undefined],
    ['emails', ['', '  '], undefined],
    ['phoneNumbers', ['1', '2'], [{ value: '1' }, { value: '2' }]],
    ['roles', [{ value: ' admin ', display: '' }, {}], [{ value: 'admin' }]],
    ['roles', { value: 'admin', primary: true }, [{ value: 'admin', primary: true }]],
    ['name', { givenName: ' Ada ', familyName: '' }, { givenName: 'Ada' }],
    ['name', { givenName: '' }, undefined],
    ['urn:acme:1.0:User:tags', ['b', ' ', 'a'], ['b', 'a']],
    ['urn:acme:1.0:User:floor', 3, 3],
    ['urn:acme:1.0:User:flag', false, false],
    ['urn:acme:1.0:User:deep', { a: { b: [' x ', null] }, c: {} }, { a: { b: ['x'] } }],
  ])('at %s: %j becomes %j', (path, value, expected) => expect(at(path, value)).toEqual({ value: expected }));
});

describe('a value that does not fit', () => {
  test.each<[string, Json, string]>([
    ['active', 'yes', 'active must be true or false, and is "yes"'],
    ['active', 1, 'active must be true or false, and is 1'],
    ['title', ['a', 'b'], 'title takes a single value, not ["a","b"]'],
    ['title', { a: 'b' }, 'title takes a single value, not {"a":"b"}'],
    ['emails', [['a@x']], 'emails takes a list of values, not a list of lists'],
    ['name', 'Ada', 'name has sub-attributes and cannot be "Ada"; map name.… instead'],
  ])('at %s: %j', (path, value, error) => expect(at(path, value)).toEqual({ error }));
});
