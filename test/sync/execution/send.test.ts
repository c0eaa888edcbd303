import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { PerformOutcome, PreparedOperation } from '../../../src/scim/operation-context.ts';
import type { ExecutionDeps, ExecutionRound } from '../../../src/sync/context.ts';
import { afterActivation, send } from '../../../src/sync/execution/send.ts';
import { idOf, members, never, operationContext, person, profile, remove, update } from '../../scim/fixtures.ts';

const reactivation: Operation = {
  ...update('ada', [
    ['active', false, true],
    ['title', 'x', 'y'],
  ]),
  action: 'reactivate',
};
const adopted: Extract<Outcome, { kind: 'adopted' }> = {
  kind: 'adopted',
  status: 409,
  resource: { remoteId: remoteId('9'), body: {}, active: false },
};
const found: PerformOutcome = { ...adopted, kind: 'existing', by: 'userName', origin: 'lookup' };

/** Sends an operation to a target that returns these outcomes, in this order. */
async function sending(
  operation: Operation,
  answers: readonly PerformOutcome[],
  {
    needsGroupMembers = false,
    protocol = {},
    isLast = false,
  }: { needsGroupMembers?: boolean; protocol?: Partial<Protocol>; isLast?: boolean } = {},
) {
  const performed: PreparedOperation[] = [];
  const deps = {
    ledger: { markSent: async () => undefined, flush: async () => undefined },
    serving: {
      owners: async (accounts: readonly unknown[]) => accounts.map(() => undefined),
      membersOf: async () => ({ members: [{ member: person('bob'), id: idOf('bob') }], names: new Map() }),
    },
    clock: { now: () => 1 },
    target: {
      needsGroupMembers,
      perform: async (prepared: PreparedOperation) => {
        performed.push(prepared);
        return { outcome: answers[performed.length - 1], requests: 2, retries: 1, sentAt: performed.length };
      },
    },
  } as unknown as ExecutionDeps;
  const round = {
    round: 0,
    isLast,
    spec: {
      ...{ profile: profile({ protocol }), adopt: true, adoptConflicts: false },
      verification: { firstWrites: 0, writesShare: 0 },
    },
    mapping: { uniquePaths: () => [] },
  } as unknown as ExecutionRound;
  return { result: await send(deps, round, 1, operationContext(operation), never), performed };
}

const done: Outcome = { kind: 'done', status: 200 };

describe('send', () => {
  test('one response is the result', async () => {
    const { result, performed } = await sending(members(['a']), [done]);
    expect(result).toEqual({ outcome: done, requests: 2, retries: 1, sentAt: 1 });
    expect(performed[0]).not.toHaveProperty('members');
  });

  test('a target with PUT for groups gets all members', async () => {
    const { performed } = await sending(members(['a']), [done], { needsGroupMembers: true });
    expect(performed.map((one) => one.members?.map(({ id }) => id))).toEqual([['id-bob']]);
  });

  test('members are added once if the response requires them', async () => {
    const { result, performed } = await sending(members(['a']), [{ kind: 'needsMembers' }, { kind: 'needsMembers' }]);
    expect(performed).toHaveLength(2);
    expect(performed[1]?.members).toHaveLength(1);
    expect(result).toMatchObject({ outcome: { kind: 'skipped' }, requests: 4, retries: 2, sentAt: 1 });
  });

  test('an inactive account that a reactivation adopts is activated', async () => {
    const { result, performed } = await sending(reactivation, [found, done]);
    expect(performed[1]).toMatchObject({
      remoteId: '9',
      operation: { action: 'update', key: sourceKey('ada'), edits: [{ path: 'active', from: false, to: true }] },
    });
    expect(result).toMatchObject({ outcome: { kind: 'done', remoteId: '9', unresolved: ['title'] }, requests: 4 });
  });

  test('an active account that a reactivation adopts is not changed', async () => {
    const active: PerformOutcome = { ...found, resource: { ...adopted.resource, active: true } };
    const { result, performed } = await sending(reactivation, [active]);
    expect(performed).toHaveLength(1);
    expect(result.outcome.kind).toBe('adopted');
  });
});

describe('a removal of an account that has another id', () => {
  const closing: Operation = { ...reactivation, action: 'deactivate' };
  const active: PerformOutcome = { ...found, resource: { ...adopted.resource, active: true } };

  test('is sent to the other id', async () => {
    const { result, performed } = await sending(closing, [active, done]);
    expect(performed.map(({ remoteId }) => remoteId)).toEqual(['id-ada', '9']);
    expect(performed[1]?.operation).toEqual(closing);
    expect(result).toMatchObject({ outcome: { kind: 'done', movedTo: '9' }, requests: 4 });
  });

  test('is not sent again to an inactive account', async () => {
    expect((await sending(closing, [found])).result).toMatchObject({
      outcome: { kind: 'done', evidence: 'read', movedTo: '9' },
      requests: 2,
    });
  });

  test('where a deletion does not end memberships, the account is closed and deleted in the next round', async () => {
    const { result, performed } = await sending(remove('ada'), [active, done]);
    expect(performed.map(({ operation, remoteId }) => [operation.action, remoteId])).toEqual([
      ['delete', 'id-ada'],
      ['deactivate', '9'],
    ]);
    expect(result).toMatchObject({
      outcome: { kind: 'adopted', resource: { remoteId: '9', active: false, body: { active: false } } },
      requests: 4,
    });
    expect((await sending(remove('ada'), [found])).result).toMatchObject({ outcome: { kind: 'adopted' }, requests: 2 });
  });

  test('if it cannot be deactivated, it is deleted in the next round, or at once in the last one', async () => {
    const refused: PerformOutcome = { kind: 'rejected', status: 501, detail: 'no' };
    const first = await sending(remove('ada'), [active, refused]);
    expect(first.result).toMatchObject({ outcome: { kind: 'adopted', resource: { active: true } }, requests: 4 });
    const last = await sending(remove('ada'), [active, refused, done], { isLast: true });
    expect(last.performed.map(({ operation }) => operation.action)).toEqual(['delete', 'deactivate', 'delete']);
    expect(last.result).toMatchObject({ outcome: { kind: 'done', movedTo: '9' }, requests: 6 });
  });

  test('it is deleted at once where a deletion ends memberships', async () => {
    const second = await sending(remove('ada'), [active, done], { protocol: { deletionEndsMemberships: true } });
    expect(second.performed.map(({ operation }) => operation.action)).toEqual(['delete', 'delete']);
    expect(second.result).toMatchObject({ outcome: { kind: 'done', movedTo: '9' } });
  });

  test('fails with the second response', async () => {
    const refused: PerformOutcome = { kind: 'rejected', status: 400, detail: 'no' };
    expect((await sending(closing, [active, refused])).result.outcome).toEqual(refused);
  });
});

describe('a group that the target refuses to delete', () => {
  const deletion: Operation = remove('eng', 'Group');
  const refused: PerformOutcome = { kind: 'rejected', status: 405, detail: '405: no' };

  test('loses its members instead', async () => {
    const { result, performed } = await sending(deletion, [refused, done]);
    expect(performed[1]?.operation).toMatchObject({ action: 'members', add: [], remove: [person('bob')] });
    expect([...(performed[1]?.ids ?? [])]).toEqual([['User:bob', 'id-bob']]);
    expect(result.outcome).toMatchObject({
      kind: 'done',
      status: 405,
      insteadOfDeletion: { kind: 'emptied', removed: [person('bob')] },
      detail: 'the target refused to delete the group, so its members were removed: 405: no',
    });
  });

  test('keeps the members that the target refuses to remove', async () => {
    const { result } = await sending(deletion, [refused, { ...done, rejectedMembers: [person('bob')] }]);
    expect(result.outcome).toMatchObject({ rejectedMembers: [person('bob')], insteadOfDeletion: { removed: [] } });
  });

  test('fails with both answers', async () => {
    const { result } = await sending(deletion, [refused, { kind: 'rejected', status: 403, detail: '403: no' }]);
    expect(result.outcome).toMatchObject({ kind: 'rejected', detail: expect.stringMatching(/^405.*instead: 403/) });
  });
});

test.each<[string, Outcome, object]>([
  ['done', { kind: 'done', status: 200 }, { kind: 'done', remoteId: '9', unresolved: ['title'] }],
  ['not found', { kind: 'notFound', status: 404, detail: 'no' }, { kind: 'rejected', status: 404 }],
  ['refused', { kind: 'rejected', status: 400, detail: 'no' }, { kind: 'rejected', status: 400, detail: 'no' }],
  ['no response', { kind: 'unknown', detail: 'lost' }, { kind: 'unknown' }],
])('an activation that is %s', (_, activated, expected) => {
  expect(afterActivation(reactivation, adopted, activated)).toMatchObject(expected);
});
