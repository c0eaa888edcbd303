import { describe, expect, test } from '@jest/globals';
import type { Store } from '../../src/store/store.ts';
import type { PassEvent } from '../../src/sync/events.ts';
import { sync, type SyncReport } from '../../src/sync/pass.ts';
import type { TargetSpec } from '../../src/sync/context.ts';
import { limitsOf, removalLimits } from '../world/limits.ts';
import { targetSpec, type Company } from './company.ts';
import { newsDuring, type NewsItem } from './news-during-pass.ts';
import { companyOf, createPassFixture, passOptions, person, type PassFixture } from './pass-fixture.ts';

const never = new AbortController().signal;

interface Result {
  readonly report: SyncReport;
  /** What the target received: `create User p1`. */
  readonly sent: readonly string[];
  readonly events: readonly PassEvent[];
}

/** A pass over a company, and news that arrives while the target answers its requests. */
async function passWithNews(
  fixture: PassFixture,
  company: Company,
  items: readonly NewsItem[],
  options: Partial<typeof passOptions> = {},
): Promise<Result> {
  fixture.become(company);
  const { target } = fixture;
  const before = target.operationLog.length;
  const events: PassEvent[] = [];
  const deps = { ...fixture.deps(), emit: (event: PassEvent) => events.push(event) };
  const { perform } = target;
  const lanes = newsDuring(deps, target, fixture.become, items);
  const report = await sync(deps, { ...passOptions, ...options, lanes }, never);
  target.perform = perform;
  return { report, sent: target.operationLog.slice(before), events };
}

/** `p1` … `p9` with a user each, without those that are left out. */
const people = (count: number, without: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => `p${index + 1}`)
      .filter((key) => !without.includes(key))
      .map((key) => [key, `user-${key}`]),
  );

const supersededIn = async (store: Store, pass: number): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const round of [0, 1, 2])
    for await (const { operation, state } of store.journal.allOperations(pass, 'app', round))
      if (state === 'skipped') found.push(`${operation.action} ${operation.key}`);
  return found;
};

describe('news while creates wait', () => {
  test('closes the account of a leaver before the creates go on', async () => {
    using fixture = createPassFixture();
    await fixture.pass(companyOf({ p9: 'leaver' }));
    const before = companyOf({ p9: 'leaver', ...people(5) });
    const { sent, report } = await passWithNews(fixture, before, [[1, companyOf(people(5))]]);
    expect(sent).toEqual([
      ...['create User p1', 'create User p2'],
      'deactivate User p9',
      ...['create User p3', 'create User p4', 'create User p5'],
    ]);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0, counts: { create: 5, deactivate: 1 } });
    expect(await fixture.pass(companyOf(people(5)))).toEqual([]);
  });

  test('sends nothing for a user who left before the create was sent', async () => {
    using fixture = createPassFixture();
    const { sent, report } = await passWithNews(fixture, companyOf(people(5)), [[1, companyOf(people(5, ['p4']))]]);
    expect(sent).toEqual(['create User p1', 'create User p2', 'create User p3', 'create User p5']);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0, succeeded: 4, counts: { create: 4 } });
    expect(await supersededIn(fixture.store, report.pass)).toEqual(['create p4']);
    expect(await fixture.pass(companyOf(people(5, ['p4'])))).toEqual([]);
  });

  test('closes in the next pass an account that a user had who lost access before the create', async () => {
    using fixture = createPassFixture();
    const id = fixture.target.addAccount('User', { userName: 'user-p4', active: true });
    const left = companyOf({ ...people(5), p4: person('user-p4', { active: false }) });
    const { sent, report } = await passWithNews(fixture, companyOf(people(5)), [[1, left]]);
    expect(sent.filter((one) => one.endsWith(' p4'))).toEqual([]);
    // The target did not fail, so a daemon goes on at once instead of after a quarantine.
    expect(report.preempted).toEqual([
      { target: 'app', reason: expect.stringContaining('the next pass looks for accounts') },
    ]);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0, unavailable: undefined });
    expect(await fixture.pass(left)).toContain('deactivate User p4');
    expect(fixture.target.accounts.User.get(id)?.body['active']).toBe(false);
    expect(fixture.report().reports[0]).toMatchObject({ failed: 0, unavailable: undefined });
    expect(await fixture.pass(left)).toEqual([]);
  });

  test('creates a user once, with the last values', async () => {
    using fixture = createPassFixture();
    const renamed = companyOf({ ...people(5), p4: 'new' });
    const { sent, report } = await passWithNews(fixture, companyOf(people(5)), [[1, renamed]]);
    expect(sent.filter((one) => one.endsWith(' p4'))).toEqual(['create User p4']);
    expect([...fixture.target.accounts.User.values()].map(({ body }) => body['userName'])).toContain('new');
    expect(report.reports[0]).toMatchObject({ counts: { create: 5 }, succeeded: 5, skipped: 0 });
    expect(await fixture.pass(renamed)).toEqual([]);
  });

  test('adds a new membership of a waiting user after the create', async () => {
    using fixture = createPassFixture();
    const team = (...members: string[]) => ({ g1: { name: 'team', members } });
    await fixture.pass(companyOf(people(1), team('p1')));
    const after = companyOf(people(4), team('p1', 'p4'));
    const { sent, report } = await passWithNews(fixture, companyOf(people(4), team('p1')), [[0, after]]);
    expect(sent).toEqual(['create User p2', 'create User p3', 'create User p4', 'members Group g1']);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0, counts: { create: 3, addMembers: 1 } });
    expect(await fixture.pass(after)).toEqual([]);
  });

  test('sends of a waiting request for a group only the other members', async () => {
    using fixture = createPassFixture();
    const before = companyOf(people(3), { g1: { name: 'team', members: ['p1', 'p2', 'p3'] } });
    const after = companyOf(people(3), { g1: { name: 'team', members: ['p1', 'p3'] } });
    const { sent, report } = await passWithNews(fixture, before, [[3, after]]);
    expect(sent.filter((one) => one.startsWith('members'))).toEqual(['members Group g1']);
    const [group] = fixture.target.accounts.Group.values();
    expect(group?.members.size).toBe(2);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0, counts: { addMembers: 2 } });
    expect(await fixture.pass(after)).toEqual([]);
  });

  test('keeps the manager of a waiting user who is a leaver himself away from the target', async () => {
    using fixture = createPassFixture();
    const before = companyOf({ p1: 'one', p2: person('two', { manager: 'p3' }), p3: 'three' });
    const after = companyOf({ p1: 'one', p2: person('two', { manager: 'p3' }) });
    const { sent, report } = await passWithNews(fixture, before, [[0, after]]);
    expect(sent).toEqual(['create User p1', 'create User p2']);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0 });
    expect(await fixture.pass(after)).toEqual([]);
  });

  test.each([0, 1, 2, 3, 4, 5])('exchanges names also when it arrives at request %i of a chain', async (request) => {
    using fixture = createPassFixture();
    await fixture.pass(companyOf({ p1: 'ann', p2: 'bea', p3: 'cyd', p4: 'dan' }));
    const before = companyOf({ p1: 'bea', p2: 'ann', p3: 'dan', p4: 'cyd', p5: 'eve' });
    const after = companyOf({ p1: 'cyd', p2: 'ann', p3: 'bea', p4: 'dan', p5: 'eve' });
    const { report } = await passWithNews(fixture, before, [[request, after]]);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0, problems: 0 });
    const names = [...fixture.target.accounts.User.values()].map(({ body }) => [body['externalId'], body['userName']]);
    expect(Object.fromEntries(names)).toEqual({ p1: 'cyd', p2: 'ann', p3: 'bea', p4: 'dan', p5: 'eve' });
    expect(await fixture.pass(after)).toEqual([]);
  });

  test('sends neither of two users who would get one userName', async () => {
    using fixture = createPassFixture();
    const after = companyOf({ ...people(4), p9: 'user-p4' });
    const { sent, report } = await passWithNews(fixture, companyOf(people(4)), [[1, after]]);
    expect(sent).toEqual(['create User p1', 'create User p2', 'create User p3']);
    expect(report.reports[0]?.problems).toBe(2);
  });

  test('comes again and again without using up the follow-ups', async () => {
    using fixture = createPassFixture();
    const all = people(20);
    const items = [2, 4, 6, 8, 10, 12].map((request, index): NewsItem => [
      request,
      companyOf(people(20, [`p${20 - index}`])),
    ]);
    const { report } = await passWithNews(fixture, companyOf(all), items);
    expect(report.reports[0]).toMatchObject({ failed: 0, skipped: 0 });
    const active = [...fixture.target.accounts.User.values()].filter(({ body }) => body['active'] !== false);
    expect(active).toHaveLength(19);
    expect(await fixture.pass(companyOf(people(20, ['p15'])))).toEqual([]);
  });
});

describe('the guard', () => {
  const guarded = (): TargetSpec => ({
    ...targetSpec({}),
    guard: limitsOf(removalLimits({ kind: 'count', count: 2 })),
  });
  const ten = people(10);

  test('holds only the news, and the older round goes on', async () => {
    using fixture = createPassFixture({ spec: guarded() });
    await fixture.pass(companyOf(ten));
    const before = companyOf({ ...ten, q1: 'q1', q2: 'q2', q3: 'q3' });
    const after = companyOf({ ...people(10, ['p1', 'p2', 'p3']), q1: 'q1', q2: 'q2', q3: 'q3' });
    const { sent, report } = await passWithNews(fixture, before, [[0, after]]);
    expect(sent).toEqual(['create User q1', 'create User q2', 'create User q3']);
    expect(report.reports[0]).toMatchObject({ heldOperations: 3, held: { parts: ['removals'] } });
  });

  test('counts the removals of the older round and of the news together', async () => {
    using fixture = createPassFixture({ spec: guarded() });
    await fixture.pass(companyOf(ten));
    const before = companyOf({ ...people(10, ['p1', 'p2']), q1: 'q1', q2: 'q2' });
    const after = companyOf({ ...people(10, ['p1', 'p2', 'p3']), q1: 'q1', q2: 'q2' });
    const { sent, report } = await passWithNews(fixture, before, [[2, after]]);
    expect(sent).toEqual(['deactivate User p1', 'deactivate User p2', 'create User q1', 'create User q2']);
    expect(report.reports[0]).toMatchObject({ heldOperations: 1, counts: { deactivate: 3 } });
  });

  test('does not count a removal that the news supersedes', async () => {
    using fixture = createPassFixture({ spec: guarded() });
    await fixture.pass(companyOf(ten));
    const before = companyOf(people(10, ['p1', 'p2']));
    const after = companyOf(people(10, ['p1', 'p3']));
    const { sent, report } = await passWithNews(fixture, before, [[0, after]]);
    expect(sent).toEqual(['deactivate User p1', 'deactivate User p3']);
    expect(report.reports[0]).toMatchObject({ heldOperations: 0, skipped: 0, counts: { deactivate: 2 } });
  });
});

test('news does not wait until unanswered creates have been looked up', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf({ p9: 'leaver' }));
  const { target } = fixture;
  const perform = target.perform.bind(target);
  target.simulate = ({ key }) => (key === 'p2' ? 'lostBefore' : 'answered');
  target.perform = async (context) => {
    const { outcome, ...counts } = await perform(context);
    return { ...counts, outcome: outcome.kind === 'unknown' ? { ...outcome, lookAgain: true } : outcome };
  };
  const before = companyOf({ p9: 'leaver', ...people(2) });
  // The request with number 2 is the first look-up, two seconds after the round.
  const { sent } = await passWithNews(fixture, before, [[2, companyOf({ ...people(3) })]]);
  expect(sent).toEqual([
    ...['create User p1', 'create User p2', 'verifyCreate User p2'],
    ...['deactivate User p9', 'create User p3'],
    ...['verifyCreate User p2', 'verifyCreate User p2'],
  ]);
});

test('news that changes the rules ends the run, and stays pending for the next pass', async () => {
  const spec = targetSpec({});
  let isStrict = false;
  const changing: TargetSpec = {
    ...spec,
    compileMapping: (known) =>
      (isStrict ? targetSpec({}, { users: `user.userName != 'user-p4'` }) : spec).compileMapping(known),
  };
  using fixture = createPassFixture({ spec: changing });
  const after = companyOf({ ...people(4), p4: person('user-p4', { department: 'it' }) });
  fixture.become(companyOf(people(4)));
  const { target } = fixture;
  const lanes = newsDuring(fixture.deps(), target, fixture.become, [[1, after]]);
  const { perform } = target;
  target.perform = async (context) => {
    const answer = await perform(context);
    isStrict = true;
    return answer;
  };
  const report = await sync(fixture.deps(), { ...passOptions, lanes }, never);
  expect(report.preempted).toMatchObject([{ target: 'app' }]);
  expect(lanes.enter('app', { pass: 0, reading: 0 })?.news.pending).toBe(true);
  expect(target.operationLog).toEqual(['create User p1', 'create User p2']);
  await fixture.pass(after);
  expect(target.operationLog.slice(2)).toEqual(['create User p3']);
});
