import { describe, expect, test } from '@jest/globals';
import { ownerOf } from '../../../src/scim/judge/resource-owner.ts';

const ada = { userName: 'ada.lovelace@x.example', externalId: '007', 'emails[type eq "work"].value': 'al@x.example' };

describe('whose user a target shows', () => {
  test.each<[string, object, ReturnType<typeof ownerOf>]>([
    ['same externalId and name', { externalId: '007', userName: 'ada.lovelace@x.example' }, 'own'],
    ['same externalId, name of the target', { externalId: '007', userName: 'u-4711' }, 'own'],
    [
      'same name in another case, externalId of the target',
      { externalId: 'x', userName: 'Ada.Lovelace@X.example' },
      'own',
    ],
    ['name with a suffix', { userName: 'ada.lovelace@x.example#tenant' }, 'own'],
    ['name cut short', { userName: 'ada.lovelace' }, 'own'],
    ['e-mail address as the name', { userName: 'al@x.example' }, 'own'],
    ['other externalId and name', { externalId: '9', userName: 'boss@x.example' }, 'other'],
    ['other name alone', { userName: 'boss@x.example' }, 'other'],
    ['other externalId alone', { externalId: '9' }, 'other'],
    ['other name, anonymised', { userName: 'deleted-4711', active: false }, 'unknown'],
    ['other name and externalId, inactive', { externalId: '9', userName: 'boss@x.example', active: false }, 'other'],
    ['nothing', { id: '1', active: true }, 'unknown'],
    ['blank values', { externalId: '', userName: ' ' }, 'unknown'],
  ])('%s: %s', (_, shown, owner) => expect(ownerOf(shown, 'User', [ada])).toBe(owner));

  test('the old and the new name are own', () => {
    const bodies = [{ userName: 'old@x.example' }, { userName: 'new@x.example' }];
    expect(ownerOf({ userName: 'old@x.example' }, 'User', bodies)).toBe('own');
    expect(ownerOf({ userName: 'new@x.example' }, 'User', bodies)).toBe('own');
    expect(ownerOf({ userName: 'third@x.example' }, 'User', bodies)).toBe('other');
  });

  test('without a known value nothing is decided', () => {
    expect(ownerOf({ userName: 'boss@x.example' }, 'User', [undefined, {}])).toBe('unknown');
  });

  test('short names must be equal', () => {
    expect(ownerOf({ userName: 'albert' }, 'User', [{ userName: 'al' }])).toBe('other');
  });
});

test('a group is recognised by its displayName', () => {
  expect(ownerOf({ displayName: 'Engineering' }, 'Group', [{ displayName: 'engineering' }])).toBe('own');
  expect(ownerOf({ displayName: 'Sales' }, 'Group', [{ displayName: 'Engineering' }])).toBe('other');
});
