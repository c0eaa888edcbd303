import { isOwnRow } from './own-rows.ts';
import type { EntryReferences, SourceRecord } from '../../model/record.ts';
import type { Validity } from '../../model/dates/validity.ts';
import { instant, type Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { attributesText } from '../sqlite/rows.ts';
import { activityAt, isSameValidity, validityOf } from './mirror-row.ts';
import type { StagingOptions } from '../store.ts';

/** What a row with the key of an earlier row means. `conflict`: neither row is taken. */
export type RepeatedRow = 'equal' | 'replaces' | 'loses' | 'conflict';

/** A row of a file whose key an earlier row of the reading has. */
interface LaterRow {
  readonly entryReferences?: EntryReferences | undefined;
  readonly record: SourceRecord;
  readonly groups: readonly string[] | undefined;
  readonly order?: string | undefined;
}

interface EarlierRow {
  readonly active: number;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly zone: string | null;
  readonly attributes: string;
  readonly order_value?: string | null;
}

/** Compares rows with the key of an earlier row. */
export interface RepeatedRows {
  /** @param unchanged the record in the mirror, if the earlier row was equal to that one */
  compare(row: LaterRow, unchanged: EarlierRow | undefined): RepeatedRow;
  /** The next moment at which a comparison may have another result; undefined: there is none. */
  chooseAgainAt(): Instant | undefined;
}

/** Starts the comparisons of one reading. */
export function openRepeatedRows(db: Db, { replacesEarlierRow, groupsFromColumn, at }: StagingOptions): RepeatedRows {
  let chooseAgainAt = Infinity;
  const noteDates = (row: Validity, earlier: EarlierRow | undefined): void => {
    const periods = earlier === undefined ? [] : [row, validityOf(earlier)];
    for (const limit of periods.flatMap(({ validFrom, validTo }) => [validFrom, validTo]))
      if (limit !== undefined && at !== undefined && limit > at) chooseAgainAt = Math.min(chooseAgainAt, limit);
  };
  const stagedRow = db.prepare(
    `select active, valid_from, valid_to, zone, attributes, order_value
    from staged_record
    where resource_type = ? and key = ?`,
  );
  const stagedGroups = db.prepare('select group_key from staged_membership where member_key = ?').pluck();
  const mirroredGroups = db
    .prepare(`select group_key from source_membership where member_key = ? and ${isOwnRow()} and removed_in is null`)
    .pluck();

  const isEqual = ({ record, groups = [] }: LaterRow, earlier: EarlierRow, isStaged: boolean): boolean => {
    const { active, attributes, key } = record;
    if ((earlier.active === 1) !== active || earlier.attributes !== attributesText(attributes)) return false;
    if (!isSameValidity(earlier, record)) return false;
    if (!groupsFromColumn) return true;
    const earlierGroups = (isStaged ? stagedGroups : mirroredGroups).all(key) as string[];
    return [...earlierGroups].sort().join('\n') === [...groups].sort().join('\n');
  };

  const { isActive, isActiveRow } = activityAt(at);
  /** The start of a period that has not begun, of a row that the source states as active. */
  const startOf = (user: Validity & { readonly active: boolean }): Instant | undefined =>
    user.active && at !== undefined && (user.validFrom ?? at) > at ? user.validFrom : undefined;

  const compare = (row: LaterRow, unchanged: EarlierRow | undefined): RepeatedRow => {
    // Two entries of a directory with one key are two users.
    if (row.entryReferences !== undefined) return 'conflict';
    const { resourceType, key } = row.record;
    const active = isActive(row.record);
    const staged = stagedRow.get(resourceType, key) as EarlierRow | undefined;
    const before = staged ?? unchanged;
    noteDates(row.record, before);
    if (staged !== undefined && replacesEarlierRow !== undefined && resourceType === 'User') {
      const earlier = {
        active: isActiveRow(staged),
        startsAt: startOf({ active: staged.active === 1, ...validityOf(staged) }),
        order: staged.order_value ?? undefined,
      };
      const replaces = replacesEarlierRow({ active, startsAt: startOf(row.record), order: row.order }, earlier);
      if (replaces === undefined) return 'conflict';
      return replaces ? 'replaces' : 'loses';
    }
    if (before === undefined) return 'conflict';
    if (isEqual(row, before, staged !== undefined)) return 'equal';
    // A user whose rows are all inactive is inactive, also where nothing decides between the rows.
    return resourceType === 'User' && !active && !isActiveRow(before) ? 'loses' : 'conflict';
  };
  return { compare, chooseAgainAt: () => (chooseAgainAt === Infinity ? undefined : instant(chooseAgainAt)) };
}
