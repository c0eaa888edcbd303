import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sourceKey, type SourceKey } from '../../src/model/ids.ts';
import {
  renameOrder,
  temporaryName,
  type NameConflict,
  type HolderPlan,
  type RenameOrder,
} from '../../src/plan/rename-order.ts';

/** `'A>B C>D'`: A takes the name that B holds, C the one that D holds. */
function conflicts(text: string): NameConflict[] {
  return text
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => {
      const [key = '', holder = ''] = one.split('>');
      return { key: sourceKey(key), holder: sourceKey(holder) };
    });
}

/** `'A1 B2 | rename C | refused D<E'` */
function describeOrder({ waves, renameTemporarily, refused }: RenameOrder): string {
  const order = [...waves]
    .map(([key, wave]) => `${key}${wave}`)
    .sort()
    .join(' ');
  return [
    order,
    ...(renameTemporarily.length === 0 ? [] : [`rename ${[...renameTemporarily].sort().join(' ')}`]),
    ...[...refused].map(([key, holder]) => `refused ${key}<${holder}`).sort(),
  ]
    .filter((part) => part !== '')
    .join(' | ');
}

const plans = (text: string) => {
  const given = new Map(text.split(' ').map((one) => one.split(':') as [string, HolderPlan]));
  return (holder: SourceKey): HolderPlan => given.get(holder) ?? 'renamed';
};

describe('the order in which names change hands', () => {
  test.each<[string, string, string, string?]>([
    ['no conflict', '', ''],
    ['a name that its holder releases', 'A>B', 'A1'],
    ['a chain', 'A>B B>C', 'A2 B1'],
    ['a chain, in reverse order', 'B>C A>B', 'A2 B1'],
    ['a long chain', 'A>B B>C C>D D>E', 'A4 B3 C2 D1'],
    ['two chains', 'A>B B>C X>Y', 'A2 B1 X1'],
    ['a ring of two', 'A>B B>A', 'A2 B1 | rename A'],
    ['a ring of three', 'A>B B>C C>A', 'A3 B2 C1 | rename A'],
    ['a ring of five', 'A>B B>C C>D D>E E>A', 'A5 B4 C3 D2 E1 | rename A'],
    ['two rings', 'A>B X>Y B>A Y>X', 'A2 B1 X2 Y1 | rename A X'],
    ['a chain into a ring', 'A>B B>C C>B', 'A1 B2 C1 | rename B'],
    ['a ring, then a chain into it', 'B>C C>B A>B', 'A1 B2 C1 | rename B'],
    ['a leaver who stays as an inactive account', 'A>B', 'A1 | rename B', 'B:departed'],
    ['a chain that ends at a leaver', 'A>B B>C', 'A2 B1 | rename C', 'C:departed'],
    ['a leaver whose account is deleted', 'A>B', 'A1', 'B:deleted'],
    ['a holder who keeps the name', 'A>B', 'refused A<B', 'B:stays'],
    ['a refused rename does not release a name', 'A>B B>C', 'refused A<B | refused B<C', 'C:stays'],
    [
      'a long chain before a holder who keeps the name',
      'A>B B>C C>D',
      'refused A<B | refused B<C | refused C<D',
      'D:stays',
    ],
    ['the same in reverse order', 'C>D B>C A>B', 'refused A<B | refused B<C | refused C<D', 'D:stays'],
    ['another chain is not affected', 'A>B X>Y', 'X1 | refused A<B', 'B:stays'],
    ['two takers of one name', 'A>C B>C', 'A1 B1'],
    ["two takers of a leaver's name", 'A>C B>C', 'A1 B1 | rename C', 'C:departed'],
    ['two takers of a name that is kept', 'A>C B>C', 'refused A<C | refused B<C', 'C:stays'],
    ['two takers of a name in the middle of a chain', 'A>C B>C C>D', 'A2 B2 C1'],
  ])('%s', (_, given, expected, plan = '') => {
    expect(describeOrder(renameOrder(conflicts(given), plans(plan)))).toBe(expected);
  });
});

interface World {
  /** Current names, by account. */
  readonly current: readonly string[];
  /** Desired names, by account; undefined: the user left, and the account stays inactive. */
  readonly desired: readonly (string | undefined)[];
}

/** n accounts: most get the name of another account, some get a new name, some leave. */
const world: fc.Arbitrary<World> = fc.integer({ min: 1, max: 30 }).chain((size) => {
  const current = Array.from({ length: size }, (_, index) => `name${index}`);
  const change = fc.constantFrom('dealt', 'dealt', 'dealt', 'new', 'leaves');
  return fc
    .tuple(
      fc.shuffledSubarray(current, { minLength: size, maxLength: size }),
      fc.array(change, { minLength: size, maxLength: size }),
    )
    .map(([dealt, all]) => ({
      current,
      desired: dealt.map((name, index) =>
        all[index] === 'leaves' ? undefined : all[index] === 'new' ? `new${index}` : name,
      ),
    }));
});

/** Executes the renames one by one against an application that refuses a name in use. */
function execute({ current, desired }: World): {
  readonly names: Map<SourceKey, string>;
  readonly temporaryRenames: number;
} {
  const keyOf = (index: number): SourceKey => sourceKey(String(index));
  const names = new Map(current.map((name, index) => [keyOf(index), name]));
  const holderOf = new Map(current.map((name, index) => [name, keyOf(index)]));
  const movers = desired.flatMap((name, index) =>
    name === undefined || name === current[index] ? [] : [{ key: keyOf(index), name }],
  );
  const given = movers.flatMap(({ key, name }) => {
    const holder = holderOf.get(name);
    return holder === undefined ? [] : [{ key, holder }];
  });
  const order = renameOrder(given, (holder) =>
    desired[Number(holder)] === undefined
      ? 'departed'
      : desired[Number(holder)] === current[Number(holder)]
        ? 'stays'
        : 'renamed',
  );
  const set = (key: SourceKey, name: string): void => {
    for (const [other, usedName] of names)
      if (other !== key && usedName === name) throw new Error(`${key} cannot get the name ${name}: ${other} has it`);
    names.set(key, name);
  };
  expect(order.refused.size).toBe(0);
  for (const key of order.renameTemporarily) set(key, temporaryName(names.get(key) ?? '', key));
  const waveOf = ({ key }: { key: SourceKey }): number => order.waves.get(key) ?? 0;
  for (const { key, name } of [...movers].sort((a, b) => waveOf(a) - waveOf(b))) set(key, name);
  return { names, temporaryRenames: order.renameTemporarily.length };
}

test('no name is set while another account has it, and each account gets its desired name', () => {
  fc.assert(
    fc.property(world, (given) => {
      const { names } = execute(given);
      for (const [index, name] of given.desired.entries())
        if (name !== undefined) expect(names.get(sourceKey(String(index)))).toBe(name);
    }),
    { numRuns: 500 },
  );
});

test('one account of each ring gets a temporary name, and no account of a chain', () => {
  const size = fc.integer({ min: 2, max: 40 });
  fc.assert(
    fc.property(size, fc.boolean(), (length, closed) => {
      const current = Array.from({ length }, (_, index) => `name${index}`);
      const desired = current.map((_, index) => current[index + 1] ?? (closed ? current[0] : 'new'));
      expect(execute({ current, desired }).temporaryRenames).toBe(closed ? 1 : 0);
    }),
  );
});

test('no rename waits for another rename of the same wave', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(15), fc.nat(15)), { maxLength: 16 }), (pairs) => {
      const given = [...new Map(pairs.filter(([key, holder]) => key !== holder)).entries()].map(([key, holder]) => ({
        key: sourceKey(`${key}`),
        holder: sourceKey(`${holder}`),
      }));
      const { waves, renameTemporarily } = renameOrder(given, () => 'renamed');
      for (const { key, holder } of given) {
        expect(waves.get(key)).toBeGreaterThanOrEqual(1);
        if (waves.has(holder) && !renameTemporarily.includes(holder))
          expect(waves.get(key)).toBeGreaterThan(waves.get(holder) ?? 0);
      }
    }),
  );
});

test('a ring is opened at the same account, in any order of conflicts', () => {
  const ring = conflicts('A>B B>C C>D D>A');
  fc.assert(
    fc.property(fc.shuffledSubarray(ring, { minLength: 4 }), (order) => {
      expect(describeOrder(renameOrder(order, () => 'renamed'))).toBe('A4 B3 C2 D1 | rename A');
    }),
  );
});

test.each([
  ['ada', 'ada.left-1f'],
  ['ada@corp.example', 'ada.left-1f@corp.example'],
  ['ada@home@corp.example', 'ada.left-1f@home@corp.example'],
  ['Team A', 'Team A.left-1f'],
])('%s is renamed to %s', (name, expected) => {
  expect(temporaryName(name, '1f')).toBe(expected);
});
