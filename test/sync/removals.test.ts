import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../src/model/operation.ts';
import type { SimulatedResult } from '../world/in-memory-target.ts';
import { targetSpec } from './company.ts';
import { companyOf, createPassFixture } from './pass-fixture.ts';

const members =
  (result: SimulatedResult) =>
  (operation: Operation): SimulatedResult =>
    operation.action === 'members' ? result : 'answered';

const day = 86_400_000;
const both = companyOf({ p1: 'ada', p2: 'bob' }, { g: { name: 'all', members: ['p1', 'p2'] } });
const onlyBob = companyOf({ p2: 'bob' }, { g: { name: 'all', members: ['p2'] } });

describe('a leaver who is deleted', () => {
  test('is removed from the groups first', async () => {
    using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
    await fixture.pass(both);
    expect(await fixture.pass(onlyBob)).toEqual(['members Group g', 'delete User p1']);
  });

  test.each<SimulatedResult>(['refused', 'lostBefore', 'lostAfter'])(
    'is deactivated while the memberships cannot be removed (%s), and deleted afterwards',
    async (result) => {
      using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
      await fixture.pass(both);
      fixture.target.simulate = members(result);
      expect(await fixture.pass(onlyBob)).toEqual(['members Group g', 'deactivate User p1']);
      expect(fixture.target.accounts.User.get('r1')?.body['active']).toBe(false);
      expect(await fixture.pass(onlyBob)).toEqual(['members Group g']);
      fixture.target.simulate = () => 'answered';
      expect(await fixture.pass(onlyBob)).toEqual(['members Group g', 'delete User p1']);
      expect(await fixture.pass(onlyBob)).toEqual([]);
      expect(fixture.target.accounts.User.size).toBe(1);
    },
  );
});

describe('an account that stays inactive', () => {
  test.each([
    [29 * day, []],
    [30 * day, ['delete User p1']],
  ])('is deleted after deleteAfterDays (%i ms)', async (waitMs, received) => {
    using fixture = createPassFixture({ spec: targetSpec({ deleteAfterDays: 30 }) });
    await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }));
    await fixture.pass(companyOf({ p2: 'bob' }));
    // A pass on the day before: without it, the guard holds the deletion, because the clock may have jumped.
    fixture.wait(waitMs - day);
    expect(await fixture.pass(companyOf({ p2: 'bob' }))).toEqual([]);
    fixture.wait(day);
    expect(await fixture.pass(companyOf({ p2: 'bob' }))).toEqual(received);
  });
});

test('deleting a missing account is no failure; updating a missing account creates it again', async () => {
  using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
  await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }));
  fixture.target.accounts.User.delete('r1');
  expect(await fixture.pass(companyOf({ p2: 'bob' }))).toEqual(['delete User p1']);
  expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([0]);
  fixture.target.accounts.User.delete('r2');
  expect(await fixture.pass(companyOf({ p2: 'eve' }))).toEqual(['update User p2']);
  expect(await fixture.pass(companyOf({ p2: 'eve' }))).toEqual(['create User p2']);
});

test('a membership in doubt ends with the account', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, { g: { name: 'all', members: ['p2'] } }));
  fixture.target.simulate = members('lostAfter');
  await fixture.pass(both);
  // An administrator deleted the account; the deactivation shows it.
  fixture.target.accounts.User.delete('r1');
  await fixture.pass(onlyBob);
  fixture.target.simulate = () => 'answered';
  expect(await fixture.pass(onlyBob)).toEqual([]);
});

test('removals are executed before all other operations, in any order of planning', async () => {
  using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
  await fixture.pass(both);
  const after = companyOf(
    { a0: 'new', p2: 'eve' },
    { g: { name: 'all', members: ['p2', 'a0'] }, g0: { name: 'x', members: [] } },
  );
  expect(await fixture.pass(after)).toEqual([
    'members Group g',
    'delete User p1',
    'update User p2',
    'create User a0',
    'create Group g0',
    'members Group g',
  ]);
});
