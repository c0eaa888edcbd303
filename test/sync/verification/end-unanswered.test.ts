import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { OperationState, UnansweredRemoval } from '../../../src/store/store.ts';
import { endOf } from '../../../src/sync/verification/end-unanswered.ts';
import type { SimulatedResult } from '../../world/in-memory-target.ts';
import { targetSpec } from '../company.ts';
import { companyOf, createPassFixture, type PassFixture } from '../pass-fixture.ts';

const next = (action: Operation['action'], state: OperationState, evidence?: Evidence): UnansweredRemoval['next'] => ({
  pass: 7,
  action,
  state,
  evidence,
});

describe('a removal without an answer', () => {
  const deletion: UnansweredRemoval = {
    ...{ id: 1, action: 'delete', detail: 'no answer', isOpen: false, account: 'none', next: undefined },
  };
  test.each<[string, Partial<UnansweredRemoval>, [state: string, evidence: Evidence] | undefined]>([
    ['the next removal found the account gone', { next: next('delete', 'done', 'read') }, ['done', 'read']],
    ['the next removal was answered', { next: next('delete', 'done', 'answered') }, ['done', 'answered']],
    ['the answer of the next removal shows it', { next: next('deactivate', 'done', 'shown') }, ['done', 'shown']],
    ['a read contradicts the next removal', { next: next('delete', 'failed', 'read') }, ['failed', 'read']],
    ['the user returned', { next: next('reactivate', 'done', 'answered') }, ['failed', 'answered']],
    ['the account was created again', { next: next('create', 'done', 'shown') }, ['failed', 'shown']],
    ['a row of an earlier version without evidence', { next: next('delete', 'done') }, ['done', 'answered']],
    ['still in doubt', { isOpen: true, account: 'active' }, undefined],
    ['the snapshot forgot the account by another way', { account: 'none' }, undefined],
    ['a read proved the account missing', { account: 'missing' }, ['done', 'read']],
    ['a read shows the account', { account: 'active' }, ['failed', 'read']],
    ['a read shows the account to delete as inactive', { account: 'inactive' }, ['failed', 'read']],
    ['a read shows the inactive account', { action: 'deactivate', account: 'inactive' }, ['done', 'read']],
    ['memberships are compared again', { action: 'members', isOpen: true, account: 'active' }, undefined],
    [
      'memberships are compared again, although another member was removed',
      { action: 'members', isOpen: true, account: 'active', next: next('members', 'done', 'answered') },
      undefined,
    ],
    [
      'memberships were removed by another request',
      { action: 'members', account: 'active', next: next('members', 'done', 'answered') },
      ['done', 'answered'],
    ],
    ['memberships ended with the account', { action: 'members', account: 'active' }, ['done', 'read']],
  ])('%s', (_, facts, expected) => {
    const end = endOf({ ...deletion, ...facts });
    expect(end === undefined ? undefined : [end.state, end.evidence]).toEqual(expected);
  });
});

const both = companyOf({ p1: 'ada', p2: 'bob' }, { g: { name: 'all', members: ['p1', 'p2'] } });
const onlyBob = companyOf({ p2: 'bob' }, { g: { name: 'all', members: ['p2'] } });
const alone = companyOf({ p1: 'ada', p2: 'bob' });
const withoutAda = companyOf({ p2: 'bob' });

const on =
  (action: Operation['action'], result: SimulatedResult) =>
  (operation: Operation): SimulatedResult =>
    operation.action === action ? result : 'answered';

/** The journal's rows of an action, in the order of the passes. */
async function rowsOf({ store, report }: PassFixture, action: Operation['action']): Promise<readonly string[]> {
  const states: string[] = [];
  for (let pass = 1; pass <= report().pass; pass += 1)
    for await (const { operation, state } of store.journal.allOperations(pass, 'app', 0))
      if (operation.action === action && operation.key !== 'p2') states.push(state);
  return states;
}

describe('the journal states how a removal ended', () => {
  test('a deletion that took effect', async () => {
    using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
    await fixture.pass(alone);
    fixture.target.simulate = on('delete', 'lostAfter');
    await fixture.pass(withoutAda);
    expect(await rowsOf(fixture, 'delete')).toEqual(['unknown']);
    fixture.target.simulate = () => 'answered';
    // The account is read first; it is gone, so nothing is sent.
    expect(await fixture.pass(withoutAda)).toEqual([]);
    expect(await rowsOf(fixture, 'delete')).toEqual(['done', 'done']);
    expect(await fixture.store.journal.unansweredRemovals('app', 10)).toEqual([]);
  });

  test.each<[Operation['action'], typeof both]>([
    ['deactivate', alone],
    ['members', both],
  ])('%s', async (action, company) => {
    using fixture = createPassFixture();
    await fixture.pass(company);
    const before = (await rowsOf(fixture, action)).length;
    fixture.target.simulate = on(action, 'lostAfter');
    const after = company === both ? onlyBob : withoutAda;
    await fixture.pass(after);
    expect((await rowsOf(fixture, action)).slice(before)).toEqual(['unknown']);
    fixture.target.simulate = () => 'answered';
    await fixture.pass(after);
    expect((await rowsOf(fixture, action)).slice(before)).toEqual(['done', 'done']);
    expect(await fixture.pass(after)).toEqual([]);
  });

  test('a deactivation of a user who returns', async () => {
    using fixture = createPassFixture();
    await fixture.pass(alone);
    fixture.target.simulate = on('deactivate', 'lostAfter');
    await fixture.pass(withoutAda);
    fixture.target.simulate = () => 'answered';
    await fixture.pass(alone);
    expect(await rowsOf(fixture, 'deactivate')).toEqual(['failed']);
    expect(fixture.target.accounts.User.get('r1')?.body['active']).toBe(true);
  });

  test('a deactivation that was carried out is read, and not sent again', async () => {
    using fixture = createPassFixture();
    await fixture.pass(alone);
    fixture.target.simulate = (operation) => (operation.action === 'deactivate' ? 'lostAfter' : 'answered');
    expect(await fixture.pass(withoutAda)).toEqual(['deactivate User p1']);
    expect(await rowsOf(fixture, 'deactivate')).toEqual(['unknown']);
    expect(await fixture.pass(withoutAda)).toEqual([]);
    expect(await rowsOf(fixture, 'deactivate')).toEqual(['done', 'done']);
  });
});
