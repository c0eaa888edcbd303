import { describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { SyncDeps } from '../../src/sync/context.ts';
import { sync } from '../../src/sync/pass.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { countStatements, type StatementCounts } from '../world/statement-counts.ts';
import { companySource, manualClock, targetSpec, type Company, type Person } from './company.ts';

const options = {
  only: undefined,
  full: false,
  retry: true,
  approval: {},
  operator: { name: 'admin', host: 'host' },
  acceptSource: false,
  command: 'test',
  note: undefined,
  plan: undefined,
};
const never = new AbortController().signal;

/** The tables that grow with the number of memberships. */
const largeTables = ['source_membership', 'membership', 'operation_member', 'requeue_membership'];

/** The keys have the order of the rows, which the reading expects. */
const keyOf = (n: number): string => `p${String(n).padStart(4, '0')}`;

/** Each user is in five groups: one that has ten members in any company, and four that grow with the company. */
function companyOf(size: number): Company {
  const people = new Map<string, Person>();
  const groups = new Map<string, { name: string; members: Set<string> }>();
  const join = (group: string, member: string): void => {
    const known = groups.get(group) ?? { name: `team ${group}`, members: new Set<string>() };
    groups.set(group, known);
    known.members.add(member);
  };
  for (let n = 0; n < size; n += 1) {
    const key = keyOf(n);
    people.set(key, { userName: `user${n}`, department: 'sales', manager: undefined, active: true });
    join(`small${String(Math.floor(n / 10)).padStart(4, '0')}`, key);
    for (const group of ['a', 'b', 'c', 'd']) join(group, key);
  }
  join('a', 'small0000');
  return { people, groups };
}

/** A page or a place in a page may differ. */
const tolerance = 2;

type Change = (company: Company) => void;

const membersOf = (groups: Company['groups'], key: string): Set<string> => groups.get(key)?.members as Set<string>;

const changes: readonly (readonly [string, Change])[] = [
  ['one membership less', ({ groups }) => void membersOf(groups, 'small0000').delete(keyOf(3))],
  ['one membership more', ({ groups }) => void membersOf(groups, 'small0001').add(keyOf(3))],
  ['a group of ten with another name', ({ groups }) => rename(groups, 'small0000', 'crew')],
  [
    'a user who joins',
    ({ people, groups }) => {
      (people as Map<string, Person>).set('new', {
        userName: 'new',
        department: 'it',
        manager: undefined,
        active: true,
      });
      membersOf(groups, 'small0000').add('new');
    },
  ],
  [
    'a user who leaves',
    ({ people, groups }) => {
      (people as Map<string, Person>).delete(keyOf(5));
      for (const { members } of groups.values()) (members as Set<string>).delete(keyOf(5));
    },
  ],
];

function rename(groups: Company['groups'], key: string, name: string): void {
  (groups as Map<string, { name: string; members: ReadonlySet<string> }>).set(key, {
    name,
    members: groups.get(key)?.members ?? new Set(),
  });
}

/** What one change costs after a first load. */
async function costOf(size: number, change: Change, users: string | undefined): Promise<StatementCounts> {
  let company = companyOf(size);
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const clock = manualClock();
  const io: SyncDeps = {
    store,
    source: companySource(() => company),
    targets: [targetSpec({}, users === undefined ? {} : { users })],
    clock,
    emit: () => undefined,
    connect: () => target,
    random: () => 0.5,
  };
  try {
    await sync(io, options, never);
    const before = target.counters.requests;
    company = companyOf(size);
    change(company);
    clock.move(60_000);
    const counts = await countStatements(largeTables, () => sync(io, options, never));
    expect(target.counters.requests).toBeGreaterThan(before);
    return counts;
  } finally {
    store.close();
  }
}

describe.each([
  ['rules that use no group', undefined],
  ['rules that use groups', `groups.exists(g, g.startsWith('team') || g == 'crew')`],
])('%s', (_, users) => {
  test.each(changes)(
    '%s costs the same in a company of any size',
    async (_name, change) => {
      const small = await costOf(20, change, users);
      const large = await costOf(60, change, users);
      expect(large.scans).toEqual([]);
      for (const kind of ['statements', 'rows', 'changes'] as const)
        expect(large[kind]).toBeLessThanOrEqual(small[kind] + tolerance);
    },
    30_000,
  );
});

test.each([
  ['select count(*) from source_membership where removed_in is null', ['source_membership']],
  ['select count(*) from membership where target = 1', ['membership']],
  ['select group_key from source_membership where member_key = ?', []],
  ['select member_key from membership where target = 1 and group_key = ?', []],
])('%s walks through all rows of %j', async (sql, scanned) => {
  const db = openDatabase(':memory:');
  const { scans } = await countStatements(largeTables, async () =>
    db.prepare(sql).all(...(sql.includes('?') ? ['g'] : [])),
  );
  db.close();
  expect(scans).toEqual(scanned.map((table) => `${table}: ${sql}`));
});
