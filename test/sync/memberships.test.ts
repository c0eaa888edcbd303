import { describe, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/sqlite-store.ts';
import { sync } from '../../src/sync/pass.ts';
import type { SyncDeps, TargetSpec } from '../../src/sync/context.ts';
import { notesOf } from '../store/notes.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { profileWith, type ProfileOverrides } from '../world/profile.ts';
import { companySource, manualClock, targetSpec, type Company } from './company.ts';

const never = new AbortController().signal;

/** A company: one user per letter of `people`, and one group with the users of `members`. */
const company = (people: string, members: string, department: Readonly<Record<string, string>> = {}): Company => ({
  people: new Map(
    [...people].map((key) => [
      key,
      { userName: key, department: department[key] ?? '', manager: undefined, active: true },
    ]),
  ),
  groups: new Map([['g', { name: 'all', members: new Set(members) }]]),
});

function world(changes: ProfileOverrides) {
  let now: Company = company('', '');
  let passes = 0;
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const clock = manualClock();
  const spec: TargetSpec = {
    ...targetSpec({ action: 'delete' }),
    profile: profileWith({
      protocol: { ifMatch: 'never', ...changes.protocol },
      limits: { requestsPerSecond: 1000, concurrency: 1, ...changes.limits },
    }),
  };
  const io: SyncDeps = {
    store,
    source: companySource(() => now),
    targets: [spec],
    clock,
    emit: () => undefined,
    connect: () => target,
    random: () => 0.5,
  };
  const nameOf = (id: string): unknown => target.accounts.User.get(id)?.body['externalId'];
  return {
    target,
    /** @returns the operations that the target received */
    async pass(next: Company): Promise<readonly string[]> {
      now = next;
      clock.move(60_000);
      passes += 1;
      const before = target.operationLog.length;
      await sync(
        io,
        {
          only: undefined,
          full: false,
          approval: {},
          operator: { name: 'admin', host: 'host' },
          acceptSource: false,
          command: 'test',
          note: undefined,
          plan: undefined,
        },
        never,
      );
      return target.operationLog.slice(before);
    },
    members: (): string =>
      [...target.accounts.Group.values()]
        .flatMap(({ members }) => [...members].map(nameOf))
        .sort()
        .join(''),
    async notes(): Promise<readonly string[]> {
      return (await notesOf(store, passes, 'app')).map(({ text }) => text);
    },
    [Symbol.dispose]: () => store.close(),
  };
}

describe('a group that may have two members', () => {
  test('has two; a third joins when a place is free, and nothing is sent before', async () => {
    using app = world({ limits: { membersPerGroup: 2 } });
    await app.pass(company('abc', 'abc'));
    expect(app.members()).toBe('ab');
    expect(await app.notes()).toEqual(['1 member is left out: a group may have at most 2 at this target']);
    expect(await app.pass(company('abc', 'abc'))).toEqual([]);
    expect(await app.pass(company('abcd', 'abcd'))).toEqual(['create User d']);
    expect(await app.pass(company('abcd', 'acd'))).toEqual(['members Group g']);
    expect(app.members()).toBe('ac');
    await app.pass(company('bcd', 'cd'));
    expect(app.members()).toBe('cd');
  });
});

describe('a group that is a member of itself', () => {
  test('has its other members only, and the next pass is silent', async () => {
    using app = world({});
    const itself = company('ab', 'abg');
    await app.pass(itself);
    expect(app.members()).toBe('ab');
    expect(await app.pass(itself)).toEqual([]);
  });

  test('a user with the key of the group is a member', async () => {
    using app = world({});
    await app.pass(company('ag', 'ag'));
    expect(app.members()).toBe('ag');
  });
});

describe('a user whom the target refused before', () => {
  test.each<[string, ProfileOverrides, readonly string[]]>([
    [
      'is sent again with the memberships that the target dropped',
      { protocol: { verifyWrites: 'members' } },
      ['update User a', 'members Group g'],
    ],
    ['keeps the memberships if the target drops none', {}, ['update User a']],
  ])('%s', async (_, changes, received) => {
    using app = world(changes);
    await app.pass(company('ab', 'ab'));
    app.target.simulate = () => 'refused';
    expect(await app.pass(company('ab', 'ab', { a: 'it' }))).toEqual(['update User a']);
    app.target.simulate = () => 'answered';
    expect(await app.pass(company('ab', 'ab', { a: 'hr' }))).toEqual(received);
    expect(await app.pass(company('ab', 'ab', { a: 'hr' }))).toEqual([]);
    expect(await app.pass(company('ab', 'ab', { a: 'it' }))).toEqual(['update User a']);
    expect(app.members()).toBe('ab');
  });
});
