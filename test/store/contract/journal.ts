import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sourceKey } from '../../../src/model/ids.ts';
import { brief, change, create, createGroup, edit, members, planned, remove, target } from '../builders.ts';
import { at } from '../readings.ts';
import { notesOf } from '../notes.ts';
import {
  acknowledge,
  addRound,
  answer,
  beginPass,
  candidatesOf,
  changedSince,
  end,
  operation,
  operationsOf,
  planPass,
  rejected,
  send,
  shown,
  unplanned,
  workOf,
  type OpenStore,
} from './steps.ts';

const ada = sourceKey('ada');

/** The journal has every operation in the order of execution, with what the target answered. */
export function describeJournal(open: OpenStore): void {
  describe('operations', () => {
    test('are read as they were planned', async () => {
      const { store } = await open();
      const plans = [
        planned(create('ada', { emails: [{ value: 'a@x' }], active: true }), 1),
        planned(change('bob', [edit('userName', 'b', 'bob')]), 2, 1, true),
        planned(remove('eng', 'Group'), 3),
        planned(members('ops', 'add ada bob', 'remove cy'), 4),
      ];
      const pass = await planPass(store, plans);
      const read = await operationsOf(store, pass);
      expect(read.map(({ id: _, state: __, ...rest }) => rest)).toEqual(plans);
      expect(new Set(read.map(({ state }) => state))).toEqual(new Set(['planned']));
    });

    test('come by phase, wave and planning, in pages of any size', async () => {
      const { store } = await open();
      const place = fc.record({ phase: fc.integer({ min: 0, max: 3 }), wave: fc.integer({ min: 0, max: 2 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(place, { maxLength: 20 }), fc.integer({ min: 1, max: 6 }), async (places, limit) => {
          const pass = await planPass(
            store,
            places.map(({ phase, wave }, index) => planned(create(`${index}`), phase, wave)),
          );
          const keys: string[] = [];
          for (let page = await store.journal.operations(pass, target, 0, undefined, limit); page.length > 0;) {
            keys.push(...page.map((one) => String(one.operation.key)));
            page = await store.journal.operations(pass, target, 0, page.at(-1), limit);
          }
          expect(keys).toEqual(
            places
              .map((own, index) => ({ ...own, index }))
              .sort((a, b) => a.phase - b.phase || a.wave - b.wave || a.index - b.index)
              .map(({ index }) => `${index}`),
          );
        }),
        { numRuns: 20 },
      );
    });

    test('belong to a pass, a target and a round', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada')]);
      await addRound(store, pass, [create('bob')], 1);
      await store.planning(({ journal }) => journal.add(pass, 'other', 0, [planned(create('cy'))]));
      expect([await shown(store, pass), await shown(store, pass, 1)]).toEqual([['create ada'], ['create bob']]);
      expect((await store.journal.operations(pass, 'other', 0, undefined, 9)).map(brief)).toEqual(['create cy']);
      expect(await shown(store, pass + 1)).toEqual([]);
    });

    test('are counted by action, memberships by member', async () => {
      const { store } = await open();
      const pass = await planPass(store, [
        ...[create('ada'), createGroup('eng'), change('bob', []), change('cy', [], 'deactivate'), remove('dan')],
        members('eng', 'add ada bob', 'remove cy'),
      ]);
      expect(await store.journal.counts(pass, target, 0)).toEqual({
        ...{ create: 2, update: 1, deactivate: 1, reactivate: 0, delete: 1, addMembers: 2, removeMembers: 1 },
      });
      expect(await store.journal.countCreates(pass, target, 0, 'User')).toBe(1);
    });

    test('are sent, then answered: the response, the snapshot and the requeue are one commit', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada'), create('bob')]);
      expect(await candidatesOf(store, changedSince(0))).toEqual(['User ada gone requeued', 'User bob gone requeued']);
      await send(store, pass, 'create ada');
      expect(await shown(store, pass)).toEqual(['create ada sent', 'create bob']);
      await answer(store, pass, 'create ada');
      await answer(store, pass, 'create bob', rejected('no', 'failed'));
      expect(await shown(store, pass)).toEqual(['create ada done', 'create bob failed']);
      expect(await candidatesOf(store, changedSince(0))).toEqual(['User bob gone requeued']);
    });

    test('that were not sent are skipped at the end, held ones stay held', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada'), create('bob'), create('cy')]);
      await answer(store, pass, 'create ada');
      const { id } = await operation(store, pass, 'create cy');
      await store.planning(({ journal }) => journal.hold([id]));
      expect(await store.journal.skipRemaining(pass, target, 'the target is down')).toBe(1);
      expect(await shown(store, pass)).toEqual(['create ada done', 'create bob skipped', 'create cy held']);
      expect(await candidatesOf(store, changedSince(0))).toEqual(['User bob gone requeued', 'User cy gone requeued']);
    });

    test('that failed before with the same edits are recognised', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const edits = [edit('title', null, 'x')];
      const first = await planPass(store, [change('ada', edits)]);
      await answer(store, first, 'update ada', rejected());
      const second = await planPass(store, [change('ada', edits), change('bob', edits)]);
      const { failedBefore } = await workOf(store, second, await operationsOf(store, second));
      expect([...failedBefore]).toEqual([(await operation(store, second, 'update ada')).id]);
    });

    test('of one record come with its memberships and its notes', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada'), members('eng', 'add ada bob'), members('ops', 'add bob')]);
      const note = { resourceType: 'User', key: ada, name: 'Ada', text: 'why', problem: true } as const;
      await store.planning(({ journal }) => journal.note(pass, target, [note, { ...note, resourceType: 'Group' }]));
      const { operations, notes } = await store.journal.recordEntries(pass, target, 'User', ada);
      expect([operations.map(brief), notes]).toEqual([['create ada', 'members eng'], [note]]);
      expect(await notesOf(store, pass, target)).toHaveLength(2);
    });

    test('a create without a response is known by its body', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada', { title: 'x' })]);
      await send(store, pass, 'create ada');
      await store.journal.closeTarget(pass, target, at(120));
      expect(await shown(store, pass)).toEqual(['create ada unknown']);
      const { journal } = store;
      expect(await journal.unansweredCreate(target, 'User', ada)).toEqual({ userName: 'ada', title: 'x' });
      const { unansweredCreates } = await workOf(store, 0, unplanned(create('ada')));
      expect([...unansweredCreates.values()]).toEqual([{ body: { userName: 'ada', title: 'x' }, sentAt: 110 }]);
      expect(await candidatesOf(store, changedSince(0))).toEqual(['User ada gone verifyFirst']);
    });

    test('a removal without a response is open until a read ends it', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const pass = await planPass(store, [remove('ada')]);
      await send(store, pass, 'delete ada');
      await store.journal.closeTarget(pass, target, at(120));
      const open_ = await store.journal.unansweredRemovals(target, 9);
      expect(open_).toMatchObject([{ action: 'delete', isOpen: true, account: 'active' }]);
      const ends = open_.map(({ id }) => ({
        ...{ id, end: { state: 'done', evidence: 'read', detail: 'a read shows it' } as const },
      }));
      await store.journal.endRemovals(ends, at(8));
      expect(await store.journal.unansweredRemovals(target, 9)).toEqual([]);
      expect(await shown(store, pass)).toEqual(['delete ada done']);
    });
  });

  describe('passes', () => {
    test('of one process stay open side by side', async () => {
      const { store } = await open();
      const first = await planPass(store, [create('ada')]);
      expect(await store.reading(({ journal }) => journal.begin('sync', at(9)))).toMatchObject({ interrupted: 0 });
      expect(await shown(store, first)).toEqual(['create ada']);
    });

    test('that were refused are found by the time and the code of the judgement', async () => {
      const { store } = await open();
      const pass = await beginPass(store, 100);
      const judgement = {
        code: 'source.wentBack',
        subject: 'users',
        numbers: {},
        reason: 'older',
        refused: true,
      } as const;
      await store.journal.end(pass, at(150), 'refused', undefined, [judgement]);
      await store.reading(async ({ journal }) => {
        expect([await journal.wasRefused('source.wentBack', at(99)), await journal.hasRefusal(at(149))]).toEqual([
          ...[true, true],
        ]);
        expect([await journal.wasRefused('source.wentBack', at(101)), await journal.hasRefusal(at(151))]).toEqual([
          ...[false, false],
        ]);
        expect(await journal.wasRefused('source.shrunk', at(0))).toBe(false);
      });
    });
  });

  describe('approvals', () => {
    const given = (time: number) => ({
      ...{ at: at(time), operator: 'ada', host: 'hr', reason: 'merger', command: 'approve', plan: 'p1' },
      removals: undefined,
    });

    test('wait for the next pass at their target, and are given once', async () => {
      const { store } = await open();
      await store.command(async ({ journal }) => {
        await journal.leaveApproval(target, 'digest', given(10));
        await journal.leaveApproval('other', 'digest', given(20));
      });
      const pass = await planPass(store, []);
      await store.planning(async ({ journal }) => {
        const [first, ...others] = await journal.waitingApprovals(target);
        expect([first?.held, others]).toEqual(['digest', []]);
        await journal.settleApproval(first?.id ?? 0, pass, 'used');
        expect(await journal.waitingApprovals(target)).toEqual([]);
      });
    });

    test('let held operations of a round through', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada', 'bob']);
      const pass = await planPass(store, [remove('ada'), remove('bob')]);
      const ids = (await operationsOf(store, pass)).map(({ id }) => id);
      const approval = await store.reading(({ journal }) => journal.recordApproval(pass, given(30)));
      await store.planning(async ({ journal }) => {
        await journal.hold(ids);
        expect(await journal.countPending(pass, target, 0)).toBe(0);
        await journal.release(pass, target, 0, approval);
        expect(await journal.countPending(pass, target, 0)).toBe(2);
      });
      expect(await shown(store, pass)).toEqual(['delete ada', 'delete bob']);
      await end(store, pass);
    });
  });
}
