import { expect, test } from '@jest/globals';
import { beginPass } from '../contract/steps.ts';
import { acknowledged, target } from '../operations.ts';
import { at, person, read, state, type State } from '../state.ts';
import { tidy } from './tidy.ts';

const tombstones = ({ ask }: State): unknown[] => [
  ...ask('select key from record where removed_in is not null order by key'),
  ...ask(`select group_key || '>' || member_key from source_membership where removed_in is not null order by 1`),
];

/** Ada, Bob and Cy in the group eng; then Ada and Bob leave. Bob has an account. */
async function leavers(): Promise<State> {
  const one = state();
  await read(one, {
    users: [person('ada'), person('bob'), person('cy')],
    groups: [person('eng')],
    memberships: ['eng>ada', 'eng>bob', 'eng>cy'],
  });
  await acknowledged(one, ['bob']);
  await read(one, { users: [person('cy')], groups: [person('eng')], memberships: ['eng>cy'] });
  return one;
}

const planned = async (one: State, name: string, reading: number): Promise<void> => {
  const store = await one.store.target(name);
  await store.markPlanned(reading, '', at(2_000));
};

test('tombstones stay until each target has planned them, and while a target has an account', async () => {
  const one = await leavers();
  const all = ['ada', 'bob', 'eng>ada', 'eng>bob'];
  await planned(one, target, 2);
  await planned(one, 'other', 1);
  await tidy(one);
  expect(tombstones(one)).toEqual(all);
  await planned(one, 'other', 2);
  await tidy(one);
  expect(tombstones(one)).toEqual(['bob']);
});

test('a target that was not planned within the time of the journal holds nothing back', async () => {
  const one = await leavers();
  await planned(one, target, 2);
  await planned(one, 'other', 1);
  await tidy(one, { journalFrom: at(2_001) });
  // No target was planned within the time: only what no target has goes.
  expect(tombstones(one)).toEqual(['bob']);
});

test('a first planning that has not ended holds back those who left since it began', async () => {
  const one = await leavers();
  await planned(one, 'other', 2);
  const pass = await beginPass(one.store);
  await one.store.planning(async ({ journal }) => journal.beginDraft(pass, target, 0));
  await tidy(one);
  expect(tombstones(one)).toEqual(['ada', 'bob', 'eng>ada', 'eng>bob']);
  await one.store.planning(async ({ journal }) => journal.endDraft(pass, target, 0));
  await planned(one, target, 2);
  await tidy(one);
  expect(tombstones(one)).toEqual(['bob']);
});

test('who returns is a record again', async () => {
  const one = await leavers();
  await planned(one, target, 2);
  await tidy(one);
  await read(one, {
    users: [person('cy'), person('ada')],
    groups: [person('eng')],
    memberships: ['eng>cy', 'eng>ada'],
  });
  expect(tombstones(one)).toEqual(['bob']);
  expect(one.ask(`select changed_in from record where key = 'ada'`)).toEqual([3]);
});
