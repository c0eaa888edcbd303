import { describe, expect, test } from '@jest/globals';
import { acknowledged, found, target } from '../operations.ts';
import { state } from '../state.ts';

describe('the listing cache', () => {
  async function listed() {
    const { store } = state();
    const { listingCache } = await store.target(target);
    await listingCache.add('User', [
      found('1', { userName: 'Ada@X', externalId: 'e1' }, { version: 'W/"1"' }),
      found('2', { userName: 'bob@x' }),
      found('3', { userName: 'BOB@X', externalId: 'e3' }),
      found('4', { userName: 'bob@x' }),
      found('5', { externalId: 'e1' }),
      found('6', { userName: 'ÅSA' }),
    ]);
    await listingCache.add('Group', [found('7', { displayName: 'Team' })]);
    await (await store.target('other')).listingCache.add('User', [found('8', { userName: 'ada@x' })]);
    return listingCache;
  }

  test.each<['User' | 'Group', string, string, string[]]>([
    ['User', 'userName', 'ada@x', ['1']],
    ['User', 'userName', 'ADA@X', ['1']],
    ['User', 'userName', 'åsa', ['6']],
    ['User', 'userName', 'bob@x', ['2', '3']],
    ['User', 'userName', 'unknown', []],
    ['User', 'externalId', 'e3', ['3']],
    ['User', 'externalId', 'E3', []],
    ['User', 'externalId', 'e1', ['1', '5']],
    ['User', 'emails[type eq "work"].value', 'ada@x', []],
    ['Group', 'displayName', 'team', ['7']],
    ['Group', 'userName', 'ada@x', []],
  ])('%s by %s %s', async (resourceType, attribute, value, expected) => {
    expect((await listed()).find(resourceType, attribute, value).map(({ remoteId }) => String(remoteId))).toEqual(
      expected,
    );
  });

  test('returns resources unchanged', async () => {
    expect((await listed()).find('User', 'externalId', 'e3')).toEqual([
      found('3', { userName: 'BOB@X', externalId: 'e3' }),
    ]);
    expect((await listed()).find('User', 'userName', 'ada@x')).toEqual([
      found('1', { userName: 'Ada@X', externalId: 'e1' }, { version: 'W/"1"' }),
    ]);
  });

  test('shows by page which known accounts it does not contain', async () => {
    const all = state();
    await acknowledged(all, ['ada', 'bob', 'cy', 'dan']);
    const { listingCache } = await all.store.target(target);
    await listingCache.add('User', [found('r-bob', { userName: 'other' }), found('R-ADA', { userName: 'ada' })]);
    await listingCache.add('Group', [found('r-cy', { displayName: 'cy' })]);
    await (await all.store.target('other')).listingCache.add('User', [found('r-dan', { userName: 'dan' })]);
    const keysOf = (page: readonly { readonly key: string }[]): string[] => page.map(({ key }) => key);
    const first = await listingCache.unlisted('User', 0, 2);
    expect(keysOf(first.page)).toEqual(['ada', 'cy']);
    const second = await listingCache.unlisted('User', first.next ?? 0, 2);
    expect(keysOf(second.page)).toEqual(['dan']);
    expect(await listingCache.unlisted('User', second.next ?? 0, 2)).toEqual({ page: [], next: undefined });
    expect((await listingCache.unlisted('Group', 0, 2)).page).toEqual([]);
  });

  test('is cleared for each resource type', async () => {
    const inventory = await listed();
    await inventory.clear('User');
    expect(inventory.find('User', 'userName', 'ada@x')).toEqual([]);
    expect(inventory.find('Group', 'displayName', 'team')).toHaveLength(1);
  });
});
