import { expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { answer, begin, change, create, edit, members, target } from '../operations.ts';
import { at, state, type State } from '../state.ts';
import { tidy } from './tidy.ts';

/** A pass that holds these operations. */
async function held(one: State, operations: readonly Operation[], started: number): Promise<number> {
  const { journal } = one.store;
  const { pass } = await journal.begin('sync', at(started));
  await journal.add(
    pass,
    target,
    0,
    operations.map((operation) => ({ operation, phase: 1, wave: 0, isRenaming: false })),
  );
  const ids = (await journal.operations(pass, target, 0, undefined, 100)).map(({ id }) => id);
  await journal.hold(ids);
  await journal.end(pass, at(started + 1), 'done', undefined);
  return pass;
}

const valuesOf = (row: unknown): unknown[] => Object.values(row as object);

const rows = ({ db }: State): unknown[] =>
  db.prepare('select pass, key, since, repeats from operation order by id').all().map(valuesOf);

test('a held operation is kept once, with the first time', async () => {
  const one = state();
  for (const started of [100, 200, 300]) {
    await held(one, [change('ada', [edit('active', 'true', 'false')], 'deactivate')], started);
    await tidy(one);
  }
  expect(rows(one)).toEqual([[3, 'ada', 100, 2]]);
});

test('other values, and other members, are another operation', async () => {
  const one = state();
  await held(one, [change('ada', [edit('title', 'a', 'b')]), members('eng', 'add ada bob')], 100);
  await held(one, [change('ada', [edit('title', 'a', 'c')]), members('eng', 'add ada')], 200);
  await held(one, [change('ada', [edit('title', 'a', 'c')]), members('eng', 'add ada')], 300);
  await tidy(one);
  expect(rows(one)).toEqual([
    [1, 'ada', null, null],
    [1, 'eng', null, null],
    [3, 'ada', 200, 1],
    [3, 'eng', 200, 1],
  ]);
  expect(one.ask('select count(*) from operation_member')).toEqual([3]);
});

test('an operation with an effect separates two of them', async () => {
  const one = state();
  const update = change('ada', [edit('title', 'a', 'b')]);
  await held(one, [update], 100);
  const pass = await begin(one, [update]);
  await answer(one, pass, 'update ada', { followUp: 'none' });
  await one.store.journal.end(pass, at(201), 'done', undefined);
  await held(one, [update], 300);
  await tidy(one);
  expect(rows(one).length).toBe(3);
});

test('a refusal with the same answer is kept once, and another answer is not merged', async () => {
  const one = state();
  for (const detail of ['no', 'no', 'never']) {
    const pass = await begin(one, [create('ada')]);
    await answer(one, pass, 'create ada', {
      outcome: { kind: 'rejected', status: 400, detail },
      followUp: 'nextPass',
    });
    await one.store.journal.end(pass, at(150), 'failed', undefined);
  }
  await tidy(one);
  expect(rows(one)).toEqual([
    [2, 'ada', 100, 1],
    [3, 'ada', null, null],
  ]);
  expect(one.ask('select body from operation_payload')).toHaveLength(2);
});

test('a note is kept once, and those of a pass that runs stay', async () => {
  const one = state();
  const { journal } = one.store;
  const note = { resourceType: 'User', key: 'ada', name: 'Ada', text: 'no userName', problem: true } as never;
  for (const started of [100, 200, 300, 400]) {
    const { pass } = await journal.begin('sync', at(started));
    await journal.note(pass, target, [note]);
    if (started < 400) await journal.end(pass, at(started + 1), 'done', undefined);
  }
  await tidy(one);
  expect(one.db.prepare('select pass, since from note order by pass').all().map(valuesOf)).toEqual([
    [3, 100],
    [4, null],
  ]);
});
