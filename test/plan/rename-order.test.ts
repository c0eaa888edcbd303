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
    ['nobody', '', ''],
    ['a name that its holder gives up', 'A>B', 'A1'],
    ['a chain', 'A>B B>C', 'A2 B1'],
    ['a chain, told from its end', 'B>C A>B', 'A2 B1'],
    ['a long chain', 'A>B B>C C>D D>E', 'A4 B3 C2 D1'],
    ['two chains', 'A>B B>C X>Y', 'A2 B1 X1'],
    ['a ring of two', 'A>B B>A', 'A2 B1 | rename A'],
    ['a ring of three', 'A>B B>C C>A', 'A3 B2 C1 | rename A'],
    ['a ring of five', 'A>B B>C C>D D>E E>A', 'A5 B4 C3 D2 E1 | rename A'],
    ['two rings', 'A>B X>Y B>A Y>X', 'A2 B1 X2 Y1 | rename A X'],
    ['a chain into a ring', 'A>B B>C C>B', 'A1 B2 C1 | rename B'],
    ['a ring, and a chain into it told later', 'B>C C>B A>B', 'A1 B2 C1 | rename B'],
    ['a leaver who stays as an inactive account', 'A>B', 'A1 | rename B', 'B:departed'],
    ['a chain that ends at a leaver', 'A>B B>C', 'A2 B1 | rename C', 'C:departed'],
    ['a leaver whose account is deleted', 'A>B', 'A1', 'B:deleted'],
    ['a holder who keeps it', 'A>B', 'refused A<B', 'B:stays'],
    ['who cannot move frees nothing', 'A>B B>C', 'refused A<B | refused B<C', 'C:stays'],
    ['a long chain before a holder who keeps it', 'A>B B>C C>D', 'refused A<B | refused B<C | refused C<D', 'D:stays'],
    ['told from its end', 'C>D B>C A>B', 'refused A<B | refused B<C | refused C<D', 'D:stays'],
    ['another chain goes on', 'A>B X>Y', 'X1 | refused A<B', 'B:stays'],
    ['two takers of one name', 'A>C B>C', 'A1 B1'],
    ["two takers of a leaver's name", 'A>C B>C', 'A1 B1 | rename C', 'C:departed'],
    ['two takers of a name that is kept', 'A>C B>C', 'refused A<C | refused B<C', 'C:stays'],
    ['two takers of a name in the middle of a chain', 'A>C B>C C>D', 'A2 B2 C1'],
  ])('%s', (_, given, expected, plan = '') => {
    expect(describeOrder(renameOrder(conflicts(given), plans(plan)))).toBe(expected);
  });
});

interface World {
  /** Who holds which name now. */
  readonly have: readonly string[];
  /** Who is to hold which name; undefined for those who left and stay as an inactive account. */
  readonly want: readonly (string | undefined)[];
}

/** n accounts; their names are dealt out anew among them, some get new ones, some leave. */
const world: fc.Arbitrary<World> = fc.integer({ min: 1, max: 30 }).chain((size) => {
  const have = Array.from({ length: size }, (_, index) => `name${index}`);
  const fate = fc.constantFrom('dealt', 'dealt', 'dealt', 'new', 'leaves');
  return fc
    .tuple(
      fc.shuffledSubarray(have, { minLength: size, maxLength: size }),
      fc.array(fate, { minLength: size, maxLength: size }),
    )
    .map(([dealt, all]) => ({
      have,
      want: dealt.map((name, index) =>
        all[index] === 'leaves' ? undefined : all[index] === 'new' ? `new${index}` : name,
      ),
    }));
});

/** Carries the renames out one by one against an application that refuses a name that somebody has. */
function execute({ have, want }: World): { readonly names: Map<SourceKey, string>; readonly temporaryRenames: number } {
  const keyOf = (index: number): SourceKey => sourceKey(String(index));
  const names = new Map(have.map((name, index) => [keyOf(index), name]));
  const holderOf = new Map(have.map((name, index) => [name, keyOf(index)]));
  const movers = want.flatMap((name, index) =>
    name === undefined || name === have[index] ? [] : [{ key: keyOf(index), name }],
  );
  const given = movers.flatMap(({ key, name }) => {
    const holder = holderOf.get(name);
    return holder === undefined ? [] : [{ key, holder }];
  });
  const order = renameOrder(given, (holder) =>
    want[Number(holder)] === undefined
      ? 'departed'
      : want[Number(holder)] === have[Number(holder)]
        ? 'stays'
        : 'renamed',
  );
  const set = (key: SourceKey, name: string): void => {
    for (const [other, taken] of names)
      if (other !== key && taken === name) throw new Error(`${key} cannot be called ${name}: ${other} is`);
    names.set(key, name);
  };
  expect(order.refused.size).toBe(0);
  for (const key of order.renameTemporarily) set(key, temporaryName(names.get(key) ?? '', key));
  const waveOf = ({ key }: { key: SourceKey }): number => order.waves.get(key) ?? 0;
  for (const { key, name } of [...movers].sort((a, b) => waveOf(a) - waveOf(b))) set(key, name);
  return { names, temporaryRenames: order.renameTemporarily.length };
}

test('no name is ever set while somebody holds it, and everybody ends with their own', () => {
  fc.assert(
    fc.property(world, (given) => {
      const { names } = execute(given);
      for (const [index, name] of given.want.entries())
        if (name !== undefined) expect(names.get(sourceKey(String(index)))).toBe(name);
    }),
    { numRuns: 500 },
  );
});

test('of every ring one account is renamed temporarily, and of chains none', () => {
  const size = fc.integer({ min: 2, max: 40 });
  fc.assert(
    fc.property(size, fc.boolean(), (length, closed) => {
      const have = Array.from({ length }, (_, index) => `name${index}`);
      const want = have.map((_, index) => have[index + 1] ?? (closed ? have[0] : 'new'));
      expect(execute({ have, want }).temporaryRenames).toBe(closed ? 1 : 0);
    }),
  );
});

test('a parallel wave holds nobody who waits for another of the same wave', () => {
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

test('a ring is opened at the same account, whichever way its members were found', () => {
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
