import { describe, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/sqlite-store.ts';
import { sync } from '../../src/sync/pass.ts';
import type { SyncIo } from '../../src/sync/pass-io.ts';
import type { TargetSpec } from '../../src/sync/spec.ts';
import { MemoryTarget } from '../world/memory-target.ts';
import { profileWith, type Changes } from '../world/profile.ts';
import { companySource, stillClock, targetSpec, type Company } from './company.ts';

const never = new AbortController().signal;

/** A company of these people, by letter, with these letters in its one group. */
const company = (people: string, members: string, department: Readonly<Record<string, string>> = {}): Company => ({
  people: new Map(
    [...people].map((key) => [
      key,
      { userName: key, department: department[key] ?? '', manager: undefined, active: true },
    ]),
  ),
  groups: new Map([['g', { name: 'all', members: new Set(members) }]]),
});

function world(changes: Changes) {
  let now: Company = company('', '');
  let passes = 0;
  const store = openStore(':memory:');
  const target = new MemoryTarget('app');
  const clock = stillClock();
  const spec: TargetSpec = {
    ...targetSpec({ action: 'delete' }),
    profile: profileWith({
      speaks: { ifMatch: 'never', ...changes.speaks },
      allows: { requestsPerSecond: 1000, concurrency: 1, ...changes.allows },
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
  const nameOf = (id: string): unknown => target.accounts.User.get(id)?.body['externalId'];
  return {
    target,
    /** @returns what was said to the target */
    async pass(next: Company): Promise<readonly string[]> {
      now = next;
      clock.move(60_000);
      passes += 1;
      const before = target.said.length;
      await sync(
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
        never,
      );
      return target.said.slice(before);
    },
    members: (): string =>
      [...target.accounts.Group.values()]
        .flatMap(({ members }) => [...members].map(nameOf))
        .sort()
        .join(''),
    async notes(): Promise<readonly string[]> {
      return (await store.journal.notes(passes, 'app', 0, 100)).map(({ text }) => text);
    },
    [Symbol.dispose]: () => store.close(),
  };
}

describe('a group that may have two members', () => {
  test('takes two; a third comes in when a place is free, and nothing is said again meanwhile', async () => {
    using app = world({ allows: { membersPerGroup: 2 } });
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

describe('somebody whom the target had refused', () => {
  test.each<[string, Changes, readonly string[]]>([
    [
      'is said again with the memberships that were dropped',
      { speaks: { readBack: 'members' } },
      ['update User a', 'members Group g'],
    ],
    ['keeps the memberships where nothing is dropped', {}, ['update User a']],
  ])('%s', async (_, changes, said) => {
    using app = world(changes);
    await app.pass(company('ab', 'ab'));
    app.target.fate = () => 'refused';
    expect(await app.pass(company('ab', 'ab', { a: 'it' }))).toEqual(['update User a']);
    app.target.fate = () => 'answered';
    expect(await app.pass(company('ab', 'ab', { a: 'hr' }))).toEqual(said);
    expect(await app.pass(company('ab', 'ab', { a: 'hr' }))).toEqual([]);
    expect(await app.pass(company('ab', 'ab', { a: 'it' }))).toEqual(['update User a']);
    expect(app.members()).toBe('ab');
  });
});
