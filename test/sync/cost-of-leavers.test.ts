import { expect, test } from '@jest/globals';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { SyncDeps } from '../../src/sync/context.ts';
import { sync } from '../../src/sync/pass.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { countStatements, type StatementCounts } from '../world/statement-counts.ts';
import { companySource, manualClock, targetSpec, type Company, type Person } from './company.ts';
import { readNews } from './news-during-pass.ts';
import { options } from './histories.ts';

/** The tables that grow with the number of users who have no account yet. */
const largeTables = ['record', 'requeue', 'operation', 'new_user_login', 'unread_new_user'];

const keyOf = (n: number): string => `p${String(n).padStart(4, '0')}`;

const companyOf = (size: number, gone: readonly number[]): Company => ({
  people: new Map(
    Array.from({ length: size }, (_, n) => n)
      .filter((n) => !gone.includes(n))
      .map((n): [string, Person] => [
        keyOf(n),
        { userName: `user${n}`, department: 'sales', manager: undefined, active: true },
      ]),
  ),
  groups: new Map(),
});

/** What the reading of one leaver costs while a first load is unsent, after an earlier reading kept the logins. */
async function costOf(size: number): Promise<StatementCounts> {
  let company = companyOf(size, []);
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const stop = new AbortController();
  target.simulate = () => {
    if (target.counters.requests >= 5) stop.abort();
    return 'answered';
  };
  const io: SyncDeps = {
    store,
    source: companySource(() => company),
    targets: [targetSpec({})],
    clock: manualClock(),
    emit: () => undefined,
    connect: () => target,
    random: () => 0.5,
  };
  try {
    await sync(io, { ...options, plan: undefined }, stop.signal);
    expect(target.counters.requests).toBeLessThan(10);
    company = companyOf(size, [0]);
    await readNews(io);
    company = companyOf(size, [0, 1]);
    return await countStatements(largeTables, () => readNews(io));
  } finally {
    store.close();
  }
}

test('the reading of a leaver does not compare all users without an account', async () => {
  const small = await costOf(60);
  const large = await costOf(600);
  expect(large.scans).toEqual(small.scans);
  expect(large.changes).toBe(small.changes);
  expect(large.rows).toBe(small.rows);
  expect(large.statements).toBe(small.statements);
});
