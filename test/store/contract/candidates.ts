import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { Store } from '../../../src/store/store.ts';
import { change, create, createGroup, everything, members, people, remember, target } from '../builders.ts';
import { at, person } from '../readings.ts';
import {
  acknowledge,
  answer,
  beginPass,
  candidatesIn,
  candidatesOf,
  changedSince,
  followUpsOf,
  inPlanning,
  membershipsOf,
  planPass,
  readSource,
  rejected,
  thisPass,
  verifyFirst,
  type OpenStore,
} from './steps.ts';

/** Reading 1 has Ada, Bob, Cy and a group; Ada and Cy have accounts. In reading 2, Bob changed and Cy left. */
async function company(store: Store): Promise<void> {
  await readSource(store, { users: [person('ada'), person('bob'), person('cy')], groups: [{ key: 'eng' }] });
  await acknowledge(store, ['ada', 'cy']);
  await readSource(store, { users: [person('ada'), person('bob', 'new')], groups: [{ key: 'eng' }] });
}

/** A planning evaluates what changed and what is requeued; a complete one evaluates everything. */
export function describeCandidates(open: OpenStore): void {
  describe('candidates', () => {
    test('are all records and accounts, or what changed since a reading', async () => {
      const { store } = await open();
      await company(store);
      expect(await candidatesOf(store, everything)).toEqual([
        ...['Group eng', 'User ada known', 'User bob', 'User cy gone known'],
      ]);
      expect(await candidatesOf(store, changedSince(1))).toEqual(['User bob', 'User cy gone known']);
      expect(await candidatesOf(store, changedSince(2))).toEqual([]);
    });

    test('are the same for each size of a page', async () => {
      const { store } = await open();
      await company(store);
      const [first, ...others] = await Promise.all([1, 2, 3, 100].map((size) => candidatesOf(store, everything, size)));
      for (const other of others) expect(other).toEqual(first);
    });

    test('are records whose operation did not succeed; follow-ups only in their pass', async () => {
      const { store } = await open();
      await company(store);
      const pass = await planPass(store, [create('bob'), change('ada', []), create('dan'), createGroup('eng')]);
      await answer(store, pass, 'create bob', rejected());
      await answer(store, pass, 'update ada', { requeues: thisPass });
      await answer(store, pass, 'create dan', {
        ...{ state: 'unknown', outcome: { kind: 'unknown', detail: '' }, requeues: verifyFirst },
      });
      expect(await candidatesOf(store, changedSince(2))).toEqual([
        // A plan requeues what it contains until there is a response.
        ...['Group eng requeued', 'User ada known requeued', 'User bob requeued', 'User dan gone verifyFirst'],
      ]);
      expect(await candidatesOf(store, followUpsOf(pass))).toEqual(['User ada known requeued']);
      expect(await (await store.target(target)).hasFollowUps()).toBe(true);
    });

    test('are chosen by keys where a command asks for single records', async () => {
      const { store } = await open();
      await company(store);
      const pass = await beginPass(store);
      const bob = { resourceType: 'User', key: sourceKey('bob') } as const;
      expect(
        await inPlanning(store, async (app) => {
          await app.requeueSubjects([bob]);
          await app.selectCandidates(followUpsOf(pass));
          return candidatesIn(app);
        }),
      ).toEqual(['User bob requeued']);
      expect(
        await inPlanning(store, async (app) => {
          await app.selectCandidates(everything);
          await app.restrictCandidates([bob]);
          return candidatesIn(app);
        }),
      ).toEqual(['User bob requeued']);
    });

    test('are users that refer to a manager, or wait for one', async () => {
      const { store } = await open();
      await company(store);
      expect(
        await inPlanning(store, async (app) => {
          await app.setPendingManager(sourceKey('ada'), sourceKey('bob'));
          await app.selectCandidates(changedSince(2));
          await app.selectReferrers([sourceKey('bob')]);
          const waiting = await candidatesIn(app);
          await app.setPendingManager(sourceKey('ada'), undefined);
          await app.selectCandidates(changedSince(2));
          await app.selectReferrers([sourceKey('bob')]);
          return [waiting, await candidatesIn(app)];
        }),
      ).toEqual([['User ada known'], []]);
    });

    test('belong to one target, and a planning chooses them for one after the other', async () => {
      const { store } = await open();
      await company(store);
      expect(
        await store.planning(async (tx) => {
          const [app, other] = [await tx.target(target), await tx.target('other')];
          await other.selectCandidates(everything);
          const ofOther = await candidatesIn(other);
          await app.selectCandidates(changedSince(2));
          return [await candidatesIn(app), ofOther];
        }),
      ).toEqual([[], ['Group eng', 'User ada', 'User bob']]);
    });

    test('one record can be asked for, whether or not it is one', async () => {
      const { store } = await open();
      await company(store);
      const app = await store.target(target);
      expect(await app.candidate('User', sourceKey('bob'))).toMatchObject({
        ...{ record: { attributes: { mail: ['new'] } }, known: undefined, isCreateInDoubt: false, isRequeued: false },
      });
      expect(await app.candidate('User', sourceKey('cy'))).toMatchObject({
        ...{ record: undefined, known: { remoteId: 'r-cy' } },
      });
    });
  });

  describe('memberships of a planning', () => {
    async function crew(store: Store): Promise<void> {
      await readSource(store, {
        users: ['ada', 'bob', 'cy'].map((key) => person(key)),
        groups: [{ key: 'eng' }, { key: 'sub' }],
        memberships: ['eng>ada', 'eng>bob', 'eng>sub'],
      });
      await acknowledge(store, ['ada', 'zoe']);
      const pass = await planPass(store, [createGroup('eng'), members('eng', 'add ada zoe')]);
      await answer(store, pass, 'create eng', { change: remember('g1', { displayName: 'eng' }) });
      await answer(store, pass, 'members eng', {
        change: { kind: 'members', added: people('ada zoe'), removed: [] },
      });
    }
    const all = ['eng>ada desired known', 'eng>bob desired', 'eng>sub desired', 'eng>zoe known'];

    test('are those of the source and of the target', async () => {
      const { store } = await open();
      await crew(store);
      expect(await membershipsOf(store, everything)).toEqual(all);
      expect(await membershipsOf(store, everything, 100)).toEqual(all);
      expect(await inPlanning(store, async (app) => app.countMembers(sourceKey('eng')))).toBe(2);
    });

    test('are those that changed since a reading, and those in doubt', async () => {
      const { store } = await open();
      await crew(store);
      expect(await membershipsOf(store, changedSince(1))).toEqual([]);
      await readSource(store, {
        users: ['ada', 'bob', 'cy'].map((key) => person(key)),
        groups: [{ key: 'eng' }, { key: 'sub' }],
        memberships: ['eng>bob', 'eng>sub', 'eng>cy'],
      });
      expect(await membershipsOf(store, changedSince(1))).toEqual(['eng>ada known', 'eng>cy desired']);
      const pass = await planPass(store, [members('eng', 'remove zoe')]);
      await answer(store, pass, 'members eng', {
        ...{ state: 'unknown', outcome: { kind: 'unknown', detail: '' }, requeues: [] },
        change: { kind: 'membersInDoubt', members: people('zoe') },
      });
      expect(await membershipsOf(store, changedSince(2))).toEqual(['eng>zoe known inDoubt']);
    });
  });

  describe('the end of a planning', () => {
    test('is recorded with its reading, its rules and its moment', async () => {
      const { store } = await open();
      await inPlanning(store, (app) => app.markPlanned(7, 'rules', at(70)));
      await inPlanning(store, (app) => app.markPlanned(8, 'rules'));
      expect(await (await store.target(target)).state()).toMatchObject({
        ...{ plannedReading: 8, mappingFingerprint: 'rules', plannedAt: 70, leaversUnmatched: false },
      });
    });

    test('leaves users to be compared with the list of the target, until they were', async () => {
      const { store } = await open();
      const app = await store.target(target);
      await inPlanning(store, (one) => one.markLeaversUnmatched());
      expect(await app.state()).toMatchObject({ leaversUnmatched: true });
      await app.saveLeaversMatched();
      expect(await app.state()).toMatchObject({ leaversUnmatched: false });
    });
  });
}
