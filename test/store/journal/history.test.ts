import { describe, expect, test } from '@jest/globals';
import type { HistoryFilter, HistoryRow } from '../../../src/store/journal/history.ts';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import {
  acknowledged,
  add,
  answer,
  change,
  create,
  createGroup,
  edit,
  markSent,
  members,
  planned,
  remember,
  remove,
  target,
} from '../operations.ts';
import { at, atEnd, state, type State } from '../state.ts';

/**
 * Pass 1 at 100: Ada is created under the name "ada".
 * Pass 2 at 1000: Ada is renamed "Åsa", Bob refused, a team made with Ada in it; another target creates Bob.
 */
async function company(): Promise<State> {
  const one = state();
  await acknowledged(one, ['ada']);
  const { journal } = one.store;
  const { pass } = await journal.begin('sync --full', at(1000));
  const rename = { ...change('ada', [edit('userName', 'ada', 'ÅSA')]), name: 'ÅSA' };
  await add(one, pass, [
    rename,
    create('bob'),
    { ...createGroup('eng'), name: 'Engineers' },
    members('eng', 'add ada', 'remove bob'),
  ]);
  await journal.add(pass, 'other', 0, [planned(create('bob'))]);
  await markSent(one, pass, 'update ada', 1100);
  await answer(one, pass, 'update ada', {
    change: { kind: 'remember', body: { userName: 'ÅSA' }, active: true },
    followUp: 'none',
    at: at(1200),
    requests: 2,
    retries: 1,
  });
  await answer(one, pass, 'create bob', {
    outcome: { kind: 'rejected', status: 400, detail: 'no' },
    followUp: 'nextPass',
    at: at(1300),
  });
  await answer(one, pass, 'create eng', {
    change: remember('g1', { displayName: 'Engineers' }),
    followUp: 'none',
    at: at(1400),
  });
  return one;
}

function historyOf(one: State, filter: HistoryFilter): readonly HistoryRow[] {
  const view = openReadOnlyStore(one.file);
  if (view === undefined) throw new Error('there is no state');
  atEnd(() => view.close());
  return [...view.history(filter)];
}

const described = (rows: readonly HistoryRow[]): string[] =>
  rows.map(({ target: at_, operation, state: own }) => `${at_} ${operation.action} ${operation.key} ${own}`);

describe('the history', () => {
  test.each<[string, HistoryFilter, string[]]>([
    [
      'all operations in order of time; one that was not sent has the time of its pass',
      {},
      [
        'app create ada done',
        'app members eng planned',
        'other create bob planned',
        'app update ada done',
        'app create bob failed',
        'app create eng done',
      ],
    ],
    [
      'a user by key, with the memberships',
      { user: ['ada'] },
      ['app create ada done', 'app members eng planned', 'app update ada done'],
    ],
    [
      'a user by the current name',
      { user: ['ÅSA'] },
      ['app create ada done', 'app members eng planned', 'app update ada done'],
    ],
    [
      'a user by that name in another case',
      { user: ['åsa'] },
      ['app create ada done', 'app members eng planned', 'app update ada done'],
    ],
    [
      'a user by a former name in another case',
      { user: ['BOB'] },
      ['app members eng planned', 'other create bob planned', 'app create bob failed'],
    ],
    ['a group by its name', { group: ['engineers'] }, ['app members eng planned', 'app create eng done']],
    ['a group by key', { group: ['eng'] }, ['app members eng planned', 'app create eng done']],
    ['a group is not a user', { user: ['eng'] }, []],
    ['a user is not a group', { group: ['ada'] }, []],
    ['one target', { target: 'other' }, ['other create bob planned']],
    ['an unknown target', { target: 'unknown' }, []],
    ['since a response', { since: at(1300) }, ['app create bob failed', 'app create eng done']],
    ['since just after it', { since: at(1301) }, ['app create eng done']],
    [
      'since the start of a pass',
      { since: at(1000) },
      [
        'app members eng planned',
        'other create bob planned',
        'app update ada done',
        'app create bob failed',
        'app create eng done',
      ],
    ],
    ['until a response', { until: at(1200), since: at(1100) }, ['app update ada done']],
    ['until just before it', { until: at(1199), since: at(1001) }, []],
    ['several filters', { user: ['bob'], target: 'app', since: at(1200) }, ['app create bob failed']],
    ['an unknown user', { user: [`o'neill "%`] }, []],
  ])('%s', async (_, filter, expected) => {
    expect(described(historyOf(await company(), filter))).toEqual(expected);
  });

  test('a row contains the times, the reason and the response', async () => {
    const row = historyOf(await company(), { user: ['ada'] }).find(({ id }) => id === 2);
    expect(row).toEqual({
      id: 2,
      pass: 2,
      command: 'sync --full',
      target,
      state: 'done',
      status: 200,
      detail: undefined,
      evidence: 'answered',
      requests: 2,
      retries: 1,
      repeats: 0,
      planned: 1000,
      sent: 1100,
      answered: 1200,
      operation: { ...change('ada', [edit('userName', 'ada', 'ÅSA')]), name: 'ÅSA' },
    });
  });

  test('is in order of time where passes overlap', async () => {
    const one = state();
    const { journal } = one.store;
    const { pass: slow } = await journal.begin('daemon', at(100), { name: 'ada', host: 'hr-box' });
    const { pass: fast } = await journal.begin('daemon', at(200));
    await add(one, slow, [create('a'), create('c')]);
    await add(one, fast, [create('b'), create('d')]);
    const times = { a: 150, b: 250, c: 300, d: 350 };
    for (const [key, time] of Object.entries(times))
      await answer(one, ['a', 'c'].includes(key) ? slow : fast, `create ${key}`, {
        change: remember(key, { userName: key }),
        followUp: 'none',
        at: at(time),
      });
    const rows = historyOf(one, {});
    expect(rows.map(({ operation }) => String(operation.key))).toEqual(['a', 'b', 'c', 'd']);
    expect(rows.map(({ operator }) => operator?.name)).toEqual(['ada', undefined, 'ada', undefined]);
    expect(historyOf(one, { until: at(250) }).map(({ operation }) => String(operation.key))).toEqual(['a', 'b']);
  });

  test('is read in pages', async () => {
    const one = state();
    const { pass } = await one.store.journal.begin('sync', at(1));
    await add(
      one,
      pass,
      Array.from({ length: 1203 }, (_, index) => remove(`k${index}`)),
    );
    expect(historyOf(one, {}).map(({ operation }) => String(operation.key))).toEqual(
      Array.from({ length: 1203 }, (_, index) => `k${index}`),
    );
  });
});
