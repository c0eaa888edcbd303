import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Outcome, RemoteResource } from '../../../src/model/outcome.ts';
import type { FlatResource } from '../../../src/model/resource.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import { accountsIn, judgeOwnership, otherExternalId, type Owners } from '../../../src/sync/execution/ownership.ts';
import { create, members, update } from '../../scim/fixtures.ts';

const ada = create('ada');
const verify: Operation = { ...ada, action: 'verifyCreate' };
const reactivation: Operation = { ...update('ada', [['active', false, true]]), action: 'reactivate' };
const resource: RemoteResource = { remoteId: remoteId('1'), body: { userName: 'ada' }, active: true };
const managed: RemoteResource = { ...resource, manager: remoteId('7') };
const existing = (
  origin: 'lookup' | 'ownCreate' | 'response',
  changes: Partial<RemoteResource> = {},
  status = 409,
): PerformOutcome => ({ kind: 'existing', status, by: 'userName', origin, resource: { ...resource, ...changes } });
const done: Outcome = { kind: 'done', status: 201, remoteId: remoteId('1') };
const own: Owners = { account: sourceKey('ada') };
const foreign: Owners = { account: sourceKey('k9') };

type Row = [string, Operation, PerformOutcome, Owners, boolean, object];

describe('judgeOwnership', () => {
  test.each<Row>([
    [
      'an account without an owner is adopted',
      ada,
      existing('lookup'),
      {},
      true,
      { kind: 'adopted', status: 409, resource },
    ],
    ['our own account is adopted again', ada, existing('lookup'), own, true, { kind: 'adopted', resource }],
    [
      'another record owns it',
      ada,
      existing('lookup'),
      foreign,
      true,
      { kind: 'rejected', status: 409, detail: expect.stringContaining('key k9') },
    ],
    [
      'adoption is off',
      ada,
      existing('lookup'),
      {},
      false,
      { kind: 'rejected', status: 409, detail: expect.stringContaining('"adopt"') },
    ],
    [
      'adoption is off, the account comes from our unanswered create',
      ada,
      existing('ownCreate'),
      {},
      false,
      { kind: 'adopted', resource },
    ],
    [
      'unanswered create, but another record owns the account',
      ada,
      existing('ownCreate'),
      foreign,
      true,
      { kind: 'rejected', status: 409 },
    ],
    [
      'the target responded with an existing account',
      ada,
      existing('response', {}, 201),
      {},
      true,
      { kind: 'adopted', status: 201, resource },
    ],
    [
      'the target responded with an existing account, adoption is off',
      ada,
      existing('response', {}, 201),
      {},
      false,
      { kind: 'rejected', status: 409 },
    ],
    [
      'the target responded with the account of another record',
      ada,
      existing('response', {}, 201),
      foreign,
      true,
      { kind: 'rejected', status: 201, detail: expect.stringMatching(/there before, that of key k9/) },
    ],
    ['verified: found', verify, existing('ownCreate', {}, 200), {}, false, { kind: 'adopted', status: 200, resource }],
    [
      'verified: another record owns it',
      verify,
      existing('ownCreate', {}, 200),
      foreign,
      true,
      { kind: 'notFound', status: 404, detail: expect.stringContaining('key k9') },
    ],
    [
      'looked up for a missing account: another record owns it',
      { ...ada, action: 'deactivate', edits: [], body: {} },
      existing('lookup', {}, 200),
      foreign,
      true,
      { kind: 'notFound', status: 404, detail: expect.stringMatching(/^already gone.*key k9/) },
    ],
    [
      'a manager that a record owns',
      ada,
      existing('lookup', managed),
      { manager: sourceKey('grace') },
      true,
      { kind: 'adopted', resource: { ...resource, body: { userName: 'ada', [managerPath]: 'grace' } } },
    ],
    ['a manager without an owner', ada, existing('lookup', managed), {}, true, { kind: 'adopted', resource: managed }],
    ['created', ada, done, {}, true, done],
    [
      'created, with an id that another record owns',
      ada,
      done,
      foreign,
      true,
      { kind: 'rejected', status: 201, detail: expect.stringContaining('key k9') },
    ],
    [
      'reactivated by a create, with an id that another record owns',
      reactivation,
      done,
      foreign,
      true,
      { kind: 'rejected', status: 201 },
    ],
    ['reactivated under the same id', reactivation, done, own, true, done],
    ['an update is answered with any id', update('ada', [['title', 'x', 'y']]), done, foreign, true, done],
    ['members are not known', members(['a']), { kind: 'needsMembers' }, {}, true, { kind: 'skipped' }],
    [
      'refused',
      ada,
      { kind: 'rejected', status: 400, detail: 'no' },
      {},
      true,
      { kind: 'rejected', status: 400, detail: 'no' },
    ],
  ])('%s', (_, operation, outcome, owners, mayAdopt, expected) => {
    const policy = { name: 'app', adopt: mayAdopt, adoptConflicts: false, uniquePaths: () => [] };
    const judged = judgeOwnership(operation, outcome, owners, policy);
    expect(judged).toMatchObject(expected);
    if (judged.kind === 'adopted')
      expect('resource' in expected && judged.resource).toEqual((expected as { resource: unknown }).resource);
  });
});

describe('an account that carries another externalId', () => {
  const joiner: Operation = { ...create('ada'), body: { userName: 'ada', externalId: '4711' } };
  const verifying: Operation = { ...joiner, action: 'verifyCreate' };
  const returning: Operation = { ...reactivation, body: { userName: 'ada', externalId: '4711' } };
  const account = { body: { userName: 'ada', externalId: '815' }, active: false };

  test.each<[string, Operation, PerformOutcome, Owners, boolean, object]>([
    ['is not adopted', joiner, existing('lookup', account), {}, false, { kind: 'rejected', status: 409 }],
    ['is adopted on request', joiner, existing('lookup', account), {}, true, { kind: 'adopted' }],
    ['is not reactivated', returning, existing('lookup', account), {}, false, { kind: 'rejected', status: 409 }],
    ['in the answer to a create', joiner, existing('response', account), {}, false, { kind: 'rejected' }],
    ['is known as ours', joiner, existing('lookup', account), own, false, { kind: 'adopted' }],
    ['is not our unanswered create', verifying, existing('lookup', account), {}, false, { kind: 'notFound' }],
  ])('%s', (_, operation, outcome, owners, adoptConflicts, expected) => {
    const policy = { name: 'app', adopt: true, adoptConflicts, uniquePaths: () => [] };
    expect(judgeOwnership(operation, outcome, owners, policy)).toMatchObject(expected);
  });

  test('is named, with its externalId and the command', () => {
    const policy = { name: 'app', adopt: true, adoptConflicts: false, uniquePaths: () => [] };
    const judged = judgeOwnership(joiner, existing('lookup', account), {}, policy);
    for (const part of ['1', '"ada"', '"815"', 'scimsync sync --target app --adopt-conflicts'])
      expect(judged).toMatchObject({ detail: expect.stringContaining(part) });
  });

  test.each<[string, 'User' | 'Group', FlatResource, FlatResource, string | undefined]>([
    ['another', 'User', { externalId: '4711' }, { externalId: '815' }, '815'],
    ['the same', 'User', { externalId: '4711' }, { externalId: '4711' }, undefined],
    ['the same in another letter case', 'User', { externalId: 'aB1' }, { externalId: 'Ab1' }, undefined],
    ['the same as a number', 'User', { externalId: '4711' }, { externalId: 4711 }, undefined],
    ['another as a number', 'User', { externalId: '4711' }, { externalId: 815 }, '815'],
    ['none at the target', 'User', { externalId: '4711' }, {}, undefined],
    ['null at the target', 'User', { externalId: '4711' }, { externalId: null }, undefined],
    ['blank at the target', 'User', { externalId: '4711' }, { externalId: ' ' }, undefined],
    ['none is sent', 'User', {}, { externalId: '815' }, undefined],
    ['a group', 'Group', { externalId: '4711' }, { externalId: '815' }, undefined],
  ])('compared: %s', (_, resourceType, sent, atTarget, expected) => {
    expect(otherExternalId(resourceType, sent, atTarget)).toBe(expected);
  });
});

test.each<[string, Operation, PerformOutcome, object]>([
  ['a create that was answered with an id', ada, done, { account: { resourceType: 'User', id: '1' } }],
  [
    'a create that found an account',
    ada,
    existing('lookup', managed),
    { account: { resourceType: 'User', id: '1' }, manager: '7' },
  ],
  ['an update', update('ada', [['title', 'x', 'y']]), done, {}],
  ['a refusal', ada, { kind: 'rejected', status: 400, detail: 'no' }, {}],
])('accounts in the answer to %s', (_, operation, outcome, expected) => {
  expect(accountsIn(operation, outcome)).toEqual(expected);
});

describe('an account that has a unique value of a user to create', () => {
  const mail = 'emails[type eq "work"].value';
  const policy = { name: 'app', adopt: true, adoptConflicts: false, uniquePaths: () => ['userName'] };
  const adopted = { kind: 'adopted' };
  const taken = { kind: 'valueTaken', values: [{ path: 'userName', value: 'ada' }] };
  const names = { 'name.givenName': 'Ada', 'name.familyName': 'Byron' };

  test.each<[string, FlatResource, FlatResource, object]>([
    ['the same externalId', { externalId: '1' }, { externalId: '1' }, adopted],
    ['another externalId', { externalId: '1', [mail]: 'a@x' }, { externalId: '2', [mail]: 'a@x' }, taken],
    ['the same e-mail address', { externalId: '1', [mail]: 'a@x' }, { [mail]: 'A@x' }, adopted],
    ['another e-mail address', { externalId: '1', ...names, [mail]: 'a@x' }, { ...names, [mail]: 'b@x' }, taken],
    ['the same names', { externalId: '1', [mail]: 'a@x', ...names }, names, adopted],
    ['another given name', { externalId: '1', ...names }, { ...names, 'name.givenName': 'Bob' }, taken],
    ['the same displayName', { externalId: '1', displayName: 'Ada' }, { displayName: 'ada' }, adopted],
    ['nothing else', { externalId: '1', [mail]: 'a@x' }, {}, taken],
    ['nothing else, where no externalId is sent', {}, {}, adopted],
    ['another e-mail address, where no externalId is sent', { [mail]: 'a@x' }, { [mail]: 'b@x' }, taken],
  ])('%s', (_, sent, atTarget, expected) => {
    const joiner = { ...ada, body: { userName: 'ada', ...sent } } as Operation;
    const account = existing('lookup', { body: { userName: 'ADA', ...atTarget } });
    expect(judgeOwnership(joiner, account, {}, policy)).toMatchObject(expected);
    expect(judgeOwnership(joiner, account, {}, { ...policy, adoptConflicts: true })).toMatchObject(adopted);
    expect(judgeOwnership(joiner, account, foreign, policy)).toMatchObject(taken);
  });

  test('a refusal that names one of several values means that one', () => {
    const both = { ...policy, uniquePaths: () => ['userName', 'nickName'] };
    const joiner = { ...ada, body: { userName: 'ada', nickName: 'nick' } } as Operation;
    const refused = (detail: string): PerformOutcome => ({ kind: 'rejected', status: 409, detail, isConflict: true });
    const values = (detail: string): unknown => {
      const outcome = judgeOwnership(joiner, refused(detail), {}, both);
      return outcome.kind === 'valueTaken' ? outcome.values.map(({ path }) => path) : outcome.kind;
    };
    expect(values('409: the NickName is in use')).toEqual(['nickName']);
    expect(values('409: "ADA" is in use')).toEqual(['userName']);
    expect(values('409')).toEqual(['userName', 'nickName']);
    expect(judgeOwnership(joiner, { kind: 'rejected', status: 400, detail: 'ada' }, {}, both)).toMatchObject({
      kind: 'rejected',
    });
    const rename = update('ada', [['userName', 'ada', 'ada2']]);
    expect(judgeOwnership(rename, refused('409'), {}, both)).toMatchObject({
      kind: 'valueTaken',
      values: [{ path: 'userName', value: 'ada2' }],
    });
    const title = update('ada', [['title', 'x', 'y']]);
    expect(judgeOwnership(title, refused('409'), {}, both)).toMatchObject({ kind: 'rejected' });
  });
});
