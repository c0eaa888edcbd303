import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { ChangeKind } from '../../../src/model/plan.ts';
import type { Store } from '../../../src/store/store.ts';
import { change, create, createGroup, edit, members, planned, remember, remove, target } from '../builders.ts';
import { at } from '../readings.ts';
import {
  acknowledge,
  addRound,
  answer,
  beginPass,
  end,
  inPlanning,
  membershipsOf,
  operation,
  operationsOf,
  planPass,
  rejected,
  send,
  shown,
  followUpsOf,
  type OpenStore,
} from './steps.ts';

const users = (...keys: readonly string[]) =>
  keys.map((key) => ({ resourceType: 'User', key: sourceKey(key) }) as const);

/** News takes the place of what earlier rounds of the pass have not sent. */
function describeNews(open: OpenStore): void {
  describe('news', () => {
    test('ends unsent operations on its candidates, and no others', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada', 'bob', 'cy', 'dan']);
      const plans = ['ada', 'bob', 'cy', 'dan'].map((key) => change(key, [edit('title', null, 'x')]));
      const pass = await planPass(store, plans);
      await send(store, pass, 'update ada');
      const { id } = await operation(store, pass, 'update cy');
      const rounds = await inPlanning(store, async (app, { journal }) => {
        await journal.hold([id]);
        await app.requeueSubjects(users('ada', 'bob', 'cy'));
        await app.selectCandidates(followUpsOf(pass));
        await app.selectMemberships(followUpsOf(pass), []);
        await journal.add(pass, target, 1, [planned(remove('bob'))]);
        return journal.supersede(pass, target, 1);
      });
      expect(rounds).toEqual([0]);
      expect(await shown(store, pass)).toEqual([
        ...['update ada sent', 'update bob skipped', 'update cy held', 'update dan'],
      ]);
      expect(await shown(store, pass, 1)).toEqual(['delete bob']);
      // What is superseded is not counted as planned.
      expect(await store.journal.counts(pass, target, 0)).toMatchObject({ update: 3 });
    });

    test('postpones additions whose member has no account yet', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const create_ = await planPass(store, [createGroup('eng')]);
      await answer(store, create_, 'create eng', { change: remember('g1', { displayName: 'eng' }) });
      const pass = await beginPass(store);
      await addRound(store, pass, [members('eng', 'add ada zoe')], 1);
      await store.planning(({ journal }) => journal.postponeUnready(pass, target, 1));
      const [{ operation: left } = { operation: undefined }] = await operationsOf(store, pass, 1);
      expect(left).toMatchObject({ add: [{ key: 'ada' }] });
      expect(await membershipsOf(store, followUpsOf(pass))).toEqual(['eng>zoe']);
    });
  });
}

const kinds = new Set<ChangeKind>(['usersRemoved', 'usersCreated', 'membershipsRemoved']);

/** What the guard counts for a target since a time, by kind. */
const counted = (store: Store, since: number, currentPass = 0): Promise<Readonly<Record<string, number>>> =>
  store.planning(async ({ journal }) => {
    const counts = await journal.changedSince(target, { removals: at(since), others: at(since) }, currentPass, kinds);
    return Object.fromEntries(counts.filter(({ count }) => count > 0).map(({ kind, count }) => [kind, count]));
  });

/** The guard counts over time what targets acknowledged. */
function describeGuardWindows(open: OpenStore): void {
  describe('the window of the guard', () => {
    test('counts what the target acknowledged since a time, in other passes', async () => {
      const { store } = await open();
      const pass = await planPass(store, [
        ...[change('ada', [], 'deactivate'), remove('bob'), remove('cy'), create('dan')],
        members('eng', 'remove eve fay'),
      ]);
      for (const text of ['deactivate ada', 'delete bob', 'create dan', 'members eng']) await answer(store, pass, text);
      await answer(store, pass, 'delete cy', rejected());
      expect(await counted(store, 200)).toEqual({ usersRemoved: 2, usersCreated: 1, membershipsRemoved: 2 });
      expect(await counted(store, 201)).toEqual({});
      expect(await counted(store, 0, pass)).toEqual({});
    });

    test('counts a user once, and nothing that an approval let through', async () => {
      const { store } = await open();
      for (let turn = 0; turn < 2; turn += 1) await answer(store, await planPass(store, [remove('ada')]), 'delete ada');
      expect(await counted(store, 0)).toEqual({ usersRemoved: 1 });
      const pass = await planPass(store, [remove('bob')]);
      const approval = await store.reading(({ journal }) =>
        journal.recordApproval(pass, {
          ...{ at: at(100), operator: 'root', host: 'hr', reason: undefined, command: 'sync', plan: 'p', removals: 9 },
        }),
      );
      const { id } = await operation(store, pass, 'delete bob');
      await store.planning(async ({ journal }) => {
        await journal.hold([id]);
        await journal.release(pass, target, 0, approval);
      });
      await answer(store, pass, 'delete bob');
      expect(await counted(store, 0)).toEqual({ usersRemoved: 1 });
    });

    test('adds up the rounds of a pass', async () => {
      const { store } = await open();
      const pass = await planPass(store, [remove('ada'), remove('bob')]);
      await addRound(store, pass, [remove('bob')], 1);
      const rounds = new Map<ChangeKind, readonly number[]>([['usersRemoved', [0]]]);
      const { earlier } = await store.planning(({ journal }) => journal.changedInPass(pass, target, 1, rounds));
      expect(earlier.filter(({ count }) => count > 0)).toEqual([{ kind: 'usersRemoved', count: 1 }]);
    });

    test('knows when passes began, and the longest time without one', async () => {
      const { store } = await open();
      for (const time of [100, 200, 900]) {
        const pass = await planPass(store, [create('ada')], time);
        await store.journal.saveSummary(pass, target, { requests: 1 });
        await end(store, pass, time + 1);
      }
      const last = await planPass(store, [create('ada')], 1000);
      await store.planning(async ({ journal }) => {
        expect(await journal.passesBefore(last, target, 2)).toEqual([900, 200]);
        expect(await journal.longestPause(last, at(100), at(1000))).toEqual({ from: 200, until: 900 });
      });
    });

    test('counts creates again that were let through before, and failed', async () => {
      const { store } = await open();
      await answer(store, await planPass(store, [create('ada')]), 'create ada', rejected());
      const pass = await planPass(store, [create('ada'), create('bob')]);
      expect(await store.planning(({ journal }) => journal.repeatedCreates(pass, target, 0))).toBe(1);
    });

    test('an operation is split by the reasons of its members', async () => {
      const { store } = await open();
      const group = members('eng', 'remove ada bob');
      const remove_ = group.remove.map((member, index) => (index === 0 ? { ...member, cause: 'leaver' } : member));
      const pass = await planPass(store, [{ ...group, remove: remove_ } as typeof group]);
      const { id } = await operation(store, pass, 'members eng');
      await store.planning(({ journal }) => journal.splitMembers([{ id, classes: ['leaver'] }]));
      const lists = (await operationsOf(store, pass)).map(({ operation: own }) =>
        own.action === 'members' ? own.remove.map(({ key }) => String(key)) : [],
      );
      expect(lists.flat().sort()).toEqual(['ada', 'bob']);
    });
  });
}

/** The rounds of a pass: news, and what the guard counts. */
export function describeRounds(open: OpenStore): void {
  describeNews(open);
  describeGuardWindows(open);
}
