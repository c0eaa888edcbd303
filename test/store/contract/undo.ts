import { describe, expect, test } from '@jest/globals';
import type { Store } from '../../../src/store/store.ts';
import { change, create, edit, members, people, remove, remember, target } from '../builders.ts';
import { membershipEffects, resourceEffects } from '../undo/effects.ts';
import { acknowledge, addRound, answer, end, planPass, rejected, type OpenStore } from './steps.ts';

/** What a pass did, and what it took away, is kept so that it can be undone. */
export function describePassEffects(open: OpenStore): void {
  describe('the effects of a pass', () => {
    test('are the operations that the target acknowledged, record by record', async () => {
      const { store } = await open();
      const pass = await planPass(store, [
        change('ada', [edit('title', 'a', 'b')]),
        create('bob'),
        change('cy', [edit('title', 'a', 'b')]),
      ]);
      await answer(store, pass, 'update cy', rejected());
      await answer(store, pass, 'create bob', { change: remember('r-bob', { userName: 'bob' }) });
      await answer(store, pass, 'update ada');
      await addRound(store, pass, [change('ada', [edit('title', 'b', 'c')])], 1);
      await answer(store, pass, 'update ada', {}, 1);
      await end(store, pass);
      expect(await effects(store, pass)).toEqual(['ada: update title a b, update title b c', 'bob: create']);
      expect(await store.journal.passToUndo(pass)).toMatchObject({
        ...{ pass, command: 'sync', isAction: false, isCut: false },
        targets: [{ target, done: 3, unproven: 1 }],
      });
      expect(await store.journal.passToUndo(pass + 1)).toBeUndefined();
      expect(await store.journal.passNumbers()).toEqual({ first: pass, last: pass });
    });

    test('of an adoption are no create', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada')]);
      await answer(store, pass, 'create ada', { state: 'adopted' });
      expect(await resourceEffects(store.journal, pass)).toMatchObject([
        { name: 'ada', isAdopted: true, operations: [] },
      ]);
    });

    test('of a deletion have the account and the memberships that it took away', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada', 'bob']);
      const joining = await planPass(store, [members('eng', 'add ada bob'), members('ops', 'add ada')]);
      for (const [group, added] of [
        ['eng', 'ada bob'],
        ['ops', 'ada'],
      ] as const)
        await answer(store, joining, `members ${group}`, {
          change: { kind: 'members', added: people(added), removed: [] },
        });
      const pass = await planPass(store, [members('ops', 'remove ada'), remove('ada')]);
      await answer(store, pass, 'members ops', { change: { kind: 'members', added: [], removed: people('ada') } });
      await answer(store, pass, 'delete ada', { change: { kind: 'forget' } });
      expect(await resourceEffects(store.journal, pass)).toMatchObject([{ key: 'ada', deleted: { userName: 'ada' } }]);
      expect(await memberships(store, pass)).toEqual(['- eng ada', '- ops ada']);
      expect(await memberships(store, joining)).toEqual(['+ eng ada', '+ eng bob known', '+ ops ada']);
    });

    test('leave out a membership that began and ended', async () => {
      const { store } = await open();
      const pass = await planPass(store, [members('eng', 'add ada bob')]);
      await answer(store, pass, 'members eng');
      await addRound(store, pass, [members('eng', 'remove ada')], 1);
      await answer(store, pass, 'members eng', {}, 1);
      expect(await memberships(store, pass)).toEqual(['+ eng bob']);
    });
  });
}

/** `ada: update title a b`. */
async function effects(store: Store, pass: number): Promise<readonly string[]> {
  return (await resourceEffects(store.journal, pass)).map(({ key, operations }) => {
    const shown = operations.map((operation) =>
      [
        operation.action,
        ...('edits' in operation
          ? operation.edits.map(({ path, from, to }) => `${path} ${String(from)} ${String(to)}`)
          : []),
      ].join(' '),
    );
    return `${key}: ${shown.join(', ')}`;
  });
}

/** `+ eng ada known`: the pass added a member, and the target has it. */
async function memberships(store: Store, pass: number): Promise<readonly string[]> {
  return (await membershipEffects(store.journal, pass)).map(
    ({ group, member, isAdded, isKnown }) => `${isAdded ? '+' : '-'} ${group} ${member.key}${isKnown ? ' known' : ''}`,
  );
}
