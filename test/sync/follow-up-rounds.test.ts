import { describe, expect, test } from '@jest/globals';
import type { Approval } from '../../src/model/plan.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { PassEvent } from '../../src/sync/events.ts';
import { plan, sync } from '../../src/sync/pass.ts';
import type { PassOptions, SyncDeps } from '../../src/sync/context.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { limitsOf, removalLimits, share } from '../world/limits.ts';
import { companySource, manualClock, targetSpec, type Company } from './company.ts';

const never = new AbortController().signal;
const groupMembers = 29;
const guardLimits = limitsOf(removalLimits(share(0.05)));

/** A source of 40 users and an empty group. The target has the same users, and 29 of them are members of its group. */
async function adoptionFixture() {
  const userKeys = Array.from({ length: 40 }, (_, index) => `u${index}`);
  const company = (members: readonly string[]): Company => ({
    people: new Map(userKeys.map((key) => [key, { userName: key, department: '', manager: undefined, active: true }])),
    groups: new Map([['g', { name: 'all', members: new Set(members) }]]),
  });
  const target = new InMemoryTarget('app');
  const fill = deps(target, company(userKeys.slice(0, groupMembers)));
  await sync(fill, { ...options, plan: undefined }, never);
  fill.store.close();
  target.operationLog.length = 0;
  const events: PassEvent[] = [];
  return { target, events, ...deps(target, company([]), (event) => events.push(event)) };
}

function deps(target: InMemoryTarget, company: Company, emit: SyncDeps['emit'] = () => undefined): SyncDeps {
  return {
    store: openStore(':memory:'),
    source: companySource(() => company),
    targets: [{ ...targetSpec({}), guard: guardLimits }],
    clock: manualClock(),
    emit,
    connect: () => target,
    random: () => 0.5,
  };
}

const options: PassOptions = {
  only: undefined,
  full: false,
  approval: {},
  operator: { name: 'admin', host: 'host' },
  acceptSource: false,
  command: 'test',
  note: undefined,
};

const membersOf = (target: InMemoryTarget): number =>
  [...target.accounts.Group.values()].reduce((count, { members }) => count + members.size, 0);

describe('removals that follow from an adoption', () => {
  test.each<[string, Approval, number]>([
    ['are held without an approval', {}, groupMembers],
    ['are held if the approval is for the id of the shown plan', { plan: 'id' }, groupMembers],
    ['are held if the approved number is too small', { removals: groupMembers - 1 }, groupMembers],
    ['are sent if the approved number covers them', { removals: groupMembers }, 0],
  ])('%s', async (_, approval, expected) => {
    const { target, events, ...io } = await adoptionFixture();
    const id = await plan(io, options, async (planned) => planned.id, never);
    const { reports } = await sync(
      io,
      { ...options, approval, plan: approval.plan === undefined ? undefined : id },
      never,
    );
    expect(membersOf(target)).toBe(expected);
    expect(reports[0]?.held?.removals).toBe(expected === 0 ? undefined : groupMembers);
    expect(events.filter(({ type }) => type === 'held')).toHaveLength(expected === 0 ? 0 : 1);
    io.store.close();
  });

  test('are sent once the operator approves the number of the hold', async () => {
    const { target, events: _, ...io } = await adoptionFixture();
    const first = await sync(io, { ...options, plan: undefined }, never);
    const removals = first.reports[0]?.held?.removals ?? 0;
    const second = await sync(io, { ...options, plan: undefined, approval: { removals } }, never);
    expect(second.reports[0]).toMatchObject({ held: null, counts: { removeMembers: groupMembers } });
    expect(membersOf(target)).toBe(0);
    io.store.close();
  });
});

test('the window of recent removals counts in follow-up rounds', async () => {
  const { target, events, ...world } = await adoptionFixture();
  const io = { ...world, targets: [{ ...targetSpec({}), guard: { ...guardLimits, windowMs: 60_000 } }] };
  const { pass } = await io.store.reading((tx) => tx.journal.begin('earlier', io.clock.now()));
  const asked = { pass: 0 };
  await io.store.journal.end(pass, io.clock.now(), 'done', undefined);
  const changedSince = async (_name: string, _since: unknown, current: number) => {
    asked.pass = current;
    return [{ kind: 'membershipsRemoved' as const, count: 500 }];
  };
  const store: Store = {
    ...io.store,
    planning: (work) => io.store.planning((tx) => work({ ...tx, journal: { ...tx.journal, changedSince } })),
  };
  await sync({ ...io, store }, { ...options, plan: undefined }, never);
  expect(asked.pass).toBeGreaterThan(pass);
  expect(events.flatMap((event) => (event.type === 'held' ? event.reasons : []))).toEqual([
    expect.stringContaining('after 500 within 1 min'),
  ]);
  expect(membersOf(target)).toBe(groupMembers);
  io.store.close();
});
