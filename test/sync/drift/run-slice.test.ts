import { expect, test } from '@jest/globals';
import { dayMs, minuteMs } from '../../../src/model/time.ts';
import type { Target } from '../../../src/scim/target.ts';
import { defaultDriftSettings } from '../../../src/model/target/drift.ts';
import { noNews, type News } from '../../../src/sync/rounds/news.ts';
import { runSlice } from '../../../src/sync/drift/run-slice.ts';
import { companyOf, createPassFixture, type PassFixture } from '../pass-fixture.ts';
import { shadowed } from './drift-fixture.ts';
import { targetSpec } from '../company.ts';

const never = new AbortController().signal;
const people = Array.from({ length: 30 }, (_, index) => `p${index}`);
const company = companyOf(Object.fromEntries(people.map((key) => [key, key])));

/** A target that lists nothing and counts what it is asked. */
async function counted(requestsPerHour: number) {
  const spec = {
    ...targetSpec({}),
    drift: { ...defaultDriftSettings, requestsPerHour, everyDays: 7 },
  };
  const fixture: PassFixture = createPassFixture({ spec });
  await fixture.pass(company);
  const read: string[] = [];
  const counters = { requests: 0, retries: 0, verifications: 0 };
  const target: Target = shadowed(fixture.target, {
    counters,
    async *list() {
      counters.requests += 1;
      return { complete: false, requests: 1 };
    },
    async readKnown(...request) {
      counters.requests += 1;
      read.push(request[0].remoteId);
      return fixture.target.readKnown(request[0]);
    },
  });
  const slice = (news: News = noNews) => {
    counters.requests = 0;
    return runSlice({ ...fixture.deps(), connect: () => target }, fixture.spec, { news }, never);
  };
  return { fixture, read, slice };
}

test('slices read each account once, within the budget, and a new process continues', async () => {
  const { fixture, read, slice } = await counted(60);
  using _fixture = fixture;
  expect((await slice()).requests).toBe(10);
  expect((await slice()).requests).toBe(0);
  for (let minute = 0; minute < 40; minute += 1) {
    fixture.wait(minuteMs);
    await slice();
  }
  expect(read).toHaveLength(people.length);
  expect(new Set(read).size).toBe(people.length);
  // The next check begins a week after the last one began.
  fixture.wait(6 * dayMs);
  await slice();
  expect(read).toHaveLength(people.length);
  fixture.wait(dayMs);
  await slice();
  expect(read.length).toBeGreaterThan(people.length);
});

test('a slice ends for news of the lane, and leaves a paused target alone', async () => {
  const { fixture, read, slice } = await counted(100_000);
  using _fixture = fixture;
  await slice({ pending: true, take: () => undefined });
  expect(read).toEqual([]);
  const { now } = fixture.deps().clock;
  const begun = { at: now(), operator: 'ada', host: 'hr' };
  await fixture.store.command(({ suspensions }) => suspensions.pause({ target: 'app', begun, reason: undefined }));
  await slice();
  expect(read).toEqual([]);
});

test('recent leavers are read every day, and a repair needs a pass', async () => {
  const { fixture, read, slice } = await counted(100_000);
  using _fixture = fixture;
  await fixture.pass(companyOf(Object.fromEntries(people.slice(1).map((key) => [key, key]))));
  await slice();
  read.splice(0);
  const [leaver = ''] = fixture.target.accounts.User.keys();
  const account = fixture.target.accounts.User.get(leaver);
  fixture.wait(dayMs);
  if (account !== undefined) account.body['active'] = true;
  const { needsPass, found } = await slice();
  expect(read).toEqual([leaver]);
  expect(found).toMatchObject([{ kind: 'reactivated', key: 'p0', policy: 'repair' }]);
  expect(needsPass).toBe(true);
  expect(await fixture.pass(companyOf(Object.fromEntries(people.slice(1).map((key) => [key, key]))))).toEqual([
    'deactivate User p0',
  ]);
  await slice();
  expect([...(await fixture.store.target('app')).drift.openOf({ resourceType: 'User', key: 'p0' as never })]).toEqual(
    [],
  );
});
