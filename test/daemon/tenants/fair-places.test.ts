import { expect, test } from '@jest/globals';
import { createFairPlaces, type FairPlaces } from '../../../src/daemon/tenants/fair-places.ts';

const never = new AbortController().signal;

/** Asks for places, each of which is freed by hand. */
function createUse(places: FairPlaces) {
  const order: string[] = [];
  const held: { readonly owner: string; readonly free: () => void }[] = [];
  return {
    order,
    ask(owner: string, times = 1): void {
      for (let time = 0; time < times; time += 1)
        void places.take(owner, never).then((free) => {
          order.push(owner);
          held.push({ owner, free });
        });
    },
    async end(owner: string): Promise<void> {
      await settled();
      const index = held.findIndex((one) => one.owner === owner);
      held.splice(index, 1)[0]?.free();
      await settled();
    },
  };
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

test('an owner with many requests delays the only one of another by the end of one request', async () => {
  const use = createUse(createFairPlaces(4, 4));
  use.ask('large', 1000);
  use.ask('small');
  await settled();
  expect(use.order).toEqual(['large', 'large', 'large', 'large']);
  await use.end('large');
  expect(use.order.at(-1)).toBe('small');
});

test('places go to the owner that has the fewest, and else in turns', async () => {
  const use = createUse(createFairPlaces(3, 3));
  use.ask('a', 10);
  use.ask('b', 10);
  use.ask('c', 10);
  await settled();
  for (let ends = 0; ends < 2; ends += 1) await use.end('a');
  expect(use.order.slice(3)).toEqual(['b', 'c']);
  await use.end('a');
  expect(use.order.at(-1)).toBe('a');
});

test('an owner has at most its own limit, and then others pass it', async () => {
  const use = createUse(createFairPlaces(10, 2));
  use.ask('a', 5);
  use.ask('b');
  await settled();
  expect(use.order).toEqual(['a', 'a', 'b']);
  await use.end('b');
  expect(use.order).toHaveLength(3);
  await use.end('a');
  expect(use.order.at(-1)).toBe('a');
});

test('a wait that was given up takes no place, and a place is freed once', async () => {
  const places = createFairPlaces(1, 1);
  const free = await places.take('a', never);
  const givenUp = new AbortController();
  const waiting = places.take('b', givenUp.signal);
  const next = places.take('c', never);
  givenUp.abort(new Error('the pass ends'));
  await expect(waiting).rejects.toThrow('the pass ends');
  await expect(places.take('d', givenUp.signal)).rejects.toThrow('the pass ends');
  free();
  free();
  const freeNext = await next;
  const use = createUse(places);
  use.ask('e');
  await settled();
  expect(use.order).toEqual([]);
  freeNext();
  await settled();
  expect(use.order).toEqual(['e']);
});
