import type { Attributes, EntryReferences, KeyedRow } from '../../model/record.ts';
import { isValidAt, type Validity } from '../../model/dates/validity.ts';
import type { Instant } from '../../model/ids.ts';
import { attributesText, optionalInstant } from '../sqlite/rows.ts';
import type { ParsedRow } from '../store.ts';

/** The resource types of the table `record`, by part of a reading. */
export const recordTypeOf = { users: 'User', groups: 'Group', nested: 'Nested' } as const;

/** A part whose rows are users or groups. */
export type RecordPart = keyof typeof recordTypeOf;
/** The resource type of a record. */
export type RecordType = (typeof recordTypeOf)[RecordPart];

/** A row that was parsed to a user or group. */
export type ParsedRecord = Extract<ParsedRow, { kind: 'record' }>;

/** A row of the table `record`. */
export interface MirrorRow {
  readonly id: number;
  readonly active: number;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly zone: string | null;
  readonly attributes: string;
  readonly signs: string | null;
  readonly removed_in: number | null;
}

/** Signs of inactivity as JSON; null: none. */
export const textOfSigns = (signs: readonly string[] | undefined): string | null =>
  signs === undefined || signs.length === 0 ? null : JSON.stringify(signs);

/** A row with its key, and with its DN if it is an entry of a directory. */
export function keyedRow(key: string, references: EntryReferences | undefined): KeyedRow {
  if (references === undefined) return { kind: 'line', key };
  return { kind: 'entry', key, dn: references.handles.find((handle) => handle.startsWith('dn:'))?.slice(3) };
}

/** Attributes as JSON, without those that refer to other records. */
export function withoutAttributes(attributes: string, names: readonly string[]): string {
  if (names.length === 0) return attributes;
  return attributesText(
    Object.fromEntries(Object.entries(JSON.parse(attributes) as Attributes).filter(([name]) => !names.includes(name))),
  );
}

/** A value for a nullable column. */
export const orNull = <Value>(value: Value | undefined): Value | null => value ?? null;

/** The columns of a period. */
interface PeriodColumns {
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly zone?: string | null;
}

/** The period of access that a row states. */
export const validityOf = (row: PeriodColumns): Validity => ({
  validFrom: optionalInstant(row.valid_from),
  validTo: optionalInstant(row.valid_to),
  zone: row.zone ?? undefined,
});

/** The values of the columns valid_from, valid_to and zone. */
export const periodColumns = ({ validFrom, validTo, zone }: Validity) => [
  orNull(validFrom),
  orNull(validTo),
  orNull(zone),
];

/** Whether a row states this period. */
export function isSameValidity(row: PeriodColumns, { validFrom, validTo, zone }: Validity): boolean {
  const stated = validityOf(row);
  return stated.validFrom === validFrom && stated.validTo === validTo && stated.zone === zone;
}

/** A row of a user as the mirror or the staging tables hold it. */
interface ActivityRow {
  readonly active: number;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
}

/** Judges who is active at a moment, by the source and its dates; undefined: whatever the dates are. */
export function activityAt(at: Instant | undefined) {
  const isActive = (user: Validity & { readonly active: boolean }): boolean =>
    user.active && (at === undefined || isValidAt(user, at));
  const isActiveRow = (row: ActivityRow): boolean => isActive({ active: row.active === 1, ...validityOf(row) });
  return { isActive, isActiveRow };
}
