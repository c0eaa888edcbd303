import { expect, test } from '@jest/globals';
import { openReadOnlyStore, type ReadOnlyStore } from '../../../src/store/read-only-store.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { answer, begin, change, create, edit, remember } from '../operations.ts';
import { at, atEnd, state, type State } from '../state.ts';
import { tidy } from './tidy.ts';

const people = Array.from({ length: 64 }, (_, index) => `user-${index}`);
const mail = (key: string) => ({ mail: `${key}@x.example` });

function view(one: State): ReadOnlyStore {
  const opened = openReadOnlyStore(one.file);
  if (opened === undefined) throw new Error('there is no state');
  atEnd(() => opened.close());
  return opened;
}

const operationsOf = (one: State): readonly Operation[] => [...view(one).history({})].map(({ operation }) => operation);

async function carriedOut(one: State, operations: readonly Operation[], endedAt = 200): Promise<void> {
  const pass = await begin(one, operations);
  for (const { action, key } of operations)
    await answer(one, pass, `${action} ${key}`, { change: remember(`r-${key}`, { userName: key }), followUp: 'none' });
  await one.store.journal.end(pass, at(endedAt), 'done', undefined);
}

test('what creates set is packed, and the history reads it', async () => {
  const one = state();
  const creates = people.map((key) => create(key, mail(key)));
  await carriedOut(one, creates);
  await tidy(one, { guardFrom: at(0) });
  expect(one.ask('select count(*) from operation_payload')).toEqual([0]);
  expect(one.ask('select last_operation - first_operation from payload_block')).toEqual([63]);
  expect(operationsOf(one)).toEqual(creates);
  expect(operationsOf(one).toReversed()).toEqual(creates.toReversed());
});

test('the edits of updates stay while the guard counts them, and are packed without their bodies', async () => {
  const one = state();
  const updates = people.map((key) => change(key, [edit('title', null, 'Clerk')]));
  await carriedOut(one, updates, 200);
  await tidy(one, { guardFrom: at(200) });
  expect(one.ask('select count(*) from operation_payload')).toEqual([64]);
  await tidy(one, { guardFrom: at(201) });
  expect(one.ask('select count(*) from operation_payload')).toEqual([0]);
  expect(operationsOf(one)).toEqual(updates.map((update) => ({ ...update, body: {} })));
});

test('operations that did not succeed, or may be sent again, and a rest that fills no block stay', async () => {
  const one = state();
  const pass = await begin(
    one,
    people.map((key) => create(key)),
  );
  for (const key of people)
    await answer(one, pass, `create ${key}`, {
      ...(key === 'user-7' ? { outcome: { kind: 'rejected', status: 400, detail: 'no' } } : {}),
      followUp: key === 'user-7' ? 'nextPass' : 'none',
    });
  await tidy(one, { guardFrom: at(0) });
  expect(one.ask('select count(*) from operation_payload')).toEqual([64]);
  await one.store.journal.end(pass, at(200), 'failed', undefined);
  await tidy(one, { guardFrom: at(0) });
  expect(one.ask('select count(*) from operation_payload')).toEqual([64]);
  await carriedOut(one, [create('last')]);
  await tidy(one, { guardFrom: at(0) });
  expect(one.ask('select operation from operation_payload')).toEqual([8]);
  expect(operationsOf(one).map(({ key }) => key)).toEqual([...people, 'last']);
});
