import { describe, expect, test } from '@jest/globals';
import { managerPath } from '../../src/model/path.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { SimulatedResult } from '../world/in-memory-target.ts';
import { targetSpec } from './company.ts';
import { companyOf, createPassFixture, person } from './pass-fixture.ts';

const only =
  (action: Operation['action'], result: SimulatedResult) =>
  (operation: Operation): SimulatedResult =>
    operation.action === action ? result : 'answered';

describe('the follow-ups of a response are executed in the same pass', () => {
  test('users who manage each other are created, then one gets its manager', async () => {
    using fixture = createPassFixture();
    const company = companyOf({ p1: person('ada', { manager: 'p2' }), p2: person('bob', { manager: 'p1' }) });
    const received = await fixture.pass(company);
    expect(received.slice(0, 2)).toEqual([expect.stringContaining('create'), expect.stringContaining('create')]);
    expect(received.slice(2)).toEqual([expect.stringMatching(/^update User p[12]$/)]);
    expect(await fixture.pass(company)).toEqual([]);
  });

  test('an existing account is adopted, then updated', async () => {
    using fixture = createPassFixture();
    fixture.target.addAccount('User', { userName: 'ada', title: 'old' });
    const company = companyOf({ p1: person('ada', { department: 'it' }) });
    expect(await fixture.pass(company)).toEqual(['update User p1']);
    expect(await fixture.pass(company)).toEqual([]);
  });

  test('a target that undoes every change ends the pass after five rounds', async () => {
    using fixture = createPassFixture();
    // The manager can never be resolved, so each response causes another round.
    fixture.target.neverResolves = true;
    const received = await fixture.pass(companyOf({ p1: 'ada', p2: person('bob', { manager: 'p1' }) }));
    expect(received).toEqual(['create User p1', 'create User p2', ...Array<string>(4).fill('update User p2')]);
  });
});

describe('a create without a response', () => {
  test.each<[SimulatedResult, readonly string[]]>([
    ['lostBefore', ['create User p1']],
    ['lostAfter', ['create User p1']],
  ])('%s is looked up before it is sent again', async (result, received) => {
    using fixture = createPassFixture();
    fixture.target.simulate = () => result;
    await fixture.pass(companyOf({ p1: 'ada' }));
    fixture.target.simulate = () => 'answered';
    expect(await fixture.pass(companyOf({ p1: 'ada' }))).toEqual(received);
    expect(fixture.target.accounts.User.size).toBe(1);
    expect(fixture.target.lookups).toBe(1);
  });

  test('with a new name since is looked up by the name that was sent', async () => {
    using fixture = createPassFixture();
    fixture.target.simulate = only('create', 'lostAfter');
    await fixture.pass(companyOf({ p1: 'ada' }));
    fixture.target.simulate = () => 'answered';
    expect(await fixture.pass(companyOf({ p1: 'eve' }))).toEqual(['verifyCreate User p1', 'update User p1']);
    expect([...fixture.target.accounts.User.values()].map(({ body }) => body['userName'])).toEqual(['eve']);
  });

  test('of a user who left since is looked up, and the account that it created is removed', async () => {
    using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
    fixture.target.simulate = only('create', 'lostAfter');
    await fixture.pass(companyOf({ p1: 'ada' }));
    fixture.target.simulate = () => 'answered';
    const company = companyOf({ p2: 'bob' });
    expect(await fixture.pass(company)).toEqual(['verifyCreate User p1', 'create User p2', 'delete User p1']);
    expect(await fixture.pass(company)).toEqual([]);
    expect([...fixture.target.accounts.User.values()].map(({ body }) => body['userName'])).toEqual(['bob']);
  });

  test('of a user who left since is forgotten if it created no account', async () => {
    using fixture = createPassFixture();
    fixture.target.simulate = only('create', 'lostBefore');
    await fixture.pass(companyOf({ p1: 'ada' }));
    fixture.target.simulate = () => 'answered';
    const company = companyOf({ p2: 'bob' });
    expect(await fixture.pass(company)).toEqual(['verifyCreate User p1', 'create User p2']);
    // Searches may be late: until the second look-up, ten minutes later, nothing is proven.
    expect(fixture.report().reports[0]).toMatchObject({ succeeded: 1, failed: 1 });
    fixture.wait(500_000);
    expect(await fixture.pass(company)).toEqual(['verifyCreate User p1']);
    expect(fixture.report().reports[0]).toMatchObject({ succeeded: 0, failed: 1 });
    fixture.wait(100_000);
    expect(await fixture.pass(company)).toEqual(['verifyCreate User p1']);
    expect(fixture.report().reports[0]).toMatchObject({ succeeded: 1, failed: 0 });
    expect(await fixture.pass(company)).toEqual([]);
  });
});

describe('a change without a response', () => {
  test.each<[SimulatedResult, readonly string[]]>([
    ['lostBefore', []],
    ['lostAfter', ['update User p1']],
  ])('is read, and sent again unless the read shows that the value is back (%s)', async (result, requests) => {
    using fixture = createPassFixture();
    const before = companyOf({ p1: 'ada' });
    await fixture.pass(before);
    fixture.target.simulate = () => result;
    await fixture.pass(companyOf({ p1: person('ada', { department: 'it' }) }));
    fixture.target.simulate = () => 'answered';
    expect(await fixture.pass(before)).toEqual(requests);
    // The account is read back before the first request.
    expect(fixture.target.reads).toBe(1);
    expect(fixture.target.accounts.User.get('r1')?.body['title']).toBeUndefined();
    expect(await fixture.pass(before)).toEqual([]);
  });

  test('of a missing account forgets it, and creates it again', async () => {
    using fixture = createPassFixture();
    await fixture.pass(companyOf({ p1: 'ada' }));
    fixture.target.simulate = () => 'lostAfter';
    const after = companyOf({ p1: person('ada', { department: 'it' }) });
    await fixture.pass(after);
    fixture.target.accounts.User.clear();
    fixture.target.simulate = () => 'answered';
    await fixture.pass(after);
    await fixture.pass(after);
    expect([...fixture.target.accounts.User.values()].map(({ body }) => body)).toMatchObject([{ title: 'it' }]);
    expect(await fixture.pass(after)).toEqual([]);
  });
});

describe('a refusal', () => {
  test('keeps the account and its memberships, and is tried again', async () => {
    using fixture = createPassFixture();
    const groups = { g: { name: 'all', members: ['p1'] } };
    await fixture.pass(companyOf({ p1: 'ada' }, groups));
    fixture.target.simulate = () => 'refused';
    const after = companyOf({ p1: person('ada', { department: 'it' }) }, groups);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await fixture.pass(after)).toEqual(['update User p1']);
      expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([1]);
    }
    fixture.target.simulate = () => 'answered';
    expect(await fixture.pass(after)).toEqual([]);
    expect(fixture.report().reports.map(({ waiting }) => waiting)).toEqual([1]);
    expect(await fixture.pass(after, { retry: true })).toEqual(['update User p1']);
    expect(fixture.target.accounts.User.size).toBe(1);
    expect(await fixture.pass(after)).toEqual([]);
  });
});

test('a manager who arrives later is set in that pass', async () => {
  using fixture = createPassFixture();
  expect(await fixture.pass(companyOf({ p1: person('ada', { manager: 'p2' }) }))).toEqual(['create User p1']);
  expect(await fixture.pass(companyOf({ p1: person('ada', { manager: 'p2' }), p2: 'bob' }))).toEqual([
    'create User p2',
    'update User p1',
  ]);
  expect(fixture.target.accounts.User.get('r1')?.body[managerPath]).toBe('r2');
});

test('a deleted manager is no longer referenced', async () => {
  using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
  await fixture.pass(companyOf({ p1: person('ada', { manager: 'p2' }), p2: 'bob' }));
  expect(await fixture.pass(companyOf({ p1: person('ada', { manager: 'p2' }) }))).toEqual([
    'delete User p2',
    'update User p1',
  ]);
  expect(await fixture.pass(companyOf({ p1: person('ada', { manager: 'p2' }) }))).toEqual([]);
});
