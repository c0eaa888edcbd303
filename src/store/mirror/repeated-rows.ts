import { isOwnRow } from './own-rows.ts';
import type { EntryReferences, SourceRecord } from '../../model/record.ts';
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

/**
 * Compares rows with the key of an earlier row.
 *
 * @returns a function of the row, and of the record in the mirror, if the earlier row was equal to that one
 */
export function openRepeatedRows(
  db: Db,
  { replacesEarlierRow, groupsFromColumn, at }: StagingOptions,
): (row: LaterRow, unchanged: EarlierRow | undefined) => RepeatedRow {
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
    if (!isSameValidity(validityOf(earlier), record)) return false;
    if (!groupsFromColumn) return true;
    const earlierGroups = (isStaged ? stagedGroups : mirroredGroups).all(key) as string[];
    return [...earlierGroups].sort().join('\n') === [...groups].sort().join('\n');
  };

  const { isActive, isActiveRow } = activityAt(at);

  return (row, unchanged) => {
    // Two entries of a directory with one key are two users.
    if (row.entryReferences !== undefined) return 'conflict';
    const { resourceType, key } = row.record;
    const active = isActive(row.record);
    const staged = stagedRow.get(resourceType, key) as EarlierRow | undefined;
    if (staged !== undefined && replacesEarlierRow !== undefined && resourceType === 'User') {
      const earlier = { active: isActiveRow(staged), order: staged.order_value ?? undefined };
      const replaces = replacesEarlierRow({ active, order: row.order }, earlier);
      if (replaces === undefined) return 'conflict';
      return replaces ? 'replaces' : 'loses';
    }
    const earlier = staged ?? unchanged;
    if (earlier === undefined) return 'conflict';
    if (isEqual(row, earlier, staged !== undefined)) return 'equal';
    // A user whose rows are all inactive is inactive, also where nothing decides between the rows.
    return resourceType === 'User' && !active && !isActiveRow(earlier) ? 'loses' : 'conflict';
  };
}
