import type { ColumnType } from './table-shapes.ts';
import type { Value } from './change-watch.ts';

/**
 * PostgreSQL cannot store U+0000 in a text (https://www.postgresql.org/docs/current/datatype-character.html), SQLite
 * can. It is stored as U+0001 "0", and U+0001 itself as U+0001 "1".
 */
const escape = '\u0001';
const special = /["\\\u0000\u0001]/;

/** A column of rows as an array in the notation of PostgreSQL: `{"a","b",NULL}`. */
export function arrayText(values: readonly Value[], type: ColumnType): string {
  if (type === 'bigint') return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
  return `{${values.map(elementText).join(',')}}`;
}

function elementText(value: Value): string {
  if (value === null) return 'NULL';
  if (Buffer.isBuffer(value)) return `"\\\\x${value.toString('hex')}"`;
  const text = String(value);
  if (!special.test(text)) return `"${text}"`;
  return `"${text
    .replaceAll(escape, `${escape}1`)
    .replaceAll('\u0000', `${escape}0`)
    .replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** A text as the database has it, as the state has it. */
export const decodeText = (text: string): string =>
  text.includes(escape)
    ? text.replaceAll(/\u0001([01])/g, (_, kind: string) => (kind === '0' ? '\u0000' : escape))
    : text;
