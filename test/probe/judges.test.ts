import { describe, expect, test } from '@jest/globals';
import { instant, remoteId } from '../../src/model/ids.ts';
import { toResource } from '../../src/model/shape.ts';
import { whyNot } from '../../src/probe/arrival.ts';
import { judgeClosed } from '../../src/probe/closing.ts';
import { judgeDeletion } from '../../src/probe/deleting.ts';
import { judgeDuplicate } from '../../src/probe/duplicate.ts';
import { evidenceLines } from '../../src/probe/evidence.ts';
import { openNotebook, type Finding } from '../../src/probe/finding.ts';
import { judgeHaste, windowOf } from '../../src/probe/haste.ts';
import { fateOf, judgeKeeping, shownOf } from '../../src/probe/keeping.ts';
import { judgeListing, type Page } from '../../src/probe/listing.ts';
import { isTrusted, judgeSearch, saySight } from '../../src/probe/lookup.ts';
import { bears, isCanary, openNames } from '../../src/probe/names.ts';
import { judgePatch, litters, type Effect } from '../../src/probe/patching.ts';
import { judgeRename } from '../../src/probe/renaming.ts';
import { judgeUpdate } from '../../src/probe/putting.ts';
import type { FormName } from '../../src/probe/forms.ts';
import { replyOf } from '../../src/scim/message.ts';
import { generic } from './probing.ts';

const reply = (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  replyOf(status, headers, typeof body === 'string' ? body : JSON.stringify(body));
const list = (...ids: string[]) => reply(200, { totalResults: ids.length, Resources: ids.map((id) => ({ id })) });
const mail = 'emails[type eq "work"].value';
/** All words that findings decide. */
const words = (findings: readonly Finding[]): object =>
  Object.assign(
    {},
    ...findings.map(({ words: each }) => ({ ...each?.holds, ...each?.speaks, ...each?.allows })),
  ) as object;

describe('names', () => {
  const names = openNames(instant(Date.UTC(2026, 10, 26, 1, 8, 15, 936)));

  test('say what they are, and each is another one', () => {
    expect([names.next('User'), names.next('User'), names.next('Group'), names.nobody]).toEqual([
      'scimsync-canary-20261126t010815936-1@example.invalid',
      'scimsync-canary-20261126t010815936-2@example.invalid',
      'scimsync-canary-20261126t010815936-group-1',
      'scimsync-canary-20261126t010815936-nobody@example.invalid',
    ]);
    expect([isCanary('Scimsync-Canary-1'), isCanary('my-scimsync-canary-1'), isCanary(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each([
    [{ userName: 'SCIMSYNC-CANARY-20261126T010815936-1' }, true],
    [{ emails: [{ value: 'scimsync-canary-20261126t010815936-1@other.example' }] }, true],
    [{ userName: 'scimsync-canary-20261126t010815936-12@example.invalid' }, false],
    [{ userName: 'ada' }, false],
    [undefined, false],
  ])('%j bears the first one: %s', (resource, expected) => {
    expect(bears(resource, 'scimsync-canary-20261126t010815936-1@example.invalid')).toBe(expected);
  });
});

test.each([
  [list('1'), undefined],
  [reply(200, { totalResults: 0 }), undefined],
  [reply(200, {}), /not with a list/],
  [reply(200, ''), /an empty answer/],
  [reply(200, '<html>Log in</html>'), /web page/],
  [reply(401, { detail: 'no' }), /refuses the credentials/],
  [reply(404, { detail: 'no' }), /no list of users/],
  [reply(500, { detail: 'oops' }), /does not list users/],
])('a first answer %#', (first, why) => {
  if (why === undefined) expect(whyNot(first)).toBeUndefined();
  else expect(whyNot(first)).toMatch(why);
});

test.each([
  ['Ada', 'Ada', 'kept'],
  ['Ada', 'ada', 'case'],
  ['+1 (555) 010', '+1555010', 'punctuation'],
  ['en-GB', 'en_gb', 'punctuation'],
  ['Ada', undefined, 'dropped'],
  ['Ada', 'Countess', 'changed'],
  ['(', ')', 'changed'],
  [true, 'True', 'kept'],
  [true, false, 'changed'],
] as const)('%j that is shown as %j is %s', (sent, kept, fate) => {
  expect(fateOf(sent, kept)).toBe(fate);
});

test('what is kept, in words', () => {
  const sent = {
    userName: 'Ada@X',
    externalId: 'e-1',
    title: 'Dr',
    'phoneNumbers[type eq "work"].value': '+1 (5)',
    'emails[type eq "work"].value': 'Ada@X',
    'emails[type eq "home"].value': 'Home@X',
    nickName: 'A',
  };
  const kept = {
    userName: 'ada@x',
    'phoneNumbers[type eq "work"].value': '+15',
    'emails[type eq "work"].value': 'ada@x',
    nickName: 'A',
  };
  expect(
    words(
      judgeKeeping(sent, shownOf({ ...toResource('User', kept), external_id: 'e-1' }, sent), ['timezone'], {
        foldsCase: ['userName'],
        lists: { emails: { primary: true } },
      }),
    ),
  ).toEqual({
    drops: ['timezone', 'title'],
    foldsCase: ['userName', 'emails'],
    foldsPunctuation: ['phoneNumbers'],
    lists: { emails: { primary: true, most: 1 } },
  });
});

test.each([
  [{ emails: ['ada@x'] }, { [mail]: 'ada@x' }, []],
  [{ emails: [{ type: 'other', value: 'ADA@x' }] }, { [mail]: 'ADA@x' }, []],
  [{ mail: 'ada@x' }, {}, [mail]],
  [{ mail: 'not ada@x' }, {}, []],
] as const)('of an address %j is shown', (resource, kept, elsewhere) => {
  expect(shownOf(resource, { [mail]: 'ada@x' })).toEqual({ kept, elsewhere });
});

describe('another userName', () => {
  const fixed = { fixed: ['emails', 'userName'] };
  test.each([
    ['is taken', reply(200), true, {}, /gets another/],
    ['is answered well and left', reply(200), false, fixed, /nothing is changed/],
    ['is refused as what never changes', reply(400, { scimType: 'mutability', detail: 'no' }), false, fixed, /refused/],
    ['is refused in words', reply(422, { message: 'userName cannot be modified' }), false, fixed, /refused/],
    ['is refused for what it is', reply(400, { detail: 'must be an address of your domain' }), false, {}, /refused/],
    ['is not answered well', reply(500), false, {}, /refused/],
  ])('%s', (_, answer, isRenamed, expected, sentence) => {
    const findings = judgeRename(answer, isRenamed, ['emails']);
    expect(words(findings)).toEqual(expected);
    expect(findings[0]?.sentence).toMatch(sentence);
  });
});

describe('somebody who is there already', () => {
  const canary = { kind: 'User' as const, name: 'x', id: remoteId('7') };
  const known = { conflictStatuses: [409], conflictWords: [], twins: [] };
  test.each([
    ['409', reply(409, { detail: 'taken' }), undefined, undefined, {}, /refused/],
    [
      '400 in words of its own',
      reply(400, { detail: 'User already exists' }),
      undefined,
      reply(400, { detail: 'emails is wrong' }),
      { conflictStatuses: [409, 400], conflictWords: ['already exists'] },
      /refused/,
    ],
    [
      '400 in the words of any other',
      reply(400, { detail: 'conflict or error' }),
      undefined,
      reply(400, { detail: 'conflict or error' }),
      { conflictStatuses: [409, 400], conflictWords: [] },
      /refused/,
    ],
    ['the one who is there', reply(200, { id: '7' }), canary, undefined, {}, /upsert/],
    [
      'another one',
      reply(201, { id: '8' }),
      { ...canary, id: remoteId('8') },
      undefined,
      { twins: ['User'] },
      /prove nothing/,
    ],
    ['401', reply(401), undefined, undefined, {}, /refused/],
  ])('is answered %s', (_, answer, made, other, expected, sentence) => {
    const findings = judgeDuplicate('User', answer, canary, made, other, known);
    expect(words(findings)).toEqual(expected);
    expect(findings[0]?.sentence).toMatch(sentence);
  });
});

test.each([
  [list('7'), 'found'],
  [list('7', '7'), 'found'],
  [list('8'), 'others'],
  [list('7', '8'), 'others'],
  [list(), 'nobody'],
  [reply(404), 'nobody'],
  [reply(501), 'refused'],
  [reply(200, {}), 'refused'],
])('a search %# for 7', (answer, kind) => {
  expect(judgeSearch(answer, '7').kind).toBe(kind);
});

test('an attribute is trusted only where another value does not find as well', () => {
  const found = { kind: 'found' } as const;
  const sight = (cross: Parameters<typeof isTrusted>[0]['cross']) => ({
    attribute: 'externalId',
    match: found,
    ...(cross === undefined ? {} : { cross }),
  });
  expect(
    [undefined, found, { kind: 'nobody' } as const, { kind: 'others', rows: 3 } as const].map((cross) =>
      isTrusted(sight(cross)),
    ),
  ).toEqual([true, false, true, false]);
  expect(saySight(sight(found))).toMatch(/whatever attribute is named/);
});

describe('a listing', () => {
  const page = (ids: readonly string[], more: Partial<Page> = {}): Page => ({
    ids,
    rows: ids.length,
    total: 3,
    next: undefined,
    ...more,
  });
  const all = ['1', '2', '3'];
  const usual = { first: page(['1']), second: page(['2']), past: page([]), cursor: page(['1']), plain: page(all) };
  test.each([
    ['honours startIndex', {}, 'index'],
    [
      'shows the same row again, and has a cursor',
      { second: page(['1']), cursor: page(['1'], { next: 'c' }) },
      'cursor',
    ],
    ['shows everybody at once', { first: page(all), second: page(all) }, 'whole'],
    [
      'shows one page of many',
      { first: page(['1']), second: page(['1']), plain: page(['1', '2'], { total: 9 }) },
      'none',
    ],
    [
      'does not show who is there',
      { first: page(['8', '9']), second: page(['8', '9']), plain: page(['8', '9'], { total: 2 }) },
      'none',
    ],
    ['refuses to be paged', { first: page([], { refusal: '400' }), second: page([], { refusal: '400' }) }, 'whole'],
  ])('that %s', (_, pages, expected) => {
    expect(words(judgeListing({ ...usual, ...pages }, ['2', '3']))).toEqual({ listing: expected });
  });
});

describe('forms of PATCH', () => {
  const usual: Readonly<Partial<Record<FormName, Effect>>> = {
    lower: 'works',
    title: 'silent',
    nested: 'works',
    dotted: 'silent',
    subPath: 'works',
    valuePath: 'works',
    wholeList: 'works',
    extensionPath: 'works',
    nestedExtension: 'works',
    dottedExtension: 'silent',
    dottedValuePath: 'silent',
    pathlessList: 'works',
    add: 'works',
    remove: 'works',
  };
  const judge = (changes: Partial<Record<FormName, Effect>>, saysPatch?: boolean) =>
    judgePatch(new Map(Object.entries({ ...usual, ...changes }) as [FormName, Effect][]), saysPatch);
  const lower = { patchOps: 'lower', patchPaths: 'always' };
  test.each([
    ['all', {}, undefined, lower, 'all'],
    ['all, though it is denied', {}, false, { ...lower, update: 'patch' }, 'all'],
    ['title case only', { lower: 'silent', title: 'works' }, undefined, { ...lower, patchOps: 'title' }, 'all'],
    ['no path with a URN', { extensionPath: 'silent' }, undefined, { patchOps: 'lower', patchPaths: 'nested' }, 'all'],
    [
      'no path with a URN, and wiping objects',
      { extensionPath: 'silent', nested: 'wipes', nestedExtension: 'wipes' },
      undefined,
      lower,
      'some',
    ],
    ['paths that become names', { subPath: 'litters', nested: 'refused' }, undefined, lower, 'some'],
    ['no path into elements', { valuePath: 'refused' }, undefined, { ...lower, valuePaths: false }, 'all'],
    ['nothing that goes', { remove: 'refused' }, undefined, lower, 'some'],
    ['none', { lower: 'silent', title: 'silent', nested: 'silent' }, undefined, { update: 'put' }, 'none'],
  ] as const)('%s', (_, changes, saysPatch, expected, reach) => {
    const judged = judge(changes, saysPatch);
    expect([words(judged.findings), judged.reach]).toEqual([expected, reach]);
  });

  test.each([
    [{ works: true, wipes: true }, 'all', {}],
    [{ works: true, wipes: true }, 'some', { update: 'getThenPut', updateGroups: 'patch' }],
    [{ works: true, wipes: false }, 'none', { update: 'put' }],
    [{ works: true }, 'none', { update: 'getThenPut' }],
    [{ works: false }, 'some', {}],
    [{ works: false }, 'none', { update: 'auto' }],
  ] as const)('beside a PUT %j, where PATCH reaches %s', (put, reach, expected) => {
    expect(words(judgeUpdate(put, reach, undefined))).toEqual(expected);
  });

  test('a path that was taken for a name is seen', () => {
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    expect(
      [
        { 'name.familyName': 'x' },
        { 'emails[type eq "work"].value': 'x' },
        { [`${urn}:department`]: 'x' },
        { [urn]: {} },
        { title: 'x' },
      ].map((after) => litters({ id: '1' }, after)),
    ).toEqual([true, true, true, false, false]);
    expect(litters({ 'name.familyName': 'x' }, { 'name.familyName': 'y' })).toBe(false);
  });
});

test.each([
  [reply(404), 'missing'],
  [reply(200, { id: '1', userName: 'ada', active: false }), 'readable'],
  [reply(200, { id: '1', userName: 'ADA', active: 'False' }), 'readable'],
  [reply(200, { id: '1', userName: 'f00ba4', active: false }), 'obscured'],
  [reply(200, { id: '1', userName: 'ada', active: true }), 'open'],
  [reply(200, { id: '1', userName: 'ada' }), 'unknown'],
  [reply(500), 'unknown'],
])('a closed account %#', (read, expected) => {
  expect(judgeClosed(read, 'ada')).toBe(expected);
});

test.each([
  ['gone', 'new', {}, undefined],
  ['gone', 'refused', {}, true],
  ['gone', 'back', { deletion: 'deactivates' }, undefined],
  ['closed', 'refused', { deletion: 'deactivates' }, undefined],
  ['there', 'refused', {}, true],
] as const)('an account that is %s after DELETE, and whose name is %s', (state, again, expected, undecided) => {
  const judged = judgeDeletion(state, again);
  expect([words([judged]), judged.undecided]).toEqual([expected, undecided]);
});

test.each([
  ['ratelimit-policy', '"default";q=100;w=60', [{ requests: 100, seconds: 60 }]],
  [
    'ratelimit-policy',
    '100;w=60, 1000;w=3600',
    [
      { requests: 100, seconds: 60 },
      { requests: 1000, seconds: 3600 },
    ],
  ],
  ['x-ratelimit-limit', '100', []],
  ['ratelimit', '"default";r=50;t=30', []],
])('%s: %s', (name, value, expected) => {
  expect(windowOf(name, value)).toEqual(expected);
});

test('haste is counted only where it was about haste', () => {
  const sent = (status: number, headers = {}) => ({ sent: reply(status, {}, headers) });
  expect(judgeHaste([sent(200), sent(429)], 25)[0]?.sentence).toMatch(/no 429/);
  expect(judgeHaste([sent(200, { 'ratelimit-policy': '10;w=1' }), sent(429, { 'retry-after': '1' })], 25)).toEqual([
    expect.objectContaining({ sentence: expect.stringMatching(/^1 of 2 answers were 429/) }),
    expect.objectContaining({ sentence: 'ratelimit-policy: 10;w=1' }),
    expect.objectContaining({ words: { allows: { windows: [{ requests: 10, seconds: 1 }] } } }),
  ]);
});

test('evidence holds neither credentials nor cookies nor strangers', () => {
  const [line = ''] = evidenceLines(
    [
      {
        at: instant(0),
        request: {
          method: 'GET',
          url: 'http://app.example/scim/Users?key=k3y-of-the-door&count=2',
          headers: { authorization: 'Bearer fetched-token-0815' },
        },
        sent: reply(
          200,
          {
            Resources: [
              { id: '1', userName: 'ada' },
              { id: '2', userName: 'canary' },
            ],
            hint: 'you sent fetched-token-0815 and s3cret',
          },
          { 'set-cookie': 'session=1', etag: 'W/"1"' },
        ),
      },
    ],
    'http://app.example/scim?key=k3y-of-the-door',
    (text) => text.replaceAll('s3cret', '•••'),
    (row) => (row as { id: string }).id === '2',
  );
  expect(JSON.parse(line)).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    method: 'GET',
    path: '/Users?•••&count=2',
    status: 200,
    headers: { etag: 'W/"1"' },
    body: {
      Resources: [{ id: '2', userName: 'canary' }, '1 of somebody else, not kept'],
      hint: 'you sent ••• and •••',
    },
  });
});

test('the notebook keeps the words of all findings, the later over the earlier', () => {
  const book = openNotebook(generic);
  book.note(
    { about: 'x', sentence: 'one', words: { speaks: { bulk: 'offered', update: 'put' } } },
    { about: 'x', sentence: 'two', words: { speaks: { update: 'patch' }, holds: { groups: false } } },
  );
  const { speaks, holds } = book.profile();
  expect([speaks.bulk, speaks.update, holds.groups, speaks.listing]).toEqual(['offered', 'patch', false, 'index']);
});
