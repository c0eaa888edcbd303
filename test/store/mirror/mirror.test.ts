import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import { duplicateKeyReason } from '../../../src/plan/duplicate-key.ts';
import {
  changed,
  person,
  present,
  read,
  rejectionOptions,
  state,
  type ReadOptions,
  type RowText,
  type Tables,
} from '../state.ts';

const ada = person('ada', 'a@x');
const bob = person('bob', 'b@x');

describe('one reading after another', () => {
  const teams: Tables = { users: [ada, bob], groups: [{ key: 'eng' }], memberships: ['eng>ada', 'eng>bob'] };

  test.each<[string, Tables, Tables, string[]]>([
    ['the first', {}, { users: [ada] }, ['User ada']],
    ['nothing', teams, teams, []],
    ['another order', teams, { ...teams, users: [bob, ada], memberships: ['eng>bob', 'eng>ada'] }, []],
    ['a joiner', teams, { ...teams, users: [ada, bob, person('cy')] }, ['User cy']],
    ['a joiner in front', teams, { ...teams, users: [person('cy'), ada, bob] }, ['User cy']],
    ['a mover', teams, { ...teams, users: [ada, person('bob', 'bob@y')] }, ['User bob']],
    ['a user becomes inactive', teams, { ...teams, users: [{ ...ada, active: false }, bob] }, ['User ada']],
    ['an attribute that goes', teams, { ...teams, users: [{ key: 'ada' }, bob] }, ['User ada']],
    ['an attribute without a mapping', teams, { ...teams, users: [{ ...ada, unused: 'x' }, bob] }, []],
    ['a leaver', teams, { ...teams, users: [ada] }, ['-User bob']],
    ['a group', teams, { ...teams, groups: [{ key: 'eng' }, { key: 'ops' }] }, ['Group ops']],
    ['a group renamed', teams, { ...teams, groups: [{ key: 'eng', attributes: { name: ['Crew'] } }] }, ['Group eng']],
    ['a group that goes', teams, { ...teams, groups: [] }, ['-Group eng']],
    ['a membership', teams, { ...teams, memberships: ['eng>ada', 'eng>bob', 'eng>cy'] }, ['eng>cy']],
    ['a membership that goes', teams, { ...teams, memberships: ['eng>bob'] }, ['-eng>ada']],
    ['all memberships gone', teams, { ...teams, memberships: [] }, ['-eng>ada', '-eng>bob']],
    ['a repeated membership', teams, { ...teams, memberships: ['eng>ada', 'eng>bob', 'eng>ada'] }, []],
    [
      'a repeated new membership',
      teams,
      { ...teams, memberships: ['eng>ada', 'eng>bob', 'eng>cy', 'eng>cy'] },
      ['eng>cy'],
    ],
    [
      'a key that is a person and a group',
      teams,
      { ...teams, groups: [{ key: 'eng' }, { key: 'ada' }] },
      ['Group ada'],
    ],
  ])('%s', async (_, before, after, expected) => {
    const at = state();
    await read(at, before);
    const { number } = await read(at, after);
    expect(changed(at, number)).toEqual(expected);
  });

  test('who returns is present again, changed in that reading', async () => {
    const at = state();
    await read(at, teams);
    await read(at, { ...teams, users: [ada], memberships: ['eng>ada'] });
    expect(changed(at, (await read(at, teams)).number)).toEqual(['User bob', 'eng>bob']);
    expect(present(at)).toEqual([
      'User ada {"mail":["a@x"]}',
      'User bob {"mail":["b@x"]}',
      'Group eng {}',
      'eng>ada',
      'eng>bob',
    ]);
  });

  test('only rows that differ are parsed', async () => {
    const at = state();
    expect((await read(at, teams)).parsed).toBe(5);
    expect((await read(at, teams)).parsed).toBe(0);
    expect((await read(at, { ...teams, users: [person('ada', 'new'), bob] })).parsed).toBe(1);
    expect((await read(at, { ...teams, users: [person('ada', 'new'), { ...bob, unused: 'x' }] })).parsed).toBe(1);
    expect((await read(at, { ...teams, users: [person('ada', 'new'), { ...bob, unused: 'x' }] })).parsed).toBe(0);
  });

  test('where equal bytes may mean something else, every row is parsed, and only what differs changes', async () => {
    const at = state();
    await read(at, teams);
    const again = await read(at, teams, { parseAll: true });
    expect(again.parsed).toBe(5);
    expect(changed(at, again.number)).toEqual([]);
    expect((await read(at, teams)).parsed).toBe(0);
  });

  test('the order of the columns is no change', async () => {
    const at = state();
    await read(at, { users: [{ key: 'ada', attributes: { mail: ['a'], sn: ['b'] } }] });
    const { number } = await read(at, { users: [{ key: 'ada', attributes: { sn: ['b'], mail: ['a'] } }] });
    expect(changed(at, number)).toEqual([]);
  });

  test('the reading is remembered', async () => {
    const at = state();
    expect(await at.store.mirror.last()).toBeUndefined();
    await read(at, teams);
    await read(at, { ...teams, users: [ada, bob, { key: 'cy', rejected: 'ragged' }] });
    expect(await at.store.mirror.last()).toEqual({
      number: 2,
      at: 1000,
      fingerprint: 'f',
      signature: 's',
      columns: { users: ['id', 'mail'], groups: ['id'] },
      rejected: 1,
      bookmark: undefined,
      completed: 1000,
      facts: {},
    });
    expect(await at.store.mirror.counts()).toEqual({ users: 2, groups: 1, memberships: 2 });
  });

  test('a reading that is not committed leaves no trace', async () => {
    const at = state();
    await read(at, teams);
    const refused = at.store.readingAndPlanning(async () => {
      const intake = await at.store.mirror.openStaging({
        parseAll: true,
        groupsFromColumn: false,
        blankedAttributes: () => [],
        duplicateKeyReason,
        ...rejectionOptions(),
        extent: 'full',
        referenceOptions: undefined,
      });
      const parsed = {
        kind: 'record',
        record: { resourceType: 'User', key: sourceKey('cy'), active: true, attributes: {} },
        groups: undefined,
      } as const;
      await intake.stage('users', [{ line: 2, digest: Buffer.alloc(16) }], [parsed]);
      expect((await intake.summary()).after.users).toBe(1);
      throw new Error('implausible');
    });
    await expect(refused).rejects.toThrow('implausible');
    expect(present(at)).toHaveLength(5);
    expect(changed(at, (await read(at, teams)).number)).toEqual([]);
  });
});

describe('two different rows for one key: neither is taken, and what was known stays', () => {
  const old = person('ada', 'old');
  const orders: readonly [string, Tables, readonly RowText[], string[]][] = [
    ['both new', {}, [person('ada', '1'), person('ada', '2')], []],
    ['both changed', { users: [old] }, [person('ada', '1'), person('ada', '2')], ['User ada {"mail":["old"]}']],
    [
      'the first unchanged, the second changed',
      { users: [old] },
      [old, person('ada', '2')],
      ['User ada {"mail":["old"]}'],
    ],
    [
      'the first changed, the second unchanged',
      { users: [old] },
      [person('ada', '1'), old],
      ['User ada {"mail":["old"]}'],
    ],
    ['three of them', { users: [old] }, [person('ada', '1'), old, person('ada', '3')], ['User ada {"mail":["old"]}']],
  ];
  const batches: readonly ReadOptions[] = [{ batch: 1 }, { batch: 10 }, { batch: 10, parseAll: true }];

  test.each(orders.flatMap((order) => batches.map((options) => [...order, options] as const)))(
    '%s',
    async (_, before, rows, expected, options) => {
      const at = state();
      await read(at, before);
      const { summary, number } = await read(at, { users: [bob, ...rows] }, options);
      expect(present(at)).toEqual([...expected, 'User bob {"mail":["b@x"]}']);
      expect(summary.rejected).toBe(rows.length - 1);
      expect(summary.rejections[0]).toMatchObject({
        part: 'users',
        key: 'ada',
        reason: expect.stringMatching(/^the key ada stands on (line \d+|another line) too; neither row is taken$/),
      });
      expect(changed(at, number)).toEqual(['User bob']);
    },
  );

  test('the message names the other line where it is known', async () => {
    const at = state();
    const { summary } = await read(at, { users: [bob, person('ada', '1'), person('ada', '2')] });
    expect(summary.rejections).toEqual([
      { part: 'users', line: 4, key: 'ada', reason: 'the key ada stands on line 3 too; neither row is taken' },
    ]);
  });

  test('once corrected, they are accepted', async () => {
    const at = state();
    await read(at, { users: [old] });
    await read(at, { users: [person('ada', '1'), person('ada', '2')] });
    await read(at, { users: [person('ada', '2')] });
    expect(present(at)).toEqual(['User ada {"mail":["2"]}']);
  });

  test('groups too', async () => {
    const at = state();
    const { summary } = await read(at, {
      groups: [{ key: 'eng' }, { key: 'eng', attributes: { name: ['x'] } }, { key: 'ops' }],
    });
    expect(summary).toMatchObject({ rejected: 1, rejections: [{ part: 'groups', key: 'eng' }] });
    expect(present(at)).toEqual(['Group ops {}']);
  });
});

describe('the same row twice is one row', () => {
  const old = person('ada', 'old', ['eng']);
  test.each<[string, Tables, readonly RowText[], string[]]>([
    ['both new', {}, [person('ada', '1'), person('ada', '1')], ['User ada {"mail":["1"]}']],
    ['three times', {}, [bob, person('ada', '1'), bob, person('ada', '1'), bob], ['User ada {"mail":["1"]}']],
    ['both unchanged', { users: [old] }, [old, old], ['User ada {"mail":["old"]}', 'eng>ada']],
    [
      'they differ in an unused column',
      { users: [old] },
      [old, { ...old, unused: 'x' }],
      ['User ada {"mail":["old"]}', 'eng>ada'],
    ],
  ])('%s', async (_, before, rows, expected) => {
    for (const batch of [1, 2, 10]) {
      const at = state();
      await read(at, before, { column: true });
      const { summary } = await read(at, { users: [...rows, bob] }, { batch, column: true });
      expect(summary.rejected).toBe(0);
      const lines = present(at).filter((line) => !String(line).startsWith('Group'));
      expect(lines).toEqual([...expected.slice(0, 1), 'User bob {"mail":["b@x"]}', ...expected.slice(1)]);
    }
  });

  test('rows that differ in the groups of their column are not the same', async () => {
    const at = state();
    const rows = [person('ada', '1', ['eng']), person('ada', '1', ['ops'])];
    expect((await read(at, { users: rows }, { column: true })).summary.rejected).toBe(1);
  });
});

describe('several rows of one user', () => {
  const job = (mail: string, order: string, active: boolean, group: string): RowText => ({
    key: 'ada',
    attributes: { mail: [mail] },
    order,
    active,
    groups: [group],
  });
  const jobs = [job('2', '2', false, 'b'), job('10', '10', true, 'c'), job('1', '1', true, 'a')];
  test.each([
    ['first', jobs, '1', 'a'],
    ['last', jobs, '10', 'c'],
    ['anyActive', jobs.slice(0, 2), '10', 'c'],
    ['first', jobs.slice(0, 2), '2', 'b'],
  ] as const)('by %s', async (rows, given, mail, group) => {
    for (const order of [given, given.toReversed()]) {
      const at = state();
      const options = { rows, column: true };
      const { summary, number } = await read(at, { users: [bob, ...order] }, options);
      expect([summary.rejected, summary.after.users]).toEqual([0, 2]);
      expect((await at.store.mirror.record('User', sourceKey('ada')))?.attributes).toEqual({ mail: [mail] });
      expect(await at.store.mirror.groupsOf(sourceKey('ada'))).toEqual([group]);
      // The same rows in another order change nothing; a change in any of them is seen.
      await read(at, { users: [...order.toReversed(), bob] }, options);
      expect(changed(at, number + 1)).toEqual([]);
    }
  });

  test('of which one leaves, is the other one; without any, the user leaves', async () => {
    const at = state();
    const options = { rows: 'last' } as const;
    const plainJobs = jobs.map(({ groups: _, ...plain }): RowText => plain);
    await read(at, { users: [bob, ...plainJobs] }, options);
    const { number } = await read(at, { users: [bob, ...plainJobs.slice(0, 1)] }, options);
    expect(changed(at, number)).toEqual(['User ada']);
    expect((await at.store.mirror.record('User', sourceKey('ada')))?.active).toBe(false);
    expect(changed(at, (await read(at, { users: [bob] }, options)).number)).toEqual(['-User ada']);
  });
});

describe('a rejected row keeps what it could be, and nothing else', () => {
  const before: Tables = {
    users: [person('ada', 'ada@x'), person('bob', 'bob@x'), person('cy', 'cy@x')],
    groups: [{ key: 'eng' }, { key: 'ops' }],
    memberships: ['eng>ada', 'ops>bob'],
  };
  const row = (text?: string, key = 'zoe'): RowText => ({
    key,
    rejected: 'ragged',
    ...(text === undefined ? {} : { text }),
  });
  const all: readonly string[] = ['-User ada', '-User bob', '-Group eng', '-Group ops', '-eng>ada', '-ops>bob'];
  const except = (...kept: readonly string[]): string[] => all.filter((name) => !kept.includes(name));

  test.each<[string, Tables, string[]]>([
    ['a row with another key', { users: [row()] }, except()],
    ['a row with the key of an absent user', { users: [row(undefined, 'ada')] }, except('-User ada')],
    ['two rows for one key', { users: [person('ada', '1'), person('ada', '2')] }, except('-User ada')],
    ['a text that names no user', { users: [row('Total: 41 people')] }, except()],
    ['a text that names one user by key', { users: [row('x;ADA;y')] }, except('-User ada')],
    ['a text that names one user by a value', { users: [row(';;bob@x')] }, except('-User bob')],
    ['a text that names both', { users: [row('bob@x'), row('ada')] }, except('-User ada', '-User bob')],
    ['a text that names a user who is present', { users: [row('cy@x')] }, except()],
    ['a group by key', { groups: [row(undefined, 'eng')] }, except('-Group eng')],
    ['a text that names a group', { groups: [row('ops;')] }, except('-Group ops')],
    ['a text of users that names a group', { users: [row('ops;')] }, except()],
  ])('%s', async (_, { users = [], groups = [] }, expected) => {
    const at = state();
    await read(at, before);
    const { number, summary } = await read(at, { users: [person('cy', 'cy@x'), ...users], groups });
    expect(changed(at, number)).toEqual(expected);
    expect(summary.rejected).toBeGreaterThan(0);
    // What is absent from a reading without a rejected row is removed then.
    await read(at, { users: [person('cy', 'cy@x')] });
    expect(present(at)).toEqual(['User cy {"mail":["cy@x"]}']);
    expect((await at.store.mirror.rejectionReport(9)).waiting.total).toBe(0);
  });

  test('names the rows and those who wait for them, since the first time', async () => {
    const at = state();
    await read(at, before);
    await read(at, { users: [person('ada', 'ada@x'), person('cy', 'cy@x'), row('bob@x')] }, { at: 5 });
    await read(at, { users: [row(undefined, 'yan'), person('cy', 'cy@x'), row('bob@x'), row('ada')] }, { at: 9 });
    expect(await at.store.mirror.rejectionReport(2)).toEqual({
      rejected: {
        total: 3,
        rows: [
          { part: 'users', line: 2, key: 'yan', reason: 'ragged', since: 9 },
          { part: 'users', line: 4, key: 'zoe', reason: 'ragged', since: 5 },
        ],
      },
      waiting: {
        total: 2,
        records: [
          { resourceType: 'User', key: 'bob', name: 'bob@x', since: 5, line: 4 },
          { resourceType: 'User', key: 'ada', name: 'ada@x', since: 9, line: 5 },
        ],
      },
      waitingMemberships: 0,
    });
    expect((await at.store.mirror.record('User', sourceKey('bob')))?.doubt).toEqual({
      since: 5,
      line: 4,
      isAbsent: true,
    });
  });

  test('who returns counts as changed, because targets may have withheld a create', async () => {
    const at = state();
    await read(at, before);
    await read(at, { ...before, users: [person('cy', 'cy@x'), person('bob', 'bob@x'), row('ada')] });
    expect(changed(at, (await read(at, before)).number)).toEqual(['User ada']);
    expect((await at.store.mirror.record('User', sourceKey('ada')))?.doubt).toBeUndefined();
  });

  test('memberships that a rejected row could be', async () => {
    const at = state();
    await read(at, before);
    const text = { rejected: 'ragged', text: 'eng / ada' };
    const { number, summary } = await read(at, { ...before, memberships: [text] });
    expect(changed(at, number)).toEqual(['-ops>bob']);
    expect(summary.rejected).toBe(1);
    expect((await at.store.mirror.rejectionReport(9)).waitingMemberships).toBe(1);
    expect(changed(at, (await read(at, { ...before, memberships: [] })).number)).toEqual(['-eng>ada']);
  });

  test('a row that the configuration leaves out is rejected only where an absent user could be meant', async () => {
    const at = state();
    await read(at, before);
    const excluded = (text: string): RowText => ({ ...row(text), isExcluded: true });
    const note = await read(at, { ...before, users: [...(before.users ?? []), excluded('a note about cy@x')] });
    expect([note.summary.rejected, (await at.store.mirror.last())?.rejected]).toEqual([0, 0]);
    const half = await read(at, { ...before, users: [person('cy', 'cy@x'), excluded('a note'), excluded('bob@x')] });
    expect(half.summary.rejections).toEqual([{ part: 'users', line: 4, key: 'zoe', reason: 'ragged' }]);
    expect(changed(at, half.number)).toEqual(['-User ada']);
  });

  test('lists the first 100 and counts all', async () => {
    const at = state();
    const rejected = Array.from({ length: 150 }, (_, index) => ({ key: `k${index}`, rejected: 'ragged' }));
    const { summary } = await read(at, { users: [ada, ...rejected] });
    expect(summary.rejected).toBe(150);
    expect(summary.rejections).toHaveLength(100);
    expect(summary.rejections[0]).toEqual({ part: 'users', line: 3, key: 'k0', reason: 'ragged' });
  });
});

describe('groups that stand in a column of the people', () => {
  const column = { column: true };
  const one = person('ada', undefined, ['eng', 'ops']);
  const two = person('bob', undefined, ['eng']);
  const names = (...keys: string[]): string[] => keys.map((key) => `Group ${key} {"name":["${key}"]}`);

  test('exist while they have a member', async () => {
    const at = state();
    const { number } = await read(at, { users: [one, two] }, column);
    expect(present(at)).toEqual([
      'User ada {}',
      'User bob {}',
      ...names('eng', 'ops'),
      'eng>ada',
      'eng>bob',
      'ops>ada',
    ]);
    expect(changed(at, number)).toHaveLength(7);
    expect((await read(at, { users: [two, one] }, column)).parsed).toBe(0);
  });

  test.each<[string, readonly RowText[], string[]]>([
    ['a member leaves a group', [one, person('bob', undefined, [])], ['-eng>bob']],
    ['the last member leaves a group', [person('ada', undefined, ['eng']), two], ['-Group ops', '-ops>ada']],
    ['a member changes groups', [one, person('bob', undefined, ['new'])], ['Group new', '-eng>bob', 'new>bob']],
    ['a person leaves', [one], ['-User bob', '-eng>bob']],
    ['a person leaves, and a group with them', [two], ['-User ada', '-Group ops', '-eng>ada', '-ops>ada']],
    ['a joiner', [one, two, person('cy', undefined, ['ops'])], ['User cy', 'ops>cy']],
    ['an attribute alone', [one, { ...two, attributes: { mail: ['b'] } }], ['User bob']],
    ['a rejected row', [one, { key: 'bob', rejected: 'ragged' }], []],
    ['two rows for one key', [one, person('bob', undefined, ['new']), person('bob', undefined, ['other'])], []],
    ['two rows for a new key', [one, two, person('cy', undefined, ['new']), person('cy', undefined, ['other'])], []],
    [
      'the last known member leaves, and a rejected row does not name the group',
      [person('ada', undefined, ['eng']), two, { key: 'cy', rejected: 'ragged', text: 'cy;eng' }],
      ['-Group ops', '-ops>ada'],
    ],
    [
      'the last known member leaves, and a rejected row names the group',
      [person('ada', undefined, ['eng']), two, { key: 'cy', rejected: 'ragged', text: 'cy;ops' }],
      ['-ops>ada'],
    ],
  ])('%s', async (_, after, expected) => {
    const at = state();
    await read(at, { users: [one, two] }, column);
    expect(changed(at, (await read(at, { users: after }, column)).number)).toEqual(expected);
  });

  test('a group that returns is the same group', async () => {
    const at = state();
    await read(at, { users: [one, two] }, column);
    await read(at, { users: [two] }, column);
    expect(changed(at, (await read(at, { users: [one, two] }, column)).number)).toEqual([
      'User ada',
      'Group ops',
      'eng>ada',
      'ops>ada',
    ]);
  });

  test('a group whose last member went, and that a rejected row names, goes with the next good reading', async () => {
    const at = state();
    await read(at, { users: [one] }, column);
    const rejected = { key: 'cy', rejected: 'ragged', text: 'cy;eng|ops' };
    await read(at, { users: [person('ada', undefined, []), rejected] }, column);
    expect(changed(at, (await read(at, { users: [person('ada', undefined, [])] }, column)).number)).toEqual([
      '-Group eng',
      '-Group ops',
    ]);
  });

  test.each<[string, readonly RowText[], object]>([
    [
      'the first time',
      [],
      { before: { users: 0, groups: 0, memberships: 0 }, after: { users: 2, groups: 2, memberships: 3 } },
    ],
    [
      'unchanged',
      [one, two],
      { before: { users: 2, groups: 2, memberships: 3 }, after: { users: 2, groups: 2, memberships: 3 } },
    ],
    [
      'changed',
      [person('ada', undefined, ['new']), two],
      { before: { users: 2, groups: 2, memberships: 2 }, after: { users: 2, groups: 2, memberships: 3 } },
    ],
    [
      'a leaver counts as a user, not again by memberships',
      [person('ada', undefined, []), two, person('cy', undefined, ['new'])],
      { after: { users: 2, groups: 3, memberships: 4 } },
    ],
  ])('their numbers are those that the reading would make: %s', async (_, before, expected) => {
    const at = state();
    if (before.length > 0) await read(at, { users: before }, column);
    expect((await read(at, { users: [one, two] }, column)).summary).toMatchObject(expected);
  });

  test('two rows for one key add nothing to the numbers', async () => {
    const at = state();
    await read(at, { users: [one, two] }, column);
    const twice = [one, person('bob', undefined, ['a', 'b', 'c']), person('bob', undefined, ['d'])];
    expect((await read(at, { users: twice }, column)).summary.after).toMatchObject({ groups: 2, memberships: 3 });
  });

  test('files become a column, and a column files', async () => {
    const at = state();
    const files: Tables = {
      users: [{ key: 'ada' }],
      groups: [{ key: 'eng', attributes: { displayName: ['Engineers'] } }],
      memberships: ['eng>ada'],
    };
    await read(at, files);
    await read(at, { users: [person('ada', undefined, ['eng'])] }, { ...column, parseAll: true });
    expect(present(at)).toEqual(['User ada {}', ...names('eng'), 'eng>ada']);
    await read(at, files, { parseAll: true });
    expect(present(at)).toEqual(['User ada {}', 'Group eng {"displayName":["Engineers"]}', 'eng>ada']);
    expect((await read(at, files)).parsed).toBe(0);
  });
});

describe('what a reading would make of the mirror', () => {
  test('rows are counted, whether they had to be parsed or not', async () => {
    const at = state();
    await read(at, { users: [ada, bob], groups: [{ key: 'eng' }], memberships: ['eng>ada'] });
    const { summary } = await read(at, {
      users: [ada, person('cy'), { key: 'x', rejected: 'ragged' }],
      memberships: ['eng>ada', 'eng>cy', 'eng>ada', 'eng>cy'],
    });
    expect(summary).toMatchObject({
      before: { users: 2, groups: 1, memberships: 1 },
      after: { users: 2, groups: 0, memberships: 2 },
      rejected: 1,
    });
  });

  const full = (attributes: Record<string, string[]>): Tables => ({
    users: ['1', '2', '3'].map((key) => ({ key, attributes })),
  });
  test.each<[string, Tables, Tables, object, ReadonlySet<string>?]>([
    ['no user lost a value', full({ mail: ['a'] }), full({ mail: ['b'] }), []],
    [
      'all users lost one value',
      full({ mail: ['a'], sn: ['b'] }),
      full({ sn: ['b'] }),
      [{ part: 'users', attribute: 'mail', had: 3, lost: 3 }],
    ],
    [
      'one lost it',
      full({ mail: ['a'] }),
      { users: [...(full({ mail: ['a'] }).users ?? []).slice(1), { key: '1' }] },
      [{ part: 'users', attribute: 'mail', had: 3, lost: 1 }],
    ],
    ['those who left lost nothing', full({ mail: ['a'] }), { users: [] }, []],
    [
      'an attribute without a mapping does not count',
      full({ mail: ['a'], sn: ['b'] }),
      full({}),
      [{ part: 'users', attribute: 'sn', had: 3, lost: 3 }],
      new Set(['sn']),
    ],
    [
      'odd names',
      full({ 'a"b': ['x'], 'a.b': ['x'], constructor: ['x'] }),
      full({}),
      [
        { part: 'users', attribute: 'a"b', had: 3, lost: 3 },
        { part: 'users', attribute: 'a.b', had: 3, lost: 3 },
        { part: 'users', attribute: 'constructor', had: 3, lost: 3 },
      ],
    ],
    [
      'a name in another script',
      full({ Straße: ['x'] }),
      full({}),
      [{ part: 'users', attribute: 'Straße', had: 3, lost: 3 }],
    ],
  ])(
    'blanked: %s',
    async (_, before, after, expected, relevant = new Set(['mail', 'sn', 'a"b', 'a.b', 'constructor', 'Straße'])) => {
      const at = state();
      await read(at, before);
      expect((await read(at, after, { relevant })).summary.blanked).toEqual(expected);
    },
  );
});

describe('questions about the mirror', () => {
  async function company() {
    const at = state();
    await read(at, {
      users: [
        { key: 'e1', attributes: { userName: ['Ada'], mail: ['ada@x', 'countess@x'] } },
        { key: 'e2', attributes: { userName: ['ada_b'], mail: ['50%@x'], manager: ['e1'] } },
        { key: 'e3', attributes: { userName: ['Ada'], quote: ['a "quoted" \\ thing'] } },
        { key: 'e4' },
      ],
      groups: [{ key: 'g1', attributes: { name: ['Ada'] } }],
      memberships: ['g2>e1', 'g1>e1', 'g1>e4'],
    });
    await read(at, {
      users: [
        { key: 'e1', attributes: { userName: ['Ada'], mail: ['ada@x', 'countess@x'] } },
        { key: 'e2', attributes: { userName: ['ada_b'], mail: ['50%@x'], manager: ['e1'] } },
        { key: 'e3', attributes: { userName: ['Ada'], quote: ['a "quoted" \\ thing'] } },
      ],
      groups: [{ key: 'g1', attributes: { name: ['Ada'] } }],
      memberships: ['g2>e1', 'g1>e1'],
    });
    return at.store.mirror;
  }

  test.each<[string, string[]]>([
    ['e1', ['e1']],
    ['ada', ['e1', 'e3', 'g1']],
    ['countess@x', ['e1']],
    ['COUNTESS@X', ['e1']],
    ['ount', []],
    ['ada_b', ['e2']],
    ['adaXb', []],
    ['50%@x', ['e2']],
    ['%', []],
    ['a "quoted" \\ thing', ['e3']],
    ['e4', []],
    ['mail', []],
  ])('search %s', async (text, expected) => {
    expect((await (await company()).search(text)).map(({ key }) => String(key)).sort()).toEqual(expected);
  });

  test('a value that many others contain is found all the same', async () => {
    const at = state();
    const many = Array.from({ length: 300 }, (_, index) => person(`e${index}`, `x${index}@corp`));
    await read(at, { users: [...many, person('last', 'x@corp'), person('end', 'corp')] }, { batch: 400 });
    expect((await at.store.mirror.search('corp')).map(({ key }) => String(key))).toEqual(['end']);
  });

  test('one record, and whose groups', async () => {
    const mirror = await company();
    expect(await mirror.record('User', sourceKey('e2'))).toEqual({
      resourceType: 'User',
      key: 'e2',
      active: true,
      attributes: { mail: ['50%@x'], manager: ['e1'], userName: ['ada_b'] },
    });
    expect(await mirror.record('User', sourceKey('e4'))).toBeUndefined();
    expect(await mirror.record('Group', sourceKey('e2'))).toBeUndefined();
    expect(await mirror.groupsOf(sourceKey('e1'))).toEqual(['g1', 'g2']);
    expect(await mirror.groupsOf(sourceKey('e4'))).toEqual([]);
  });
});
