import { expect, test } from '@jest/globals';
import type { Speaks } from '../../src/model/profile.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { sync } from '../../src/sync/pass.ts';
import type { SyncIo } from '../../src/sync/pass-io.ts';
import { MemoryTarget } from '../world/memory-target.ts';
import { profileWith } from '../world/profile.ts';
import { companySource, stillClock, targetSpec, type Company } from './company.ts';

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
async function succession(speaks: Partial<Speaks>): Promise<readonly string[]> {
  const store = openStore(':memory:');
  const target = new MemoryTarget('app');
  const clock = stillClock();
  let now = company({ p1: 'ada', p2: 'bob' });
  const spec = {
    ...targetSpec({}),
    profile: profileWith({
      speaks: { ifMatch: 'never', ...speaks },
      allows: { requestsPerSecond: 1000, concurrency: 1 },
    }),
  };
  const io: SyncIo = {
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
  const before = target.said.length;
  await pass();
  store.close();
  return target.said.slice(before);
}

test.each<[string, Partial<Speaks>, readonly string[]]>([
  ['gives its name up', {}, ['deactivate User p1', 'update User p1', 'create User p3']],
  ['is not renamed where it is hidden', { inactiveUsers: 'missing' }, ['deactivate User p1', 'create User p3']],
  [
    'is not renamed where it bears a made-up name already',
    { inactiveUsers: 'obscured' },
    ['deactivate User p1', 'create User p3'],
  ],
  ['is not renamed where it cannot be changed', { inactiveChanges: false }, ['deactivate User p1', 'create User p3']],
])('an account that is closed %s', async (_, speaks, said) => {
  expect(await succession(speaks)).toEqual(said);
});
