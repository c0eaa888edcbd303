import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../src/model/ids.ts';
import type { JoinerPolicy, Json, LeaverPolicy } from '../../src/model/resource.ts';
import { dayMs } from '../../src/model/time.ts';
import type { Store } from '../../src/store/store.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { plan, sync } from '../../src/sync/pass.ts';
import type { SyncDeps, TargetSpec } from '../../src/sync/context.ts';
import { InMemoryTarget, type SimulatedResult } from '../world/in-memory-target.ts';
import { randomRuns, randomRunsTimeoutMs } from '../world/random-runs.ts';
import { companySource, manualClock, targetSpec, type Company, type Person } from './company.ts';
import { passOptions } from './pass-fixture.ts';

const options = { ...passOptions, retry: true };
const never = new AbortController().signal;
const keys = ['p1', 'p2', 'p3', 'p4', 'p10', 'p11'];
const titles: Readonly<Record<string, string>> = { it: 'Engineer', sales: 'Seller' };

/** What a target asks of its users, and when. */
interface Rules {
  readonly leavers: Partial<LeaverPolicy>;
  readonly joiners: JoinerPolicy | undefined;
  readonly needsGroup: boolean;
  readonly isUnique: boolean;
}

interface Step {
  readonly company: Company;
  readonly daysLater: number;
  readonly faults: readonly SimulatedResult[];
}

const rules: fc.Arbitrary<Rules> = fc.record({
  leavers: fc.record({
    action: fc.constantFrom('deactivate' as const, 'delete' as const),
    deactivateDaysAfter: fc.constantFrom(0, 1),
    deleteAfterDays: fc.constantFrom(undefined, 2),
  }),
  joiners: fc.option(
    fc.record({ createDaysBefore: fc.constantFrom(0, 2), activateDaysBefore: fc.constantFrom(0, 1) }),
    { nil: undefined },
  ),
  needsGroup: fc.boolean(),
  isUnique: fc.boolean(),
});

const start = Date.UTC(2026, 0, 5);
const day = fc.option(fc.integer({ min: -2, max: 8 }), { nil: undefined });
const dateOf = (days: number | undefined) => (days === undefined ? undefined : instant(start + days * dayMs));

/** Users share few logins, so that their unique userNames change hands. */
const people = fc
  .array(
    fc.record({
      login: fc.constantFrom('ada', 'ADA', 'bob'),
      department: fc.constantFrom('', 'sales', 'it', 'hr'),
      active: fc.constantFrom(true, true, false),
      from: day,
      to: day,
    }),
    { minLength: keys.length, maxLength: keys.length },
  )
  .map((details) =>
    details.map(({ from, to, ...rest }, index): [string, Person] => {
      const key = keys[index] ?? '';
      return [
        key,
        { ...rest, userName: `user-${key}`, manager: undefined, validFrom: dateOf(from), validTo: dateOf(to) },
      ];
    }),
  );
const companies: fc.Arbitrary<Company> = fc
  .record({ people, present: fc.subarray(keys, { minLength: 1 }), members: fc.subarray(keys) })
  .map(({ people, present, members }) => ({
    people: new Map(people.filter(([key]) => present.includes(key))),
    groups: new Map([['g1', { name: 'staff', members: new Set(members) }]]),
  }));
const faults = fc.array(
  fc.constantFrom<SimulatedResult>('answered', 'answered', 'answered', 'lostBefore', 'lostAfter', 'refused'),
  { maxLength: 20 },
);
const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ company: companies, daysLater: fc.constantFrom(0, 0.5, 1, 3), faults }),
  { minLength: 1, maxLength: 5 },
);

describe('any history with dates, groups, and attributes with a policy', () => {
  test(
    'has the same incremental and full plan at each moment',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories, rules, async (history, ruled) => {
          await inWorld(ruled, async (world) => {
            for (const step of history) {
              world.begin(step);
              expect(await planned(world, false)).toEqual(await planned(world, true));
              await pass(world);
            }
          });
        }),
        randomRuns(40),
      );
    },
    randomRunsTimeoutMs,
  );

  test(
    'gives access to the right users, and each keeps a userName that only the user has',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories, rules, async (history, ruled) => {
          await inWorld(ruled, async (world) => {
            let names: ReadonlyMap<string, string> = new Map();
            for (const step of history) {
              world.begin(step);
              await pass(world);
              await converge(world);
              const now = world.io.clock.now();
              expect(activeKeys(world.target)).toEqual(expectedKeys(step.company, ruled, now));
              names = expectStableNames(world.target, names, ruled);
              expectValues(world.target, step.company, ruled);
            }
            const before = world.target.operationLog.length;
            await sync(world.io, { ...options, full: true }, never);
            expect(world.target.operationLog.slice(before)).toEqual([]);
          });
        }),
        randomRuns(40),
      );
    },
    randomRunsTimeoutMs,
  );
});

interface World {
  readonly io: SyncDeps & { readonly store: Store };
  readonly target: InMemoryTarget;
  /** Sets the source, the clock and the faults of the next pass. */
  begin(step: Step): void;
  move(milliseconds: number): void;
}

function specOf({ leavers, joiners, needsGroup, isUnique }: Rules): TargetSpec {
  const login = isUnique ? 'user.login' : 'user.userName';
  const mapping: Readonly<Record<string, Json>> = {
    userName: isUnique ? { value: [login, `${login} + '2'`, 'user.userName'], unique: true } : login,
    nickName: { value: 'user.department', on: 'create', default: `'new'` },
    title: { value: 'tables.titles[user.department]', default: `'Employee'` },
  };
  const scope = needsGroup ? { users: `'staff' in groups` } : {};
  return { ...targetSpec(leavers, scope, mapping, { titles }), ...(joiners === undefined ? {} : { joiners }) };
}

async function inWorld(ruled: Rules, work: (world: World) => Promise<void>): Promise<void> {
  let company: Company = { people: new Map(), groups: new Map() };
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  // An account of another person, which has a name that users of the source may want.
  target.addAccount('User', { userName: 'Bob', externalId: 'other', active: true });
  const clock = manualClock();
  const io: SyncDeps = {
    store,
    source: companySource(() => company),
    targets: [specOf(ruled)],
    clock,
    emit: () => undefined,
    connect: () => target,
    random: () => 0.5,
  };
  try {
    await work({
      io,
      target,
      begin(step) {
        ({ company } = step);
        const remaining = [...step.faults];
        target.simulate = () => remaining.shift() ?? 'answered';
        clock.move(60_000 + step.daysLater * dayMs);
      },
      move: clock.move,
    });
  } finally {
    store.close();
  }
}

async function pass({ io }: World): Promise<boolean> {
  const { reports } = await sync(io, options, never);
  return reports.every(({ failed, skipped, held }) => failed + skipped === 0 && held === null);
}

/** Passes without faults until one has nothing left, and the clock is trusted. */
async function converge(world: World): Promise<void> {
  world.target.simulate = () => 'answered';
  for (let count = 0; count < 6; count += 1) {
    const isDone = await pass(world);
    if (isDone && count > 0) return;
    world.move(600_000);
  }
}

async function planned({ io }: World, full: boolean): Promise<readonly string[]> {
  return plan(
    io,
    { ...options, full },
    async ({ pass: number }) => {
      const operations = await io.store.journal.operations(number, 'app', 0, undefined, 10_000);
      return operations.map(({ operation, phase, wave }) => JSON.stringify({ phase, wave, ...operation })).sort();
    },
    never,
  );
}

const ourAccounts = ({ accounts }: InMemoryTarget) =>
  [...accounts.User].filter(([, { body }]) => String(body['externalId']).startsWith('p'));

const activeKeys = (target: InMemoryTarget): readonly string[] =>
  ourAccounts(target)
    .filter(([, { body }]) => body['active'] !== false)
    .map(([, { body }]) => String(body['externalId']))
    .sort();

/** Who has access, by the dates alone. */
function expectedKeys({ people, groups }: Company, ruled: Rules, now: number): readonly string[] {
  const { deactivateDaysAfter = 0 } = ruled.leavers;
  const { activateDaysBefore } = ruled.joiners ?? { activateDaysBefore: 0 };
  return [...people]
    .filter(([key, { active, validFrom = -Infinity, validTo = Infinity }]) => {
      const isMember = !ruled.needsGroup || groups.get('g1')?.members.has(key) === true;
      const hasBegun = validFrom - activateDaysBefore * dayMs <= now;
      return active && isMember && hasBegun && now < validTo + deactivateDaysAfter * dayMs && validFrom < validTo;
    })
    .map(([key]) => key)
    .sort();
}

/** An account keeps its userName while it exists; no two have the same. @returns the names by account */
function expectStableNames(
  target: InMemoryTarget,
  before: ReadonlyMap<string, string>,
  { isUnique }: Rules,
): ReadonlyMap<string, string> {
  const all = [...target.accounts.User.values()].map(({ body }) => String(body['userName']).toLowerCase());
  expect(new Set(all).size).toBe(all.length);
  const names = new Map(ourAccounts(target).map(([id, { body }]) => [id, String(body['userName'])]));
  if (isUnique) for (const [id, name] of names) expect({ id, name: before.get(id) ?? name }).toEqual({ id, name });
  return names;
}

function expectValues(target: InMemoryTarget, { people }: Company, { isUnique }: Rules): void {
  for (const [, { body }] of ourAccounts(target)) {
    const user = people.get(String(body['externalId']));
    if (user === undefined || body['active'] === false) continue;
    expect(body['title']).toBe(titles[user.department] ?? 'Employee');
    expect(['new', '', 'it', 'sales', 'hr']).toContain(body['nickName']);
    if (!isUnique) expect(body['userName']).toBe(user.userName);
  }
}
