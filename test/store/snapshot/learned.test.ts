import { instant } from '../../../src/model/ids.ts';
import { describe, expect, test } from '@jest/globals';
import type { LearnedFact } from '../../../src/model/target/learned-fact.ts';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { target } from '../operations.ts';
import { at, atEnd, state, type State } from '../state.ts';

const fact: LearnedFact = {
  kind: 'patchRefused',
  subject: 'User',
  status: 405,
  resource: 'id-1',
  resources: 2,
  passes: 2,
  pass: 7,
  learnedAt: at(1),
  confirmedAt: at(2),
};
const ignored: LearnedFact = {
  ...fact,
  kind: 'writeIgnored',
  subject: 'update of users by PATCH',
  status: undefined,
  resources: 1,
};
const update = { resourceType: 'User', action: 'update' } as const;
const samples = { 'update of users by PUT': { ...update, confirmed: 3 } };

async function learnedState(): Promise<State> {
  const one = state();
  await one.store.targets.saveUrl(target, 'https://a.example');
  const store = await one.store.target(target);
  await store.saveDiscovery({ patch: true }, at(3));
  await store.saveLearned({ facts: [fact, ignored], samples, under: 'digest' });
  return one;
}

test('facts, samples and their circumstances are kept, and replaced as a whole', async () => {
  const { store } = await learnedState();
  const one = await store.target(target);
  expect(await one.learned()).toEqual({ facts: [fact, ignored], samples, under: 'digest' });
  expect(await (await store.target('other')).learned()).toEqual({ facts: [], samples: {}, under: undefined });
  await one.saveLearned({ facts: [{ ...fact, passes: 3 }], samples: {}, under: 'other' });
  expect(await one.learned()).toEqual({ facts: [{ ...fact, passes: 3 }], samples: {}, under: 'other' });
});

test('status shows them', async () => {
  const one = await learnedState();
  const view = openReadOnlyStore(one.file);
  atEnd(() => view?.close());
  expect(view?.targets()[0]).toMatchObject({
    learned: [fact, ignored],
    ignoredWrites: [{ kind: 'update of users by PATCH', at: 2 }],
    discovery: { patch: true },
    discoveryReadAt: 3,
  });
});

describe('what is known about the server', () => {
  const nothing = { facts: [], samples: {}, under: undefined };

  test.each([
    ['is kept at the same address', 'https://a.example', { facts: [fact, ignored], samples, under: 'digest' }, 3],
    ['is forgotten at another address', 'https://b.example', nothing, undefined],
  ])('%s', async (_, url, learned, discoveryReadAt) => {
    const { store } = await learnedState();
    await store.targets.saveUrl(target, url);
    const one = await store.target(target);
    expect(await one.learned()).toEqual(learned);
    expect(await one.state()).toMatchObject({ discoveryReadAt });
  });

  test('is forgotten with the target, and does not prevent that its name is given to another', async () => {
    const { store } = await learnedState();
    await store.targets.forget(target, instant(1));
    expect(await (await store.target(target)).learned()).toEqual(nothing);
    await (await store.target(target)).saveLearned({ facts: [fact], samples, under: undefined });
    await (await store.target(target)).requestCounts.add('q', [{ start: at(0), requests: 1 }], at(0));
    await store.target('old');
    await store.targets.rename('old', target);
    expect(await (await store.target(target)).learned()).toEqual(nothing);
  });
});

test('requests of an interval are added up, and old intervals are forgotten', async () => {
  const { store } = state();
  const { requestCounts } = await store.target(target);
  const add = (start: number, requests: number, oldest = 0): Promise<void> =>
    requestCounts.add('a', [{ start: at(start), requests }], at(oldest));
  await Promise.all([add(100, 1), add(100, 1), add(200, 1)]);
  await requestCounts.add('b', [{ start: at(100), requests: 9 }], at(0));
  expect(requestCounts.since('a', at(0))).toEqual([
    { start: 100, requests: 2 },
    { start: 200, requests: 1 },
  ]);
  expect(requestCounts.since('a', at(150))).toEqual([{ start: 200, requests: 1 }]);
  await add(300, 1, 200);
  expect(requestCounts.since('a', at(0)).map(({ start }) => start)).toEqual([200, 300]);
  expect(requestCounts.since('b', at(0))).toHaveLength(1);
});
