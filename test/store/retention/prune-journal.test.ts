import { expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { acknowledged, answer, begin, change, create, edit, members, people, remember, remove } from '../operations.ts';
import { at, currentSchema, person, read, state, type State } from '../state.ts';
import { tidy } from './tidy.ts';

const rename = (key: string): Operation => change(key, [edit('userName', key, `${key}-2`)]);

/** Later passes, so that the passes before are not the last ones of the target. */
async function laterPasses(one: State, count = 21): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const { pass } = await one.store.journal.begin('sync', at(5_000));
    await one.store.journal.saveSummary(pass, 'app', {});
    await one.store.journal.end(pass, at(5_001), 'done', undefined);
  }
}

const remaining = ({ ask }: State): unknown[] =>
  ask(`select pass || ' ' || action || ' ' || key || ' ' || state from operation order by id`);

test('a pass is removed with all that belongs to it', async () => {
  const one = state();
  await acknowledged(one, ['ada', 'bob', 'zoe']);
  const joining = await begin(one, [members('eng', 'add zoe')]);
  await answer(one, joining, 'members eng', {
    change: { kind: 'members', added: people('zoe'), removed: [] },
    followUp: 'none',
  });
  await one.store.journal.end(joining, at(150), 'done', undefined);
  const pass = await begin(one, [rename('ada'), remove('zoe'), members('eng', 'add bob')]);
  await answer(one, pass, 'update ada', { change: remember('r-ada', { userName: 'ada-2' }), followUp: 'none' });
  await answer(one, pass, 'delete zoe', { change: { kind: 'forget' }, followUp: 'none' });
  await answer(one, pass, 'members eng', { followUp: 'none' });
  await one.store.journal.note(pass, 'app', [
    { resourceType: 'User', key: 'bob', name: 'Bob', text: 'x', problem: false } as never,
  ]);
  await one.store.journal.saveSummary(pass, 'app', {});
  await one.store.journal.end(pass, at(210), 'done', undefined);
  await laterPasses(one);
  await tidy(one, { journalFrom: at(200) });
  expect(remaining(one)).toEqual(['3 update ada done', '3 delete zoe done', '3 members eng done']);
  for (const table of ['deleted_account', 'deleted_membership'])
    expect([table, ...one.ask(`select count(*) from ${table}`)]).toEqual([table, 1]);
  await tidy(one, { journalFrom: at(211) });
  expect(remaining(one)).toEqual([]);
  for (const table of [
    ...['operation_member', 'operation_payload', 'note', 'former_value'],
    ...['deleted_account', 'deleted_membership'],
  ])
    expect([table, ...one.ask(`select count(*) from ${table}`)]).toEqual([table, 0]);
  expect(one.ask('select min(id) from pass')).toEqual([4]);
  expect(one.ask('select count(*) from account')).toEqual([2]);
});

test('the last passes of a target stay, and those that are running', async () => {
  const one = state();
  await acknowledged(one, ['ada']);
  await one.store.journal.saveSummary(1, 'app', {});
  const running = await begin(one, []);
  await laterPasses(one, 19);
  await tidy(one, { journalFrom: at(9_000) });
  expect(one.ask('select count(*) from pass where id <= 2')).toEqual([2]);
  await laterPasses(one, 1);
  await tidy(one, { journalFrom: at(9_000) });
  expect(one.ask('select id from pass where id <= 2')).toEqual([running]);
});

test('what a duty rests on stays, with its pass', async () => {
  const one = state();
  await read(one, { users: [person('cy')] });
  await acknowledged(one, ['ada', 'bob', 'zoe', 'kim']);
  const pass = await begin(one, [
    rename('ada'),
    change('bob', [edit('active', 'true', 'false')], 'deactivate'),
    create('cy'),
    create('gone'),
    remove('zoe'),
    members('eng', 'remove kim'),
  ]);
  // In doubt; a removal that no answer has shown; refused, of a present user and of one who left.
  await answer(one, pass, 'update ada', { change: { kind: 'inDoubt', paths: ['userName'] }, followUp: 'none' });
  await answer(one, pass, 'deactivate bob', { outcome: { kind: 'unknown', detail: 'lost' }, followUp: 'none' });
  for (const key of ['cy', 'gone'])
    await answer(one, pass, `create ${key}`, {
      outcome: { kind: 'rejected', status: 400, detail: 'no' },
      followUp: 'none',
    });
  await answer(one, pass, 'delete zoe', { change: { kind: 'forget' }, followUp: 'none' });
  await answer(one, pass, 'members eng', { outcome: { kind: 'unknown', detail: 'lost' }, followUp: 'none' });
  await one.store.journal.end(pass, at(210), 'done', undefined);
  await laterPasses(one);
  await tidy(one, { journalFrom: at(1_000) });
  expect(remaining(one)).toEqual([
    expect.stringContaining('create ada'),
    '2 update ada done',
    '2 deactivate bob unknown',
    '2 create cy failed',
    '2 members eng unknown',
  ]);
  expect(one.ask('select id from pass where id <= 2')).toEqual([1, 2]);
  expect(currentSchema).toBeGreaterThan(0);
});
