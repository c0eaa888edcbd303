import { describe, expect, test } from '@jest/globals';
import { managerWaves } from '../../src/plan/manager-order.ts';

/** `a<b`: a user a whose manager is b. Returns the wave of each user when all are created. */
function wavesOf(lines: readonly string[]): { waves: Record<string, number>; unordered: number } {
  const users = lines.map((line) => line.split('<')).map(([key = '', manager]) => ({ key, manager }));
  const idOf = (key: string | undefined): number => 1000 + users.findIndex((user) => user.key === key);
  const managed = users.filter(({ manager }) => users.some(({ key }) => key === manager));
  const { waves, unordered } = managerWaves(
    managed.map(({ key }) => idOf(key)),
    managed.map(({ manager }) => idOf(manager)),
  );
  const ordered = new Map(managed.map(({ key }, index) => [key, waves[index] ?? 0]));
  return { waves: Object.fromEntries(users.map(({ key }) => [key, ordered.get(key) ?? 0])), unordered };
}

describe('each user is created one wave after the manager', () => {
  test.each<[string, string[], Record<string, number>]>([
    ['no user', [], {}],
    ['no manager', ['a', 'b'], { a: 0, b: 0 }],
    ['one manager', ['a<b', 'b'], { a: 1, b: 0 }],
    ['a line', ['a<b', 'b<c', 'c<d', 'd'], { a: 3, b: 2, c: 1, d: 0 }],
    ['a line from its top', ['d', 'c<d', 'b<c', 'a<b'], { a: 3, b: 2, c: 1, d: 0 }],
    ['a line from its middle', ['b<c', 'd', 'a<b', 'c<d'], { a: 3, b: 2, c: 1, d: 0 }],
    ['a tree', ['top', 'x<top', 'y<top', 'x1<x', 'y1<y', 'y2<y'], { top: 0, x: 1, y: 1, x1: 2, y1: 2, y2: 2 }],
    ['a manager who has an account', ['a<existing', 'b<a'], { a: 0, b: 1 }],
  ])('%s', (_, lines, waves) => {
    expect(wavesOf(lines)).toEqual({ waves, unordered: 0 });
  });
});

describe('a ring goes last', () => {
  test.each<[string, string[], Record<string, number>, number]>([
    ['two users', ['a<b', 'b<a', 'c'], { a: 1, b: 1, c: 0 }, 2],
    ['a user who is the own manager', ['a<a', 'b'], { a: 1, b: 0 }, 1],
    ['users below a ring', ['d<c', 'c<a', 'a<b', 'b<a', 'e'], { a: 1, b: 1, c: 1, d: 1, e: 0 }, 4],
    ['users below a ring, read after it', ['a<b', 'b<a', 'c<a', 'd<c'], { a: 1, b: 1, c: 1, d: 1 }, 4],
    ['a ring beside a line', ['a<b', 'b<a', 'x<y', 'y<z', 'z'], { a: 3, b: 3, x: 2, y: 1, z: 0 }, 2],
  ])('%s', (_, lines, waves, unordered) => {
    expect(wavesOf(lines)).toEqual({ waves, unordered });
  });
});

test.each([999, 1000, 1500])('a chain of %d managers is ordered for 1000 waves', (length) => {
  const creates = Array.from({ length }, (_, index) => index + 2);
  const { waves } = managerWaves(
    creates,
    creates.map((id) => id - 1),
  );
  expect([...waves]).toEqual(creates.map((_, index) => Math.min(index + 1, 1000)));
});
