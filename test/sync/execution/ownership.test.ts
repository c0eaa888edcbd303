import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Outcome, RemoteResource } from '../../../src/model/outcome.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import { accountsIn, judgeOwnership, type Owners } from '../../../src/sync/execution/ownership.ts';
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
    const judged = judgeOwnership(operation, outcome, owners, mayAdopt);
    expect(judged).toMatchObject(expected);
    if (judged.kind === 'adopted')
      expect('resource' in expected && judged.resource).toEqual((expected as { resource: unknown }).resource);
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
