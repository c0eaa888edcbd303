import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../../src/model/ids.ts';
import type { RowsPolicy } from '../../../src/model/reading/row-choice.ts';
import { compareNaturally, replacesEarlierRow } from '../../../src/plan/reading/choose-row.ts';

describe('a later row replaces the earlier one', () => {
  /** `+` active, `-` inactive, then the cell of the order. */
  const row = (text: string) => ({
    active: text.startsWith('+'),
    order: text.length === 1 ? undefined : text.slice(1),
  });
  test.each<[string, string, string]>([
    ['+', '+', 'last'],
    ['+', '-', 'last'],
    ['-', '+', 'last anyActive'],
    ['-', '-', 'last'],
    ['+9', '+10', 'last'],
    ['+10', '+9', 'first anyActive'],
    ['+1', '-2', 'last'],
    ['-1', '+2', 'last anyActive'],
    ['-2', '-1', 'first anyActive'],
    ['+2026-02-01', '+2025-12-31', 'first anyActive'],
    ['+1', '+1', 'last'],
    ['+', '+5', 'first last anyActive'],
    ['+5', '+', ''],
  ])('%s, then %s: by %s', (earlier, later, expected) => {
    const policies: readonly RowsPolicy[] = ['first', 'last', 'anyActive'];
    const replacing = policies.filter((policy) => replacesEarlierRow(policy, row(later), row(earlier)));
    expect(replacing.join(' ')).toBe(expected);
  });

  test.each([
    ['the period that begins next', { startsAt: 20 }, { startsAt: 10 }, false],
    ['the period that begins next', { startsAt: 10 }, { startsAt: 20 }, true],
    ['a period that begins, not one that ended', { startsAt: 10 }, {}, true],
    ['a period that begins, not one that ended', {}, { startsAt: 10 }, false],
  ] as const)('without an active row, anyActive chooses %s', (_, later, earlier, expected) => {
    const row = ({ startsAt }: { readonly startsAt?: number }) => ({
      ...{ active: false, order: undefined },
      startsAt: startsAt === undefined ? undefined : instant(startsAt),
    });
    expect(replacesEarlierRow('anyActive', row(later), row(earlier))).toBe(expected);
  });

  test('the result does not depend on how the rows are grouped, and is active if any row is', () => {
    const rows = fc.array(
      fc.record({ active: fc.boolean(), order: fc.constantFrom('', '1', '9', '10', '2026-01-01', '2025-06-01', 'x') }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(rows, fc.constantFrom<RowsPolicy>('first', 'last', 'anyActive'), (all, policy) => {
        const chosen = all.reduce((one, next) => (replacesEarlierRow(policy, next, one) ? next : one));
        const others = all.filter((one) => one !== chosen);
        for (const other of others) {
          const isLater = all.indexOf(other) > all.indexOf(chosen);
          if (isLater) expect(replacesEarlierRow(policy, other, chosen)).toBe(false);
          else expect(replacesEarlierRow(policy, chosen, other)).toBe(true);
        }
        if (policy === 'anyActive') expect(chosen.active).toBe(all.some(({ active }) => active));
        if (all.every(({ active }) => !active)) expect(chosen.active).toBe(false);
      }),
    );
  });
});

test('numbers, dates and text have one order', () => {
  const sorted = ['-3', '2', '2.5', '10', '2025-12-31T23:00:00Z', '2026-01-01', '2026-01-01T08:00', 'job 2', 'job 10'];
  expect(sorted.toReversed().toSorted((one, other) => compareNaturally(one, other) ?? NaN)).toEqual(sorted);
});

test.each<[string, string, number | undefined]>([
  ['31.01.2024', '01.03.2025', -1],
  ['31.12.2025', '1.1.26', -1],
  ['31.01.2024 23:59', '31.01.2024 08:00:01', 1],
  ['2024-01-31', '01.03.2025', -1],
  ['12/31/2025', '01/15/2026', -1],
  ['31/12/2025', '15/01/2026', -1],
  // The order is the same, whether the day or the month comes first.
  ['03/04/2024', '05/06/2025', -1],
  ['03/04/2026', '04/03/2026', undefined],
  // One shows which part is the month.
  ['03/04/2026', '13/03/2026', 1],
  ['01.02.2026', '01.02.2026', 0],
  ['99.99.2026', 'job', -1],
])('%s is compared with %s', (one, other, expected) => {
  expect(compareNaturally(one, other)).toBe(expected);
});

test('two rows whose order is not clear are decided only if both are inactive', () => {
  const at = (active: boolean, order: string) => ({ active, order });
  const pair = (active: boolean) => [at(active, '03/04/2026'), at(false, '04/03/2026')] as const;
  expect(replacesEarlierRow('last', ...pair(true))).toBe(undefined);
  expect(replacesEarlierRow('last', ...pair(false))).toBe(true);
  expect(replacesEarlierRow('first', ...pair(false))).toBe(false);
  expect(replacesEarlierRow('anyActive', ...pair(true))).toBe(true);
});
