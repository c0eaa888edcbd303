import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { PlanningTransaction, Store } from '../../../src/store/store.ts';
import { create, planned, remember, target } from '../builders.ts';
import { at, person } from '../readings.ts';
import {
  answer,
  beginPass,
  candidatesIn,
  changedSince,
  planPass,
  readSource,
  send,
  shown,
  type OpenStore,
} from './steps.ts';

const stop = new Error('stop');

/** Plans a create of Bob in one slice, and then runs `then` before the next one. */
const planInSlices = (
  store: Store,
  pass: number,
  then: (tx: PlanningTransaction) => Promise<void>,
  round = 1,
): Promise<void> =>
  store.planning(async (tx) => {
    const { journal } = tx;
    await journal.beginDraft(pass, target, round);
    await journal.add(pass, target, round, [planned(create('bob'))]);
    await journal.note(pass, target, [
      { resourceType: 'User', key: sourceKey('bob'), name: 'Bob', text: 'new', problem: true },
    ]);
    await then(tx);
    await journal.endDraft(pass, target, round);
  });

/** A planning lets others write between its slices. */
export function describeSlices(open: OpenStore): void {
  describe('between the slices of a planning', () => {
    test('another lane records results, and a reading is committed', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada')]);
      await send(store, pass, 'create ada');
      let begin = (): void => undefined;
      // Outside of the transaction of the planning.
      const others = new Promise<void>((resolve) => {
        begin = resolve;
      }).then(() =>
        Promise.all([
          answer(store, pass, 'create ada', { change: remember('r1', { userName: 'ada' }) }),
          readSource(store, { users: [person('cy')] }),
        ]),
      );
      const seen: unknown[] = [];
      await planInSlices(store, pass, async ({ nextSlice, mirror }) => {
        begin();
        seen.push((await mirror.last())?.number);
        for (let slice = 0; slice < 5; slice += 1) await nextSlice();
        seen.push((await mirror.last())?.number);
      });
      await others;
      expect(seen).toEqual([undefined, 1]);
      expect(await shown(store, pass)).toEqual(['create ada done']);
      expect(await shown(store, pass, 1)).toEqual(['create bob']);
    });

    test('another target is planned, with candidates of its own', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada'), person('bob')] });
      await readSource(store, { users: [person('ada', 'ada@x'), person('bob')] });
      await store.target(target);
      await store.target('other');
      const lines: Record<string, readonly string[]> = {};
      const plan = (name: string, after: number): Promise<void> =>
        store.planning(async (tx) => {
          const one = await tx.target(name);
          await one.selectCandidates(changedSince(after));
          for (let slice = 0; slice < 3; slice += 1) await tx.nextSlice();
          lines[name] = await candidatesIn(one);
        });
      await Promise.all([plan(target, 0), plan('other', 1), plan(target, 0), plan('other', 1)]);
      expect(lines).toEqual({ [target]: ['User bob', 'User ada'].sort(), other: ['User ada'] });
    });

    test('the end of a lane whose planning failed leaves nothing of it', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada')]);
      await store.planning(async (tx) => (await tx.target(target)).markPlanned(1, 'rules'));
      const failing = planInSlices(store, pass, async ({ nextSlice }) => {
        await nextSlice();
        throw stop;
      });
      await expect(failing).rejects.toThrow(stop);
      await store.journal.closeTarget(pass, target, at(120));
      expect(await shown(store, pass, 1)).toEqual([]);
      expect(await notesOf(store, pass)).toEqual([]);
      expect(await shown(store, pass)).toEqual(['create ada skipped']);
      // What it recorded besides is compared again.
      expect((await (await store.target(target)).state()).mappingFingerprint).toBe('');
    });
  });
}

async function notesOf(store: Store, pass: number): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { key } of store.journal.allNotes(pass, target)) texts.push(key);
  return texts;
}

/** A process that died between two slices. */
export function describeDeathBetweenSlices(open: OpenStore): void {
  test('a planning that did not end shows nothing, and leaves nothing', async () => {
    const { store, view, afterDeath } = await open();
    const pass = await beginPass(store);
    let isSliced = (): void => undefined;
    const sliced = new Promise<void>((resolve) => {
      isSliced = resolve;
    });
    // It never ends: its process died between two slices.
    void planInSlices(
      store,
      pass,
      async ({ nextSlice }) => {
        await nextSlice();
        await nextSlice();
        // Between two slices no transaction is open.
        const next = nextSlice();
        store.close();
        await next.catch(isSliced);
        await new Promise<void>(() => undefined);
      },
      0,
    );
    await sliced;
    expect([...((await view?.())?.history({}) ?? [])]).toEqual([]);
    const after = (await afterDeath?.()) ?? store;
    await after.reading(({ journal }) => journal.begin('sync', at(400)));
    expect(await shown(after, pass)).toEqual([]);
    expect(await notesOf(after, pass)).toEqual([]);
  });
}
