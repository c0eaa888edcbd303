import { describe, expect, test } from '@jest/globals';
import { equalities } from '../../src/sandbox/filter/equalities.ts';
import { predicate } from '../../src/sandbox/filter/matches.ts';
import { parseFilter } from '../../src/sandbox/filter/parse.ts';
import { resourceTypeDefinitions, standardResourceTypes } from '../../src/sandbox/schema/resource-type.ts';

const typeDefinitions = resourceTypeDefinitions(standardResourceTypes);

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const ada = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
  id: 'Id-1',
  externalId: 'E1',
  userName: 'Ada@Example.com',
  name: { givenName: 'Ada', familyName: 'O"Lovelace' },
  active: true,
  emails: [
    { value: 'ada@work.example', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  meta: { resourceType: 'User', created: '2026-01-02T03:04:05Z', lastModified: '2026-06-01T00:00:00.000Z' },
  [enterprise]: { department: 'Engines', manager: { value: 'M-1' } },
};

const matches = (filter: string): boolean => predicate(parseFilter(typeDefinitions.User, filter))(ada);

describe('filters that match or not', () => {
  test.each<[string, boolean]>([
    ['userName eq "ada@example.com"', true],
    ['USERNAME EQ "ADA@EXAMPLE.COM"', true],
    ['userName ne "ada@example.com"', false],
    ['userName eq "ada"', false],
    ['userName co "@example"', true],
    ['userName sw "ADA@"', true],
    ['userName ew ".com"', true],
    ['userName ew "ada"', false],
    ['userName gt "abc"', true],
    ['userName le "ada@example.com"', true],
    ['userName lt "ada@example.com"', false],
    ['userName ge "b"', false],
    ['id eq "Id-1"', true],
    ['id eq "id-1"', false],
    ['externalId eq "E1"', true],
    ['externalId eq "e1"', false],
    ['externalId ne "e1"', true],
    ['active eq true', true],
    ['active eq false', false],
    ['active ne false', true],
    ['not (active eq true)', false],
    ['title pr', false],
    ['title eq null', true],
    ['title ne null', false],
    ['title ne "Boss"', true],
    ['name pr', true],
    ['name.givenName eq "ada"', true],
    ['name.familyName eq "O\\"Lovelace"', true],
    ['emails pr', true],
    ['emails co "@home"', true],
    ['emails.type eq "home"', true],
    ['emails.value eq "ada@work.example"', true],
    ['emails[type eq "work"]', true],
    ['emails[type eq "work" and value ew "@home.example"]', false],
    ['emails[type eq "home" and value co "@home"]', true],
    ['emails[primary eq true and not (type eq "home")]', true],
    ['emails.type eq "work" and emails.value co "@home"', true],
    ['meta.lastModified gt "2026-05-31T23:59:59Z"', true],
    ['meta.lastModified eq "2026-06-01T02:00:00+02:00"', true],
    ['meta.created lt "2026-01-01T00:00:00Z"', false],
    [`${enterprise}:department eq "engines"`, true],
    [`${enterprise}:manager.value eq "M-1"`, true],
    [`${enterprise}:manager.value eq "m-1"`, false],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"', true],
    [`schemas eq "${enterprise}"`, true],
    ['title pr or active eq true', true],
    ['title pr and active eq true or userName pr', true],
    ['title pr and (active eq true or userName pr)', false],
    ['(((userName pr)))', true],
  ])('%s → %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected);
  });
});

describe('invalid filters', () => {
  test.each([
    '',
    'userName',
    'userName eq',
    'userName eq ada',
    'userName eq "ada',
    'userName equals "ada"',
    'userName eq "a" userName eq "b"',
    'userName eq "a" and',
    '(userName pr',
    'userName pr)',
    'shoeSize eq "42"',
    'name.shoeSize eq "42"',
    'urn:example:User:name eq "x"',
    'emails[type eq "work"',
    'emails[shoeSize eq "42"]',
    'userName[value eq "x"]',
    'active eq "true"',
    'active gt true',
    'name eq "Ada"',
    'userName eq 5',
    'userName co null',
    'meta.created gt "yesterday"',
    'meta.created co "2026"',
    `${'('.repeat(60)}userName pr${')'.repeat(60)}`,
  ])('%s', (filter) => {
    expect(() => matches(filter)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter' }));
  });
});

describe('values for an index look-up', () => {
  test.each<[string, readonly string[] | undefined]>([
    ['userName eq "a"', ['a']],
    ['userName eq "a" or userName eq "b"', ['a', 'b']],
    ['active eq true and userName eq "a"', ['a']],
    ['userName eq "a" or title pr', undefined],
    ['not (userName eq "a")', undefined],
    ['userName ne "a"', undefined],
    ['userName sw "a"', undefined],
    ['emails[value eq "a"]', undefined],
  ])('%s', (filter, expected) => {
    expect(equalities(parseFilter(typeDefinitions.User, filter), 'userName')).toEqual(expected);
  });
});
