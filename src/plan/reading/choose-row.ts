import type { RowChoice, RowsPolicy } from '../../model/reading/row-choice.ts';

/**
 * Whether a row replaces an earlier row of the same user. The rows are ordered by `orderBy`, ascending, then by their
 * position in the file. A row with a blank cell there loses against any other.
 *
 *     first       the first row of this order
 *     last        the last row of this order
 *     anyActive   the first active row; if no row is active, the first row
 *
 * A user whose rows are all inactive is inactive under each policy.
 */
export function replacesEarlierRow(policy: RowsPolicy, row: RowChoice, earlier: RowChoice): boolean {
  if (policy === 'anyActive' && row.active !== earlier.active) return row.active;
  const { order = '' } = row;
  const { order: earlierOrder = '' } = earlier;
  if (order === '' || earlierOrder === '') {
    if (order !== earlierOrder) return earlierOrder === '';
    return policy === 'last';
  }
  const difference = compareNaturally(order, earlierOrder);
  return policy === 'last' ? difference >= 0 : difference < 0;
}

const number = /^[+-]?\d+(\.\d+)?$/;
const isoDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const collator = new Intl.Collator('en', { numeric: true });

/** Numbers by value, then ISO 8601 dates by time, then other text by its letters and the numbers in it. */
export function compareNaturally(one: string, other: string): number {
  const [kind, value] = orderOf(one);
  const [otherKind, otherValue] = orderOf(other);
  if (kind !== otherKind) return kind - otherKind;
  return kind === textKind ? collator.compare(one, other) : value - otherValue;
}

const textKind = 2;

function orderOf(text: string): readonly [kind: number, value: number] {
  if (number.test(text)) return [0, Number(text)];
  // Without an offset, Date.parse reads a time as local: all of them, so their order stays.
  const time = isoDate.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
  return Number.isNaN(time) ? [textKind, 0] : [1, time];
}
