import type { RowChoice, RowsPolicy } from '../../model/reading/row-choice.ts';

/**
 * Whether a row replaces an earlier row of the same user. The rows are ordered by `orderBy`, ascending, then by their
 * position in the file. A row with a blank cell there loses against any other.
 *
 *     first       the first row of this order
 *     last        the last row of this order
 *     anyActive   the first active row; if no row is active, the one whose period begins next; otherwise the first row
 *
 * A user whose rows are all inactive is inactive under each policy.
 *
 * @returns undefined where the order is not clear: 03/04/2026 and 04/03/2026. Two inactive rows need no order.
 */
export function replacesEarlierRow(policy: RowsPolicy, row: RowChoice, earlier: RowChoice): boolean | undefined {
  const byActivity = policy === 'anyActive' ? isMoreActive(row, earlier) : undefined;
  if (byActivity !== undefined) return byActivity;
  const { order = '' } = row;
  const { order: earlierOrder = '' } = earlier;
  if (order === '' || earlierOrder === '') {
    if (order !== earlierOrder) return earlierOrder === '';
    return policy === 'last';
  }
  const difference = compareNaturally(order, earlierOrder);
  if (difference === undefined) return row.active || earlier.active ? undefined : policy === 'last';
  return policy === 'last' ? difference >= 0 : difference < 0;
}

/** Whether a row is active, or begins earlier, and the other one is not; undefined: they are alike. */
function isMoreActive(row: RowChoice, other: RowChoice): boolean | undefined {
  if (row.active !== other.active) return row.active;
  if (row.active || row.startsAt === other.startsAt) return undefined;
  return (row.startsAt ?? Infinity) < (other.startsAt ?? Infinity);
}

const number = /^[+-]?\d+(\.\d+)?$/;
const isoDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const collator = new Intl.Collator('en', { numeric: true });

/** 31.12.2026, 31/12/2026, 12/31/2026, 31-12-26; a time may follow. */
const numericDate = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * Numbers by value, then dates by time, then other text by its letters and the numbers in it.
 *
 * @returns undefined for two dates whose order depends on what comes first, the day or the month
 */
export function compareNaturally(one: string, other: string): number | undefined {
  const [kind, ...values] = orderOf(one);
  const [otherKind, ...otherValues] = orderOf(other);
  if (kind !== otherKind) return kind - otherKind;
  if (kind === textKind) return collator.compare(one, other);
  const differences = [0, 1].flatMap((reading) => {
    const [value = NaN, otherValue = NaN] = [values[reading], otherValues[reading]];
    return Number.isNaN(value - otherValue) ? [] : [Math.sign(value - otherValue)];
  });
  const [first, second = first] = differences;
  // No reading fits both: each is a date in its own form.
  if (first === undefined) return Math.sign(Math.max(...known(values)) - Math.max(...known(otherValues)));
  return first === second ? first : undefined;
}

const known = (values: readonly number[]): readonly number[] => values.filter((value) => !Number.isNaN(value));

const textKind = 2;

/** A date has two values: with the day first, and with the month first. NaN: it is none in that form. */
type Order = readonly [kind: number, dayFirst: number, monthFirst: number];

function orderOf(text: string): Order {
  if (number.test(text)) return [0, Number(text), Number(text)];
  // Without an offset, Date.parse reads a time as local: all of them, so their order stays.
  const time = isoDate.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
  if (!Number.isNaN(time)) return [1, time, time];
  const [dayFirst, monthFirst] = numericDateOf(text);
  return Number.isNaN(dayFirst) && Number.isNaN(monthFirst) ? [textKind, 0, 0] : [1, dayFirst, monthFirst];
}

/** The month comes first only between slashes. */
function numericDateOf(text: string): readonly [dayFirst: number, monthFirst: number] {
  const [, one = '', separator, other = '', year = '', ...time] = numericDate.exec(text) ?? [];
  if (separator === undefined) return [NaN, NaN];
  const [hour = 0, minute = 0, second = 0] = time.map((part) => Number(part ?? 0));
  const at = (day: number, month: number): number => {
    const date = new Date(year.length === 2 ? 2000 + Number(year) : Number(year), month - 1, day, hour, minute, second);
    return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : NaN;
  };
  return [at(Number(one), Number(other)), separator === '/' ? at(Number(other), Number(one)) : NaN];
}
