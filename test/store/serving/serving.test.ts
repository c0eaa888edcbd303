import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { PagePosition, Serving, WorkPage } from '../../../src/store/store.ts';
import { operationResult } from '../../../src/sync/operation-result.ts';
import {
  acknowledged,
  add,
  answer,
  begin,
  brief,
  create,
  done,
  planned,
  remember,
  stored,
  target,
} from '../operations.ts';
import { at, state, type State } from '../state.ts';

const options = { withNames: false, witnesses: 0 };

/** A pass with these creates: each with its wave. */
async function waves(one: State, creates: Readonly<Record<string, number>>): Promise<number> {
  const pass = await begin(one, []);
  const operations = Object.entries(creates).map(([key, wave]) => ({ ...planned(create(key)), wave }));
  await add(one, pass, operations);
  return pass;
}

describe('pages of work', () => {
  test('are of one wave, and leave out what is not planned any more', async () => {
    const one = state();
    const pass = await waves(one, { ada: 0, bob: 0, cy: 0, dan: 2, eve: 2 });
    const serving = await one.store.serving(target);
    await answer(one, pass, 'create bob', { change: remember('r-bob', {}), followUp: 'none' });
    const next = (position: Pick<PagePosition, 'after' | 'wave'>): Promise<WorkPage> =>
      serving.nextPage({ pass, round: 0 }, { ...position, limit: 2 }, options);
    const keys = (page: WorkPage): readonly string[] => page.operations.map(({ operation }) => operation.key);
    const first = await next({ after: undefined, wave: 'next' });
    expect(keys(first)).toEqual(['ada', 'cy']);
    const after = first.operations.at(-1);
    expect(keys(await next({ after, wave: 'same' }))).toEqual([]);
    const last = await next({ after, wave: 'next' });
    expect(keys(last)).toEqual(['dan', 'eve']);
    expect(keys(await next({ after: last.operations.at(-1), wave: 'next' }))).toEqual([]);
  });
});

describe('a page of results', () => {
  async function claim(serving: Serving, one: State, pass: number, key: string, id: string) {
    const result = operationResult(await stored(one, pass, `create ${key}`), {
      ...{ outcome: done, change: remember(id, { userName: key }), followUp: 'none', known: undefined },
      ...{ requests: 1, retries: 0, at: at(200), claimedId: remoteId(id) },
    });
    return serving.save(pass, { sent: [], sentAt: at(100), results: [result] });
  }

  test('leaves out a result that gives a record the account of another one', async () => {
    const one = state();
    await acknowledged(one, ['ada']);
    const pass = await waves(one, { bob: 0, ada: 0 });
    const serving = await one.store.serving(target);
    expect(await claim(serving, one, pass, 'bob', 'r-ada')).toMatchObject([{ owner: 'ada' }]);
    const store = await one.store.target(target);
    expect(store.known('User', sourceKey('bob'))).toBeUndefined();
    expect(brief(await stored(one, pass, 'create bob'))).toBe('create bob');
    expect(await claim(serving, one, pass, 'bob', 'r-bob')).toEqual([]);
    // The own account, under its id and under another one.
    expect(await claim(serving, one, pass, 'ada', 'r-ada')).toEqual([]);
    expect(await claim(serving, one, pass, 'ada', 'r-new')).toEqual([]);
    expect(store.known('User', sourceKey('ada'))).toMatchObject({ remoteId: 'r-new', body: { userName: 'ada' } });
  });
});
