import { describe, expect, test } from '@jest/globals';
import { instant, remoteId } from '../../src/model/ids.ts';
import { toScimJson } from '../../src/model/scim-json.ts';
import { endpointProblem } from '../../src/probe/connect.ts';
import { judgeInactive } from '../../src/probe/users/deactivation.ts';
import { judgeDeletion } from '../../src/probe/users/deletion.ts';
import { judgeDuplicate } from '../../src/probe/protocol/duplicate.ts';
import { evidenceLines } from '../../src/probe/evidence.ts';
import { createFindings, type Finding } from '../../src/probe/finding.ts';
import { judgeRateLimit, parseRateLimitPolicy } from '../../src/probe/protocol/rate-limit.ts';
import { compareStored, judgeStoredValues, storedValuesOf } from '../../src/probe/users/stored-values.ts';
import { judgeListing, type Page } from '../../src/probe/protocol/listing.ts';
import { isReliable, judgeFilter, describeLookup } from '../../src/probe/protocol/lookup.ts';
import { containsName, isCanary, createCanaryNames } from '../../src/probe/names.ts';
import { judgePatch, createsLiteralAttribute, type PatchEffect } from '../../src/probe/protocol/patch-support.ts';
import { judgeRename } from '../../src/probe/users/rename.ts';
import { judgeUpdate } from '../../src/probe/protocol/put-support.ts';
import type { PatchVariantName } from '../../src/probe/protocol/patch-variants.ts';
import { toResponse } from '../../src/scim/transport/message.ts';
import { generic } from './run-probe.ts';

const response = (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  toResponse(status, headers, typeof body === 'string' ? body : JSON.stringify(body));
const list = (...ids: string[]) => response(200, { totalResults: ids.length, Resources: ids.map((id) => ({ id })) });
const workMail = 'emails[type eq "work"].value';
/** The settings that findings decide. */
const decidedSettings = (findings: readonly Finding[]): object =>
  Object.assign(
    {},
    ...findings.map(({ settings }) => ({ ...settings?.supports, ...settings?.protocol, ...settings?.limits })),
  ) as object;

describe('names', () => {
  const names = createCanaryNames(instant(Date.UTC(2026, 10, 26, 1, 8, 15, 936)));

  test('are unique and have the canary prefix', () => {
    expect([names.next('User'), names.next('User'), names.next('Group'), names.unusedName]).toEqual([
      'scimsync-canary-20261126t010815936-1@example.invalid',
      'scimsync-canary-20261126t010815936-2@example.invalid',
      'scimsync-canary-20261126t010815936-group-1',
      'scimsync-canary-20261126t010815936-absent@example.invalid',
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
  ])('%j contains the first one: %s', (resource, expected) => {
    expect(containsName(resource, 'scimsync-canary-20261126t010815936-1@example.invalid')).toBe(expected);
  });
});

test.each([
  [list('1'), undefined],
  [response(200, { totalResults: 0 }), undefined],
  [response(200, {}), /without a ListResponse/],
  [response(200, ''), /empty body/],
  [response(200, '<html>Log in</html>'), /HTML page/],
  [response(401, { detail: 'no' }), /credentials/],
  [response(404, { detail: 'no' }), /no users endpoint/],
  [response(500, { detail: 'oops' }), /listing of users fails/],
])('the first response, case %#', (first, expected) => {
  if (expected === undefined) expect(endpointProblem(first)).toBeUndefined();
  else expect(endpointProblem(first)).toMatch(expected);
});

test.each([
  ['Ada', 'Ada', 'equal'],
  ['Ada', 'ada', 'case'],
  ['+1 (555) 010', '+1555010', 'punctuation'],
  ['en-GB', 'en_gb', 'punctuation'],
  ['Ada', undefined, 'missing'],
  ['Ada', 'Countess', 'changed'],
  ['(', ')', 'changed'],
  [true, 'True', 'equal'],
  [true, false, 'changed'],
] as const)('%j stored as %j: %s', (sent, stored, expected) => {
  expect(compareStored(sent, stored)).toBe(expected);
});

test('settings about stored attributes', () => {
  const sent = {
    userName: 'Ada@X',
    externalId: 'e-1',
    title: 'Dr',
    'phoneNumbers[type eq "work"].value': '+1 (5)',
    'emails[type eq "work"].value': 'Ada@X',
    'emails[type eq "home"].value': 'Home@X',
    nickName: 'A',
  };
  const stored = {
    userName: 'ada@x',
    'phoneNumbers[type eq "work"].value': '+15',
    'emails[type eq "work"].value': 'ada@x',
    nickName: 'A',
  };
  expect(
    decidedSettings(
      judgeStoredValues(
        sent,
        storedValuesOf({ ...toScimJson('User', stored), external_id: 'e-1' }, sent),
        ['timezone'],
        {
          caseInsensitive: ['userName'],
          lists: { emails: { primary: true } },
        },
      ),
    ),
  ).toEqual({
    unsupportedAttributes: ['timezone', 'title'],
    caseInsensitive: ['userName', 'emails'],
    ignoresPunctuation: ['phoneNumbers'],
    lists: { emails: { primary: true, maxItems: 1 } },
  });
});

test.each([
  [{ emails: ['ada@x'] }, { [workMail]: 'ada@x' }, []],
  [{ emails: [{ type: 'other', value: 'ADA@x' }] }, { [workMail]: 'ADA@x' }, []],
  [{ mail: 'ada@x' }, {}, [workMail]],
  [{ mail: 'not ada@x' }, {}, []],
] as const)('the work e-mail address in %j', (resource, values, elsewhere) => {
  expect(storedValuesOf(resource, { [workMail]: 'ada@x' })).toEqual({ values, elsewhere });
});

describe('an update of userName', () => {
  const immutable = { immutableAttributes: ['emails', 'userName'] };
  test.each([
    ['works', response(200), true, {}],
    ['has no effect', response(200), false, immutable],
    ['is refused with mutability', response(400, { scimType: 'mutability', detail: 'no' }), false, immutable],
    ['is refused with a text', response(422, { message: 'userName cannot be modified' }), false, immutable],
    ['is refused for its value', response(400, { detail: 'must be an address of your domain' }), false, {}],
    ['fails', response(500), false, {}],
  ])('%s', (_, result, isRenamed, expected) => {
    expect(decidedSettings(judgeRename(result, isRenamed, ['emails']))).toEqual(expected);
  });
});

describe('the create of an existing user', () => {
  const canary = { resourceType: 'User' as const, name: 'x', id: remoteId('7') };
  const known = { conflictStatuses: [409], conflictMessages: [], allowsDuplicates: [] };
  test.each([
    ['409', response(409, { detail: 'taken' }), undefined, undefined, {}],
    [
      '400 with a text of its own',
      response(400, { detail: 'User already exists' }),
      undefined,
      response(400, { detail: 'emails is wrong' }),
      { conflictStatuses: [409, 400], conflictMessages: ['already exists'] },
    ],
    [
      '400 with the text of every error',
      response(400, { detail: 'conflict or error' }),
      undefined,
      response(400, { detail: 'conflict or error' }),
      { conflictStatuses: [409, 400], conflictMessages: [] },
    ],
    ['the existing user', response(200, { id: '7' }), canary, undefined, {}],
    [
      'another user',
      response(201, { id: '8' }),
      { ...canary, id: remoteId('8') },
      undefined,
      { allowsDuplicates: ['User'] },
    ],
    ['401', response(401), undefined, undefined, {}],
  ])('is answered with %s', (_, result, second, unrelated, expected) => {
    const findings = judgeDuplicate('User', result, canary, second, unrelated, known);
    expect(decidedSettings(findings)).toEqual(expected);
  });
});

test.each([
  [list('7'), 'found'],
  [list('7', '7'), 'found'],
  [list('8'), 'otherRows'],
  [list('7', '8'), 'otherRows'],
  [list(), 'empty'],
  [response(404), 'empty'],
  [response(501), 'refused'],
  [response(200, {}), 'refused'],
])('a filter for 7, case %#', (result, kind) => {
  expect(judgeFilter(result, '7').kind).toBe(kind);
});

test('an attribute is unreliable if the filter also finds the user by the value of another attribute', () => {
  const found = { kind: 'found' } as const;
  const lookupResult = (cross: Parameters<typeof isReliable>[0]['cross']) => ({
    attribute: 'externalId',
    match: found,
    ...(cross === undefined ? {} : { cross }),
  });
  expect(
    [undefined, found, { kind: 'empty' } as const, { kind: 'otherRows', rows: 3 } as const].map((cross) =>
      isReliable(lookupResult(cross)),
    ),
  ).toEqual([true, false, true, false]);
  expect(describeLookup(lookupResult(found))).toMatch(/another attribute/);
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
    ['ignores startIndex and has a cursor', { second: page(['1']), cursor: page(['1'], { next: 'c' }) }, 'cursor'],
    ['returns all users', { first: page(all), second: page(all) }, 'single'],
    [
      'returns the same page again',
      { first: page(['1']), second: page(['1']), plain: page(['1', '2'], { total: 9 }) },
      'unreliable',
    ],
    [
      'does not return the canaries',
      { first: page(['8', '9']), second: page(['8', '9']), plain: page(['8', '9'], { total: 2 }) },
      'unreliable',
    ],
    ['refuses paging', { first: page([], { error: '400' }), second: page([], { error: '400' }) }, 'single'],
  ])('that %s', (_, pages, expected) => {
    expect(decidedSettings(judgeListing({ ...usual, ...pages }, ['2', '3']))).toEqual({ listing: expected });
  });
});

describe('forms of PATCH', () => {
  const usual: Readonly<Partial<Record<PatchVariantName, PatchEffect>>> = {
    lower: 'works',
    title: 'ignored',
    nested: 'works',
    dotted: 'ignored',
    subPath: 'works',
    valuePath: 'works',
    wholeList: 'works',
    extensionPath: 'works',
    nestedExtension: 'works',
    dottedExtension: 'ignored',
    dottedValuePath: 'ignored',
    pathlessList: 'works',
    add: 'works',
    remove: 'works',
  };
  const judge = (changes: Partial<Record<PatchVariantName, PatchEffect>>, announcesPatch?: boolean) =>
    judgePatch(new Map(Object.entries({ ...usual, ...changes }) as [PatchVariantName, PatchEffect][]), announcesPatch);
  const lower = { patchOps: 'lower', patchPaths: 'always' };
  test.each([
    ['all', {}, undefined, lower, 'all'],
    ['all, although discovery announces no PATCH', {}, false, { ...lower, update: 'patch' }, 'all'],
    ['title case only', { lower: 'ignored', title: 'works' }, undefined, { ...lower, patchOps: 'title' }, 'all'],
    ['no path with a URN', { extensionPath: 'ignored' }, undefined, { patchOps: 'lower', patchPaths: 'nested' }, 'all'],
    [
      'no path with a URN, and objects that remove siblings',
      { extensionPath: 'ignored', nested: 'removesSiblings', nestedExtension: 'removesSiblings' },
      undefined,
      lower,
      'some',
    ],
    ['paths that become attribute names', { subPath: 'createsLiteral', nested: 'refused' }, undefined, lower, 'some'],
    ['no value paths', { valuePath: 'refused' }, undefined, { ...lower, valuePaths: false }, 'all'],
    ['no removals', { remove: 'refused' }, undefined, lower, 'some'],
    ['none', { lower: 'ignored', title: 'ignored', nested: 'ignored' }, undefined, { update: 'put' }, 'none'],
  ] as const)('%s', (_, changes, announcesPatch, expected, coverage) => {
    const judged = judge(changes, announcesPatch);
    expect([decidedSettings(judged.findings), judged.coverage]).toEqual([expected, coverage]);
  });

  test.each([
    [{ works: true, wipes: true }, 'all', {}],
    [{ works: true, wipes: true }, 'some', { update: 'getThenPut', updateGroups: 'patch' }],
    [{ works: true, wipes: false }, 'none', { update: 'put' }],
    [{ works: true }, 'none', { update: 'getThenPut' }],
    [{ works: false }, 'some', {}],
    [{ works: false }, 'none', { update: 'auto' }],
  ] as const)('PUT %j, PATCH coverage %s', (put, coverage, expected) => {
    expect(decidedSettings(judgeUpdate(put, coverage, undefined))).toEqual(expected);
  });

  test('an attribute whose name is a path is detected', () => {
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    expect(
      [
        { 'name.familyName': 'x' },
        { 'emails[type eq "work"].value': 'x' },
        { [`${urn}:department`]: 'x' },
        { [urn]: {} },
        { title: 'x' },
      ].map((after) => createsLiteralAttribute({ id: '1' }, after)),
    ).toEqual([true, true, true, false, false]);
    expect(createsLiteralAttribute({ 'name.familyName': 'x' }, { 'name.familyName': 'y' })).toBe(false);
  });
});

test.each([
  [response(404), 'notFound'],
  [response(200, { id: '1', userName: 'ada', active: false }), 'readable'],
  [response(200, { id: '1', userName: 'ADA', active: 'False' }), 'readable'],
  [response(200, { id: '1', userName: 'f00ba4', active: false }), 'anonymised'],
  [response(200, { id: '1', userName: 'ada', active: true }), 'active'],
  [response(200, { id: '1', userName: 'ada' }), 'unknown'],
  [response(500), 'unknown'],
])('visibility of an inactive user, case %#', (read, expected) => {
  expect(judgeInactive(read, 'ada')).toBe(expected);
});

test.each([
  ['deleted', 'newId', {}, undefined],
  ['deleted', 'refused', {}, true],
  ['deleted', 'sameId', { deletion: 'deactivates' }, undefined],
  ['deactivated', 'refused', { deletion: 'deactivates' }, undefined],
  ['present', 'refused', {}, true],
] as const)('%s after DELETE, then a create: %s', (state, recreation, expected, undecided) => {
  const judged = judgeDeletion(state, recreation);
  expect([decidedSettings([judged]), judged.undecided]).toEqual([expected, undecided]);
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
  expect(parseRateLimitPolicy(name, value)).toEqual(expected);
});

test('only 429 with Retry-After counts as rate limiting', () => {
  const sent = (status: number, headers = {}) => ({ sent: response(status, {}, headers) });
  expect(judgeRateLimit([sent(200), sent(429)], 25)[0]?.sentence).toMatch(/no 429/);
  expect(judgeRateLimit([sent(200, { 'ratelimit-policy': '10;w=1' }), sent(429, { 'retry-after': '1' })], 25)).toEqual([
    expect.objectContaining({ sentence: expect.stringMatching(/^1 of 2 responses were 429/) }),
    expect.objectContaining({ sentence: 'ratelimit-policy: 10;w=1' }),
    expect.objectContaining({ settings: { limits: { quotas: [{ requests: 10, seconds: 1 }] } } }),
  ]);
});

test('evidence holds no credentials, cookies or other users', () => {
  const [line = ''] = evidenceLines(
    [
      {
        at: instant(0),
        request: {
          method: 'GET',
          url: 'http://app.example/scim/Users?key=k3y-of-the-door&count=2',
          headers: { authorization: 'Bearer fetched-token-0815' },
        },
        sent: response(
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
      Resources: [{ id: '2', userName: 'canary' }, '1 other row omitted'],
      hint: 'you sent ••• and •••',
    },
  });
});

test('a later finding overrides the settings of an earlier one', () => {
  const findings = createFindings(generic);
  findings.add(
    { topic: 'x', sentence: 'one', settings: { protocol: { bulk: 'offered', update: 'put' } } },
    { topic: 'x', sentence: 'two', settings: { protocol: { update: 'patch' }, supports: { groups: false } } },
  );
  const { protocol, supports } = findings.profile();
  expect([protocol.bulk, protocol.update, supports.groups, protocol.listing]).toEqual([
    'offered',
    'patch',
    false,
    'index',
  ]);
});
