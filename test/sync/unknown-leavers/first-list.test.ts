import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import {
  doubtAboutFirstList,
  isWithoutControl,
  omitsKnownAccounts,
} from '../../../src/sync/unknown-leavers/first-list.ts';

const account = (origin: KnownState['origin'], active = true): KnownState => ({
  ...{ resourceType: 'User', key: sourceKey('1'), remoteId: remoteId('u1'), body: {}, active, origin },
});

/** A store whose list does not show these accounts, and a target that lists again. */
function fakes(
  users: number,
  unlisted: readonly KnownState[],
  again: { readonly total?: number; readonly rows?: number },
) {
  let pages = 0;
  const totals = async () => ({ users, activeUsers: users, groups: 0, memberships: 0 });
  const listingCache = {
    unlisted: async (_type: string, after: number) =>
      after === 0 && unlisted.length > 0 ? { page: unlisted, next: 1 } : { page: [], next: undefined },
  };
  async function* listBack() {
    pages += 1;
    const rows = again.rows ?? 0;
    yield Array.from({ length: rows }, (_, index) => ({ remoteId: remoteId(`r${index}`), body: {}, active: true }));
    return { complete: again.rows !== undefined, requests: 1, ...(again.total === undefined ? {} : again) };
  }
  const deps = { store: { totals, listingCache }, target: { listBack } };
  return { deps: deps as never, requests: () => pages };
}

const run = { mapping: { paths: () => [] } } as never;
const never = new AbortController().signal;
const created = [account('created'), account('created')];

test.each<[string, number, readonly KnownState[], number, { total?: number; rows?: number }, boolean, number]>([
  ['one known account was listed', 3, created, 1, {}, true, 0],
  ['an adopted account was not listed', 3, [account('adopted')], 1, {}, false, 0],
  ['no account is known', 0, [], 0, {}, false, 0],
  ['the list grew by the creates', 2, created, 5, { total: 7 }, true, 1],
  ['the list shows a part of the creates, late', 2, created, 0, { total: 1 }, true, 1],
  ['the list is empty for ever', 2, created, 0, { total: 0 }, false, 1],
  ['the list stays as it was', 2, created, 3, { total: 3 }, false, 1],
  ['the list shows more accounts now', 2, created, 0, { total: 8 }, false, 1],
  ['the list states no number, and is complete', 2, created, 0, { rows: 2 }, true, 1],
  ['the list states no number, and is not complete', 2, created, 0, {}, false, 1],
])('%s', async (_, users, unlisted, found, again, isPlausible, requests) => {
  const fake = fakes(users, unlisted, again);
  expect((await doubtAboutFirstList(fake.deps, run, { found }, never)) === undefined).toBe(isPlausible);
  expect(fake.requests()).toBe(requests);
});

test.each<[string, readonly KnownState[], boolean, boolean]>([
  ['an adopted account', [account('adopted')], true, true],
  ['a created account', [account('created')], true, false],
  ['an inactive account, which may be hidden', [account('adopted', false)], false, false],
  ['no account', [], false, false],
])('a list that omits %s', async (_, unlisted, all, adopted) => {
  const { store } = fakes(0, unlisted, {}).deps as { store: never };
  expect(await omitsKnownAccounts(store, 'all')).toBe(all);
  expect(await omitsKnownAccounts(store, 'adopted')).toBe(adopted);
});

test.each([
  [0, 0, true],
  [0, 3, false],
  [2, 0, false],
])('%i accounts are known, %i are created', async (users, creates, expected) => {
  const journal = { countCreates: async () => creates };
  const { store } = fakes(users, [], {}).deps as { store: object };
  expect(await isWithoutControl({ store, journal } as never, { pass: 1, spec: { name: 'app' } } as never)).toBe(
    expected,
  );
});
