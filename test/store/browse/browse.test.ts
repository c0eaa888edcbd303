import { expect, test } from '@jest/globals';
import type { Browsing } from '../../../src/store/browse/browse.ts';
import { openReadOnlyStore, type ReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { add, create, planned, target } from '../operations.ts';
import { at, state, type State } from '../state.ts';

/** Passes 1 to 5 at 100, 200, …; pass 5 has seven operations at one target and one at another. */
async function passes(): Promise<State> {
  const one = state();
  for (let number = 1; number <= 5; number += 1) {
    const { pass } = await one.store.journal.begin(`sync ${number}`, at(number * 100));
    if (number === 5) {
      await add(
        one,
        pass,
        [...'abcdefg'].map((key) => create(key)),
      );
      await one.store.journal.add(pass, 'other', 0, [planned(create('a'))]);
    }
    for (const name of [target, 'other']) await one.store.journal.saveSummary(pass, name, { succeeded: number });
    await one.store.journal.end(pass, at(number * 100 + 50), 'done', undefined);
  }
  return one;
}

async function read<T>(question: (browsing: Browsing, view: ReadOnlyStore) => T): Promise<T> {
  const one = await passes();
  const view = openReadOnlyStore(one.file);
  if (view === undefined) throw new Error('there is no state');
  try {
    return question(view.browsing, view);
  } finally {
    view.close();
  }
}

test('passes are read from the newest on, in pages', async () => {
  const [first, second, third] = await read(({ passes: list }) => {
    const ids = (before: number | undefined) => list(before, 2).map(({ pass }) => pass);
    return [ids(undefined), ids(4), ids(2)];
  });
  expect([first, second, third]).toEqual([[5, 4], [3, 2], [1]]);
});

test('one pass, and the last passes of a target', async () => {
  const found = await read((browsing) => ({
    pass: browsing.pass(3)?.command,
    missing: browsing.pass(9),
    last: browsing.targetPasses(target, 2),
    unknown: browsing.targetPasses('unknown', 2),
  }));
  expect(found).toEqual({
    pass: 'sync 3',
    missing: undefined,
    last: [
      { pass: 5, started: 500, ended: 550, summary: { succeeded: 5 } },
      { pass: 4, started: 400, ended: 450, summary: { succeeded: 4 } },
    ],
    unknown: [],
  });
});

test('the pages of a pass have each operation once, target by target', async () => {
  const pages = await read(({ operations }) => {
    const all: string[][] = [];
    for (let after: number | undefined; ;) {
      const page = operations(5, after, 3);
      if (page.length === 0) return all;
      all.push(page.map(({ target: name, operation }) => `${name} ${operation.key}`));
      after = page.at(-1)?.id;
    }
  });
  expect(pages.map(({ length }) => length)).toEqual([3, 3, 2]);
  expect(new Set(pages.flat()).size).toBe(8);
  expect(new Set(pages.flat().map((one) => one.split(' ')[0])).size).toBe(2);
});

test('the history of one subject is cut to its newest operations', async () => {
  const passesOfA = await read((_, view) => [...view.history({ user: ['a'], newest: 1 })].map(({ pass }) => pass));
  expect(passesOfA).toEqual([5]);
});
