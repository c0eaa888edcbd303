import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import { change, create, edit, found, remember, remove, target } from '../builders.ts';
import { at, person } from '../readings.ts';
import { acknowledge, answer, inPlanning, planPass, readSource, settle, type OpenStore } from './steps.ts';

const user = (key: string) => ({ resourceType: 'User', key: sourceKey(key) }) as const;
const name = (value: string) => ({ path: 'userName', value });
const [ada, bob] = [user('ada'), user('bob')];

/** Names at targets, and values that only one record has. */
export function describeNames(open: OpenStore): void {
  describe('names', () => {
    test('are found at a target, in the plan and in the past', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      await planPass(store, [{ ...create('bob'), name: 'Bob B' }]);
      await settle(
        store,
        change('ada', [edit('userName', 'ada', 'ada.l')]),
        { kind: 'remember', body: { userName: 'ada.l' }, active: true },
        300,
      );
      const { journal } = store;
      expect(journal.nameAtTarget(target, 'User', 'ada')).toBe('ada.l');
      expect(journal.nameAtTarget(target, 'User', 'bob')).toBe('Bob B');
      expect(journal.nameAtTarget(target, 'User', 'unknown')).toBeUndefined();
      expect(journal.keysNamed('User', 'ADA.L')).toEqual(['ada']);
      expect((await (await store.target(target)).knownByName('User', 'ada.l')).map(({ key }) => key)).toEqual(['ada']);
    });

    test('that two records of a planning request belong to the first one', async () => {
      const { store } = await open();
      await inPlanning(store, async (app) => {
        app.clearNameRequests();
        expect(app.requestName('User', 'smith', ada.key)).toBeUndefined();
        expect(app.requestName('User', 'smith', bob.key)).toBe('ada');
        expect(app.requestName('Group', 'smith', bob.key)).toBeUndefined();
        app.clearNameRequests();
        expect(app.requestName('User', 'smith', bob.key)).toBeUndefined();
      });
    });

    test('an operation that is withdrawn leaves its round', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada'), create('bob')]);
      await store.planning(async ({ journal }) => {
        expect(await journal.withdraw(pass, target, 0, 'User', ada.key)).toMatchObject({ operation: { key: 'ada' } });
        expect(await journal.withdraw(pass, target, 0, 'User', ada.key)).toBeUndefined();
        expect(await journal.counts(pass, target, 0)).toMatchObject({ create: 1 });
      });
    });
  });

  describe('unique values', () => {
    test('belong to one record at one target, in any spelling, until they are released', async () => {
      const { store } = await open();
      await inPlanning(store, async ({ uniqueValues }, tx) => {
        uniqueValues.assign(ada, name('Smith'));
        expect(uniqueValues.of(ada)).toEqual({ userName: 'Smith' });
        expect(uniqueValues.ownerOf('User', name('SMITH'))).toBe('ada');
        expect(uniqueValues.holderOf(bob, name('smith'), undefined)).toEqual({ kind: 'record', key: 'ada' });
        expect(uniqueValues.holderOf(ada, name('smith'), undefined)).toBeUndefined();
        expect((await tx.target('other')).uniqueValues.ownerOf('User', name('smith'))).toBeUndefined();
        uniqueValues.assign(ada, name('smith2'));
        expect(uniqueValues.ownerOf('User', name('smith'))).toBeUndefined();
        uniqueValues.release(ada);
        expect(uniqueValues.of(ada)).toEqual({});
      });
    });

    test('of accounts, and of listed accounts of others, are not free', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const { listingCache, orphans, uniqueValues } = await store.target(target);
      await listingCache.add('User', [found('8', { userName: 'jones', externalId: 'E8' })]);
      await orphans.beginListing();
      await orphans.commitListing(at(9), true, false);
      expect(uniqueValues.holderOf(bob, name('ADA'), undefined)).toEqual({ kind: 'record', key: 'ada' });
      expect(uniqueValues.holderOf(bob, name('Jones'), 'E1')).toEqual({ kind: 'account', id: '8' });
      expect(uniqueValues.holderOf(bob, name('Jones'), 'e8')).toBeUndefined();
    });

    test('outlast a deactivation, and end with the account', async () => {
      const { store } = await open();
      await settle(store, create('ada'), remember('r1', { userName: 'smith' }));
      await inPlanning(store, async ({ uniqueValues }) => uniqueValues.assign(ada, name('smith')));
      const { uniqueValues } = await store.target(target);
      const inactive = { kind: 'remember', body: { userName: 'smith' }, active: false } as const;
      await settle(store, change('ada', [], 'deactivate'), inactive);
      expect(uniqueValues.ownerOf('User', name('smith'))).toBe('ada');
      await settle(store, remove('ada'), { kind: 'forget' });
      expect(uniqueValues.holderOf(bob, name('smith'), undefined)).toBeUndefined();
    });

    test('that the target refused are free for others, and not tried again for their record', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      const pass = await planPass(store, [create('ada', { userName: 'smith' })]);
      await answer(store, pass, 'create ada', {
        ...{ state: 'failed', at: at(5) },
        outcome: { kind: 'valueTaken', status: 409, values: [name('smith')], detail: 'taken' },
      });
      await inPlanning(store, async ({ uniqueValues }) => {
        expect(uniqueValues.holderOf(ada, name('smith'), undefined)).toEqual({ kind: 'target' });
        expect(uniqueValues.holderOf(bob, name('smith'), undefined)).toBeUndefined();
        uniqueValues.retain({ User: ['userName'], Group: [] }, at(6));
        expect(uniqueValues.holderOf(ada, name('smith'), undefined)).toBeUndefined();
      });
    });

    test('records wait for one in the order of their keys, in pages of any size', async () => {
      const { store } = await open();
      await inPlanning(store, async ({ uniqueValues }) => {
        uniqueValues.clearWaiting();
        for (const key of ['10', 'b', '9', '100'])
          uniqueValues.addWaiting({ ...user(key), path: 'userName', values: ['x'], externalId: undefined });
        const keys: string[] = [];
        for (
          let page = uniqueValues.waiting(undefined, 2);
          page.length > 0;
          page = uniqueValues.waiting(page.at(-1), 2)
        )
          keys.push(...page.map(({ key }) => key));
        expect(keys).toEqual(['9', 'b', '10', '100']);
      });
    });
  });
}
