import { expect, test } from '@jest/globals';
import type { Protocol } from '../../src/model/profile.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { sync } from '../../src/sync/pass.ts';
import type { SyncDeps } from '../../src/sync/pass-deps.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { profileWith } from '../world/profile.ts';
import { companySource, manualClock, targetSpec, type Company } from './company.ts';

const company = (names: Readonly<Record<string, string>>): Company => ({
  people: new Map(
    Object.entries(names).map(([key, userName]) => [
      key,
      { userName, department: '', manager: undefined, active: true },
    ]),
  ),
  groups: new Map(),
});

/** What is said when the name of somebody who leaves goes to somebody who comes. */
async function succession(protocol: Partial<Protocol>): Promise<readonly string[]> {
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const clock = manualClock();
  let now = company({ p1: 'ada', p2: 'bob' });
  const spec = {
    ...targetSpec({}),
    profile: profileWith({
      protocol: { ifMatch: 'never', ...protocol },
      limits: { requestsPerSecond: 1000, concurrency: 1 },
    }),
  };
  const io: SyncDeps = {
    store,
    source: companySource(() => now),
    targets: [spec],
    clock,
    emit: () => undefined,
    connect: () => target,
  };
  const pass = () =>
    sync(
      io,
      {
        only: undefined,
        full: false,
        approval: {},
        acceptSource: false,
        command: 'test',
        note: undefined,
        plan: undefined,
      },
      new AbortController().signal,
    );
  await pass();
  now = company({ p2: 'bob', p3: 'ada' });
  clock.move(60_000);
  const before = target.operationLog.length;
  await pass();
  store.close();
  return target.operationLog.slice(before);
}

test.each<[string, Partial<Protocol>, readonly string[]]>([
  ['gives its name up', {}, ['deactivate User p1', 'update User p1', 'create User p3']],
  ['is not renamed where it is hidden', { inactiveUsers: 'notFound' }, ['deactivate User p1', 'create User p3']],
  [
    'is not renamed where it bears a made-up name already',
    { inactiveUsers: 'anonymised' },
    ['deactivate User p1', 'create User p3'],
  ],
  [
    'is not renamed where it cannot be changed',
    { inactiveUsersWritable: false },
    ['deactivate User p1', 'create User p3'],
  ],
])('an account that is closed %s', async (_, protocol, expected) => {
  expect(await succession(protocol)).toEqual(expected);
});
