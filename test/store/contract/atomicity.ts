import { describe, expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { Store } from '../../../src/store/store.ts';
import { change, create, edit, everything, planned, remember, remove, target } from '../builders.ts';
import { at, person } from '../readings.ts';
import {
  acknowledge,
  answer,
  beginPass,
  candidatesOf,
  changedSince,
  planPass,
  readSource,
  send,
  shown,
  type OpenedStore,
  type OpenStore,
} from './steps.ts';

const ada = sourceKey('ada');
const user = { resourceType: 'User', key: ada } as const;
const stop = new Error('stop');

/** What a planning can change, as it is visible from outside. */
async function visible(store: Store, pass: number): Promise<unknown> {
  const app = await store.target(target);
  return {
    ...{ operations: await shown(store, pass), state: await app.state(), values: app.uniqueValues.of(user) },
    ...{ counts: await store.mirror.counts(), totals: await app.totals(), targets: await store.targets.all() },
    ...{ pauses: store.suspensions.pauses(), candidates: await candidatesOf(store, changedSince(1)) },
  };
}

async function planEverything(store: Store, pass: number): Promise<void> {
  await store.planning(async ({ journal, ...tx }) => {
    const app = await tx.target(target);
    await app.selectCandidates(everything);
    await app.setPendingManager(ada, sourceKey('bob'));
    app.uniqueValues.assign(user, { path: 'userName', value: 'ada' });
    await journal.add(pass, target, 0, [planned(create('ada'))]);
    await journal.note(pass, target, [{ ...user, name: 'Ada', text: 'why', problem: false }]);
    await journal.requeueRound(pass, target, 0, everything);
    await app.markPlanned(1, 'rules', at(1));
    await journal.add(pass, 'new', 0, [planned(create('ada'))]);
    throw stop;
  });
}

/** A transaction commits completely or not at all, and what was recorded between requests survives the process. */
export function describeAtomicity(open: OpenStore): void {
  describe('a transaction', () => {
    test('of a planning that fails takes everything back', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      const pass = await beginPass(store);
      const before = await visible(store, pass);
      await expect(planEverything(store, pass)).rejects.toThrow(stop);
      expect(await visible(store, pass)).toEqual(before);
      const again = await planPass(store, [create('ada')]);
      await answer(store, again, 'create ada', { change: remember('r1', { userName: 'ada' }) });
      expect((await store.target(target)).known('User', ada)).toMatchObject({ remoteId: 'r1' });
    });

    test('of a command that fails takes everything back', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const before = await visible(store, 1);
      const failing = store.command(async ({ suspensions, targets, journal }) => {
        await suspensions.pause({ target, begun: { at: at(1), operator: 'ada', host: 'hr' }, reason: undefined });
        await targets.forget(target, instant(1));
        await journal.recordAction({
          ...{ at: at(1), operator: { name: 'ada', host: 'hr-box' } },
          ...{ command: 'target forget', note: 'ada forgot it' },
        });
        throw stop;
      });
      await expect(failing).rejects.toThrow(stop);
      expect(await visible(store, 1)).toEqual(before);
    });

    test('of a dry run sees its own changes, and leaves none', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      const pass = await beginPass(store);
      const before = await visible(store, pass);
      const inside = await store.dryRun(async (tx) => {
        const { pass: own } = await tx.journal.begin('plan', at(1));
        await tx.journal.add(own, target, 0, [planned(create('ada'))]);
        await (await tx.target(target)).markPlanned(1, 'rules');
        return [await tx.journal.counts(own, target, 0), await (await tx.target(target)).state()];
      });
      expect(inside).toMatchObject([{ create: 1 }, { plannedReading: 1 }]);
      expect(await visible(store, pass)).toEqual(before);
    });

    test('waits for the one before it', async () => {
      const { store } = await open();
      const order: string[] = [];
      const work = (name: string) => async (): Promise<void> => {
        order.push(`${name} begins`);
        await new Promise(setImmediate);
        order.push(`${name} ends`);
      };
      await Promise.all([store.planning(work('first')), store.reading(work('second')), store.command(work('third'))]);
      expect(order).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    });

    test('does not take back what another lane recorded between its requests', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada'), create('bob')]);
      await send(store, pass, 'create ada');
      let planning: Promise<void> | undefined;
      const begun = new Promise<() => void>((hasBegun) => {
        planning = store.planning(
          () =>
            new Promise<void>((_, reject) => {
              hasBegun(() => reject(stop));
            }),
        );
      });
      const fail = await begun;
      const answered = answer(store, pass, 'create ada', { change: remember('r1', { userName: 'ada' }) });
      await new Promise(setImmediate);
      fail();
      await expect(planning).rejects.toThrow(stop);
      await answered;
      expect(await shown(store, pass)).toEqual(['create ada done', 'create bob']);
      expect((await store.target(target)).known('User', ada)).toMatchObject({ remoteId: 'r1' });
    });
  });
}

/** What a process that died left behind, for the next one. */
export function describeDeath(open: OpenStore): void {
  describe('after the death of its process', () => {
    const next = async (opened: OpenedStore): Promise<Store> => {
      if (opened.afterDeath === undefined) throw new Error('the state does not outlast its process');
      return opened.afterDeath();
    };

    test('what was sent is unknown, what was answered stays, and the rest is skipped', async () => {
      const opened = await open();
      const { store } = opened;
      await acknowledge(store, ['bob', 'cy']);
      const pass = await planPass(store, [
        ...[create('ada'), change('bob', [edit('title', null, 'x')]), remove('cy'), create('dan')],
      ]);
      for (const text of ['create ada', 'update bob', 'delete cy']) await send(store, pass, text);
      await answer(store, pass, 'delete cy', { change: { kind: 'forget' } });
      const after = await next(opened);
      const { interrupted } = await after.reading(({ journal }) => journal.begin('sync', at(400)));
      expect(interrupted).toBe(1);
      expect(await shown(after, pass)).toEqual([
        ...['create ada unknown', 'update bob unknown', 'delete cy done', 'create dan skipped'],
      ]);
      const app = await after.target(target);
      expect(app.known('User', sourceKey('bob'))).toMatchObject({ inDoubt: ['title'] });
      expect(app.known('User', sourceKey('cy'))).toBeUndefined();
      expect(await candidatesOf(after, changedSince(0))).toEqual([
        ...['User ada gone verifyFirst', 'User bob gone known requeued', 'User dan gone requeued'],
      ]);
    });

    test('a transaction that did not end left nothing', async () => {
      const opened = await open();
      const { store } = opened;
      const pass = await beginPass(store);
      // It never ends: its process died in the middle of it.
      const never = new Promise<void>(() => undefined);
      void store.planning(async ({ journal }) => {
        await journal.add(pass, target, 0, [planned(create('ada'))]);
        return never;
      });
      await new Promise(setImmediate);
      const view = await opened.view?.();
      expect(view?.lastPass()?.id).toBe(pass);
      expect([...(view?.history({}) ?? [])]).toEqual([]);
    });

    test('mirror, snapshot, freezes and approvals are what they were', async () => {
      const opened = await open();
      const { store } = opened;
      await readSource(store, { users: [person('ada', 'ada@x')] });
      await acknowledge(store, ['ada']);
      const freeze = {
        ...{ key: ada, name: 'Ada', begun: { at: at(1), operator: 'root', host: 'hr' }, reason: 'legal' },
        until: undefined,
      };
      await store.command(({ suspensions }) => suspensions.freeze(freeze));
      const after = await next(opened);
      expect(await after.mirror.record('User', ada)).toEqual(await store.mirror.record('User', ada));
      expect((await after.target(target)).known('User', ada)).toEqual((await store.target(target)).known('User', ada));
      expect(after.suspensions.freezes()).toEqual([freeze]);
    });
  });
}
