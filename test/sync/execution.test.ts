import { describe, expect, test } from '@jest/globals';
import { compileTargetMapping } from '../../src/desired/target-mapping.ts';
import { OperatorError } from '../../src/model/errors.ts';
import type { TargetSpec } from '../../src/sync/context.ts';
import { profile, targetSpec } from './company.ts';
import { companyOf, createPassFixture, person } from './pass-fixture.ts';

const group = { g: { name: 'all', members: ['p1', 'p2'] } };

describe('the order of operations', () => {
  test('a phase begins after the end of the previous phase', async () => {
    using fixture = createPassFixture({ spec: targetSpec({ action: 'delete' }) });
    await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, group));
    // This target executes concurrent operations in reverse order, once it has to become idle.
    const tasks: (() => Promise<void>)[] = [];
    fixture.target.submit = async (task) => void tasks.push(task);
    fixture.target.idle = async () => {
      for (const task of tasks.splice(0).reverse()) await task();
    };
    const after = companyOf(
      { p2: 'eve', p3: 'cyd', p4: 'dan' },
      { g: { name: 'all', members: ['p2', 'p3'] }, h: { name: 'more', members: ['p4'] } },
    );
    expect(await fixture.pass(after)).toEqual([
      'members Group g',
      'delete User p1',
      'update User p2',
      'create User p4',
      'create User p3',
      'create Group h',
      'members Group h',
      'members Group g',
    ]);
  });

  test('removals are sent before updates and creates', async () => {
    using fixture = createPassFixture();
    await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, group));
    expect(await fixture.pass(companyOf({ p2: 'eve', p3: 'cyd' }, { g: { name: 'all', members: ['p2'] } }))).toEqual([
      'deactivate User p1',
      'members Group g',
      'update User p2',
      'create User p3',
    ]);
  });
});

describe('a pass that ends early', () => {
  const company = companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' });

  test('sends nothing more to a target that is unavailable; the next pass sends the rest', async () => {
    using fixture = createPassFixture();
    fixture.target.simulate = () => {
      fixture.target.unavailableReason = 'down';
      return 'answered';
    };
    expect(await fixture.pass(company)).toEqual(['create User p1']);
    expect(fixture.report().reports).toMatchObject([{ succeeded: 1, skipped: 2, unavailable: 'down' }]);
    fixture.target.unavailableReason = undefined;
    fixture.target.simulate = () => 'answered';
    expect(await fixture.pass(company)).toEqual(['create User p2', 'create User p3']);
  });

  test('sends nothing more after a stop; the next pass sends the rest', async () => {
    using fixture = createPassFixture();
    const stop = new AbortController();
    fixture.target.simulate = () => {
      stop.abort();
      return 'answered';
    };
    expect(await fixture.pass(company, {}, stop.signal)).toEqual(['create User p1']);
    expect(fixture.report()).toMatchObject({ stopped: true, reports: [{ succeeded: 1, skipped: 2 }] });
    fixture.target.simulate = () => 'answered';
    expect(await fixture.pass(company)).toEqual(['create User p2', 'create User p3']);
  });
});

describe('a plan that is executed by its id', () => {
  const before = companyOf({ p1: 'ada' });
  const after = companyOf({ p1: 'ada', p2: 'bob' });

  test('is executed if it is still current', async () => {
    using fixture = createPassFixture();
    await fixture.pass(before);
    expect(await fixture.pass(after, { plan: await fixture.planId(after), approval: { plan: 'id' } })).toEqual([
      'create User p2',
    ]);
  });

  test('is refused if the source has changed since, and nothing is sent', async () => {
    using fixture = createPassFixture();
    await fixture.pass(before);
    const id = await fixture.planId(after);
    const changed = companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' });
    await expect(fixture.pass(changed, { plan: id, approval: { plan: 'id' } })).rejects.toThrow(OperatorError);
    expect(fixture.target.accounts.User.size).toBe(1);
  });
});

describe('not sent are', () => {
  test('members that an adopted group already has', async () => {
    using fixture = createPassFixture();
    const ids = ['ada', 'bob'].map((userName) => fixture.target.addAccount('User', { userName }));
    fixture.target.addAccount('Group', { displayName: 'all' }, ids);
    const received = await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, group));
    expect(received.filter((line) => line.startsWith('members'))).toEqual([]);
    expect(await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, group))).toEqual([]);
  });

  test('members of a group that could not be created', async () => {
    using fixture = createPassFixture();
    fixture.target.simulate = ({ resourceType }) => (resourceType === 'Group' ? 'refused' : 'answered');
    const received = await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, group));
    expect(received).toEqual(['create User p1', 'create User p2', 'create Group g']);
    expect(fixture.report().reports).toMatchObject([{ failed: 1, skipped: 1 }]);
    fixture.target.simulate = () => 'answered';
    await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }, group));
    expect([...fixture.target.accounts.Group.values()].map(({ members }) => members.size)).toEqual([2]);
  });

  const withProtect = (protect: string): TargetSpec => ({
    ...targetSpec({}),
    compileMapping: (columns) =>
      compileTargetMapping(
        {
          protect,
          mapping: {
            user: { userName: 'user.userName', title: 'user.department' },
            group: { displayName: 'group.name' },
          },
          supports: profile.supports,
        },
        columns,
      ),
  });

  test.each([
    ['matches', `scim.userName == 'ada'`],
    ['fails', 'int(scim.title) > 3'],
  ])('a change of an account for which the protect expression %s', async (_, protect) => {
    using fixture = createPassFixture({ spec: withProtect(protect) });
    const ada = person('ada', { department: 'it' });
    await fixture.pass(companyOf({ p1: ada, p2: 'bob' }, group));
    expect(await fixture.pass(companyOf({ p1: { ...ada, department: 'hr' }, p2: 'bob' }, group))).toEqual([]);
    expect(await fixture.pass(companyOf({ p2: 'bob' }, { g: { name: 'all', members: ['p2'] } }))).toEqual([]);
    expect(await fixture.notes()).toHaveLength(1);
    expect(fixture.target.accounts.User.get('r1')?.body['active']).not.toBe(false);
    expect([...fixture.target.accounts.Group.values()].map(({ members }) => members.size)).toEqual([2]);
  });
});
