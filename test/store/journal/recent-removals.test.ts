import { expect, test } from '@jest/globals';
import { answer, begin, change, members, remove, target } from '../operations.ts';
import { at, state } from '../state.ts';

const settled = { followUp: 'none' } as const;

test('counts acknowledged removals, and those of a removed user or group only once', async () => {
  const one = state();
  const deactivate = (key: string) => change(key, [], 'deactivate');
  const pass = await begin(one, [
    deactivate('ada'),
    deactivate('bob'),
    deactivate('late'),
    remove('eve'),
    remove('eng', 'Group'),
    members('ops', 'add x', 'remove ada cy dan'),
    members('eng', 'remove cy'),
  ]);
  for (const text of ['deactivate ada', 'delete eve', 'delete eng', 'members ops', 'members eng'])
    await answer(one, pass, text, settled);
  await answer(one, pass, 'deactivate bob', { ...settled, outcome: { kind: 'rejected', status: 400, detail: 'no' } });
  const { journal } = one.store;
  expect(await journal.removedSince(target, at(200), 0)).toMatchObject({
    removals: { users: 2, groups: 1, memberships: 2 },
  });
  expect(await journal.removedSince(target, at(201), 0)).toMatchObject({
    removals: { users: 0, groups: 0, memberships: 0 },
  });
  expect(await journal.removedSince('another', at(0), 0)).toMatchObject({
    removals: { users: 0, groups: 0, memberships: 0 },
  });
});

test('leaves out approved removals', async () => {
  const one = state();
  const { journal } = one.store;
  const { pass } = await journal.begin('sync --allow-removals 5', at(100), true);
  await journal.add(pass, target, 0, [{ operation: remove('ada'), phase: 1, wave: 0, isRenaming: false }]);
  await answer(one, pass, 'delete ada', settled);
  expect(await journal.removedSince(target, at(0), 0)).toMatchObject({
    removals: { users: 0, groups: 0, memberships: 0 },
  });
});

test('leaves out the current pass', async () => {
  const one = state();
  const pass = await begin(one, [remove('ada')]);
  await answer(one, pass, 'delete ada', settled);
  const { journal } = one.store;
  expect(await journal.removedSince(target, at(0), pass)).toMatchObject({
    removals: { users: 0, groups: 0, memberships: 0 },
  });
  expect(await journal.removedSince(target, at(0), pass + 1)).toMatchObject({
    removals: { users: 1, groups: 0, memberships: 0 },
  });
});

test('counts a deletion once that the target refused and that was tried again', async () => {
  const one = state();
  const { pass: approved } = await one.store.journal.begin('sync --allow-removals 5', at(100), true);
  await one.store.journal.add(approved, target, 0, [
    { operation: remove('eve'), phase: 1, wave: 0, isRenaming: false },
  ]);
  await answer(one, approved, 'delete eve', settled);
  for (let pass = 0; pass < 2; pass += 1)
    for (const text of ['delete ada', 'delete eve']) {
      const key = text.slice('delete '.length);
      await answer(one, await begin(one, [remove(key)]), text, settled);
    }
  const counted = await one.store.journal.removedSince(target, at(0), 0);
  expect(counted).toMatchObject({ removals: { users: 1 } });
  await answer(one, await begin(one, [change('ada', [], 'reactivate')]), 'reactivate ada', settled);
  await answer(one, await begin(one, [remove('ada')]), 'delete ada', settled);
  expect(await one.store.journal.removedSince(target, at(0), 0)).toMatchObject({ removals: { users: 2 } });
});
