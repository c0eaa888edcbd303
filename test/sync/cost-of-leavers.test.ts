import { expect, test } from '@jest/globals';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { SyncDeps } from '../../src/sync/context.ts';
import { sync } from '../../src/sync/pass.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { countStatements, type StatementCounts } from '../world/statement-counts.ts';
import { companySource, manualClock, targetSpec, type Company, type Person } from './company.ts';
import { newsDuring, readNews } from './news-during-pass.ts';
import { options } from './histories.ts';

/** The tables that grow with the number of users who have no account yet. */
const largeTables = [
  ...['record', 'requeue', 'operation', 'new_user_login', 'unread_new_user'],
  ...['source_membership', 'requeue_membership', 'operation_member'],
];

const keyOf = (n: number): string => `p${String(n).padStart(4, '0')}`;

const companyOf = (size: number, gone: readonly number[]): Company => ({
  people: new Map(
    numbersOf(size, gone).map((n): [string, Person] => [
      keyOf(n),
      { userName: `user${n}`, department: 'sales', manager: undefined, active: true },
    ]),
  ),
  groups: new Map(
    [0, 1, 2].map((group) => [
      `g${group}`,
      {
        name: `Group ${group}`,
        members: new Set(
          numbersOf(size, gone)
            .filter((n) => n % 3 === group)
            .map(keyOf),
        ),
      },
    ]),
  ),
});

const numbersOf = (size: number, gone: readonly number[]): readonly number[] =>
  Array.from({ length: size }, (_, n) => n).filter((n) => !gone.includes(n));

const ioOf = (store: Store, target: InMemoryTarget): Omit<SyncDeps, 'source'> => ({
  store,
  targets: [targetSpec({})],
  clock: manualClock(),
  emit: () => undefined,
  connect: () => target,
  random: () => 0.5,
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
  const io: SyncDeps = { ...ioOf(store, target), source: companySource(() => company) };
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

/** What the planning of a leaver's news costs, from the answer before it to the request, while a first load waits. */
async function costOfNews(size: number): Promise<StatementCounts> {
  let company = companyOf(size, []);
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const io: SyncDeps = { ...ioOf(store, target), source: companySource(() => company) };
  const stop = new AbortController();
  const become = (next: Company): void => void (company = next);
  const lanes = newsDuring(io, target, become, [[5, companyOf(size, [0])]]);
  const perform = target.perform.bind(target);
  const arrival = createArrival();
  let counting: Promise<StatementCounts> | undefined;
  target.perform = async (context) => {
    const { operation } = context;
    if (operation.action === 'deactivate') {
      arrival.arrived();
      stop.abort();
    }
    const result = await perform(context);
    if (target.counters.requests === 6) counting = countStatements(largeTables, () => arrival.wait);
    return result;
  };
  try {
    await sync(io, { ...options, plan: undefined, lanes }, stop.signal);
    const counts = await counting;
    if (counts === undefined) throw new Error('the leaver was not removed');
    return counts;
  } finally {
    store.close();
  }
}

function createArrival(): { readonly wait: Promise<void>; arrived(): void } {
  let arrived = (): void => undefined;
  const wait = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  return { wait, arrived: () => arrived() };
}

test('the planning of a leaver does not walk through what a first load has not sent', async () => {
  const small = await costOfNews(60);
  const large = await costOfNews(600);
  expect(large.scans.filter((scan) => !scan.startsWith('record:'))).toEqual([]);
  expect(large).toEqual(small);
});

test('the reading of a leaver does not compare all users without an account', async () => {
  const small = await costOf(60);
  const large = await costOf(600);
  expect(large.scans).toEqual(small.scans);
  expect(large.changes).toBe(small.changes);
  expect(large.rows).toBe(small.rows);
  expect(large.statements).toBe(small.statements);
});
