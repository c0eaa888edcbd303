import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import { filterOf } from '../../../src/scim/read/lookup.ts';
import { never, target } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Scripted } from '../scripted-server.ts';

const ada = { id: '1', userName: 'ADA', externalId: 'k1' };
const bob = { id: '2', userName: 'bob', externalId: 'k2' };

test.each([
  ['userName', 'ada', 'userName eq "ada"'],
  ['userName', 'a"b\\c', 'userName eq "a\\"b\\\\c"'],
  ['name.familyName', 'x', 'name.familyName eq "x"'],
  ['emails[type eq "work"].value', 'a@x', 'emails[type eq "work" and value eq "a@x"]'],
  ['emails.value', 'a@x', 'emails.value eq "a@x"'],
  [
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber',
    '7',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "7"',
  ],
])('the filter for %s %j', (attribute, value, expected) => {
  expect(filterOf(attribute, value)).toBe(expected);
});

describe('find', () => {
  const none = page([]);
  test.each<[string, readonly Scripted[], object, number]>([
    [
      'found by the first',
      [page([{ ...ada }])],
      { kind: 'found', by: 'externalId', resource: { remoteId: '1', body: { userName: 'ADA' } } },
      1,
    ],
    [
      'found by the second, in another case',
      [none, page([ada])],
      { kind: 'found', by: 'userName', resource: { remoteId: '1' } },
      2,
    ],
    ['no account', [none, none], { kind: 'none' }, 2],
    [
      'an account whose id cannot be part of a URL',
      [none, page([{ ...ada, id: '..' }])],
      { kind: 'unavailable', detail: expect.stringContaining('its id is "..", which cannot be part of a URL') },
      2,
    ],
    [
      'no account and no Resources',
      [{ body: { totalResults: 0 } }, { body: { totalResults: '0' } }],
      { kind: 'none' },
      2,
    ],
    ['404 instead of an empty list', [refusal(404), refusal(404)], { kind: 'none' }, 2],
    ['410, which is no empty list', [refusal(410)], { kind: 'unavailable' }, 1],
    ['the same one twice', [page([ada, ada])], { kind: 'found', resource: { remoteId: '1' } }, 1],
    [
      'two accounts',
      [page([ada, { ...ada, id: '3' }])],
      expect.objectContaining({
        kind: 'ambiguous',
        detail: expect.stringContaining('2 accounts at the target have externalId "k1"'),
      }),
      1,
    ],
    [
      'another account for each attribute',
      [page([bob]), page([bob])],
      { kind: 'untrusted', detail: expect.stringContaining('ignores the filter') },
      2,
    ],
    ['all accounts, one of which has the value', [page([bob, ada])], { kind: 'found', resource: { remoteId: '1' } }, 1],
    ['the first not filtered, the second without a result', [page([bob]), none], { kind: 'none' }, 2],
    [
      'the first rejected, the second found',
      [refusal(400, 'invalidFilter'), page([ada])],
      { kind: 'found', by: 'userName' },
      2,
    ],
    [
      'no account by externalId, and a userName that cannot be looked up',
      [page([]), refusal(400, 'invalidFilter')],
      { kind: 'untrusted' },
      2,
    ],
    ['both rejected', [refusal(400, 'invalidFilter'), refusal(501)], { kind: 'untrusted' }, 2],
    ['a wrong tenant responds with {}', [{ body: {} }, { body: {} }], { kind: 'untrusted' }, 2],
    ['totalResults without Resources', [page([], 3), page([], 3)], { kind: 'untrusted' }, 2],
    ['no list', [{ body: { Resources: 'nope', totalResults: 1 } }, none], { kind: 'none' }, 2],
    ['denied', [refusal(403)], { kind: 'unavailable', detail: '403: no' }, 1],
    ['broken', [refusal(500)], { kind: 'unavailable' }, 5],
    [
      'keys in lower case',
      [{ body: { resources: [{ id: '1', externalid: 'k1' }], totalresults: 1 } }],
      { kind: 'found' },
      1,
    ],
  ])('%s', async (_, answers, expected, requests) => {
    await using server = await scriptedServer(
      (_request, number) => answers[Math.min(number, answers.length) - 1] ?? none,
    );
    using app = target(server.url);
    expect(await app.find('User', { externalId: 'k1', userName: 'ada' }, ['userName'], never)).toMatchObject(expected);
    expect(server.seen).toHaveLength(requests);
  });

  test('externalId is exact, and without a value nothing is proven', async () => {
    await using server = await scriptedServer(() => page([{ ...ada, externalId: 'K1' }]));
    using app = target(server.url);
    expect(await app.find('User', { externalId: 'k1' }, [], never)).toMatchObject({ kind: 'untrusted' });
    expect(await app.find('User', { title: 'x' }, [], never)).toMatchObject({ kind: 'untrusted' });
    expect(server.lines()).toEqual(['GET /Users?filter=externalId eq "k1"']);
  });
});

describe('an account that no longer has its id, at a target that is searched by externalId only', () => {
  const none = page([]);
  const other = { ...ada, id: '9', externalId: undefined };
  test.each<[string, Scripted, Scripted, string]>([
    // the search by externalId, the search by userName, the verdict
    ['has it, without an externalId', none, page([other]), 'moved'],
    ['does not have it', none, none, 'missing'],
    ['refuses a search by userName', none, refusal(400, 'invalidFilter'), 'missing'],
    ['has it, with the externalId', page([{ ...ada, id: '9' }]), none, 'moved'],
    ['refuses a search by externalId', refusal(403), none, 'unproven'],
  ])('%s', async (_, byExternalId, byName, kind) => {
    await using server = await scriptedServer(({ url }) =>
      /filter=userName/.test(url) ? byName : /filter=externalId/.test(url) ? byExternalId : refusal(404),
    );
    using app = target(server.url, { protocol: { matchUsers: ['externalId'] } });
    const known = {
      resourceType: 'User' as const,
      remoteId: remoteId('1'),
      body: { externalId: 'k1', userName: 'ada' },
    };
    expect((await app.readKnown(known, ['userName', 'externalId'], never)).kind).toBe(kind);
  });
});

describe('look-ups by any e-mail address', () => {
  const mapped = { 'emails[type eq "work"].value': 'ada@corp', 'emails[type eq "home"].value': 'ada@home' };
  test.each<[string, readonly string[], Scripted, object]>([
    [
      'an account with it among others',
      [],
      page([
        {
          ...ada,
          emails: [
            { type: 'home', value: 'x@y' },
            { type: 'other', value: 'ada@corp' },
          ],
        },
      ]),
      { kind: 'found', by: 'emails.value' },
    ],
    [
      'an account with another one',
      [],
      page([{ ...ada, emails: [{ type: 'work', value: 'ada@home' }] }]),
      { kind: 'untrusted' },
    ],
    ['an account without one', [], page([ada]), { kind: 'untrusted' }],
    [
      'another case, and the target is case-sensitive',
      [],
      page([{ ...ada, emails: [{ value: 'ADA@corp' }] }]),
      { kind: 'untrusted' },
    ],
    [
      'another case, and the target is not case-sensitive',
      ['emails[type eq "work"].value'],
      page([{ ...ada, emails: [{ value: 'ADA@corp' }] }]),
      { kind: 'found' },
    ],
    [
      'another case of the domain, and addresses are not case-sensitive',
      ['emails'],
      page([{ ...ada, emails: [{ value: 'ADA@corp' }] }]),
      { kind: 'found' },
    ],
    [
      'another case, and only other attributes are not case-sensitive',
      ['emails[type eq "work"].display', 'name'],
      page([{ ...ada, emails: [{ value: 'ADA@corp' }] }]),
      { kind: 'untrusted' },
    ],
  ])('%s', async (_, caseInsensitive, answer, expected) => {
    await using server = await scriptedServer(() => answer);
    using app = target(server.url, {
      supports: { caseInsensitive },
      protocol: { matchUsers: ['emails.value'] },
    });
    expect(await app.find('User', mapped, [], never)).toMatchObject(expected);
    expect(server.lines()).toEqual(['GET /Users?filter=emails.value eq "ada@corp"']);
  });
});
