import type { Attributes } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { validityOf } from './mirror-row.ts';
import type { MirroredValues, StagedValues, ValueCounts } from './value-counts.ts';

const recordTypes = { users: 'User', groups: 'Group' } as const;
const pageSize = 1000;

interface StagedValueRow {
  readonly key: string;
  readonly active: number;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly attributes: string;
  readonly valid_from_before: number | null;
  readonly valid_to_before: number | null;
  readonly active_before: number | null;
  readonly attributes_before: string | null;
}

/**
 * Counts all changed rows at the end, for a reading in which a row can replace an earlier one of the same user.
 *
 * @returns `counts`
 */
export function countStagedValues(db: Db, counts: ValueCounts): ValueCounts {
  const rows = db.prepare(`
    select s.key, s.active, s.valid_from, s.valid_to, s.attributes, r.active as active_before,
      r.valid_from as valid_from_before, r.valid_to as valid_to_before, r.attributes as attributes_before
    from staged_record s
    left join record r on r.resource_type = s.resource_type
      and r.key = s.key
      and r.removed_in is null
    where s.resource_type = :resourceType
      and s.is_changed = 1
      and s.key > :after
    order by s.key
    limit ${pageSize}`);
  for (const part of ['users', 'groups'] as const) {
    const resourceType = recordTypes[part];
    let page = rows.all({ resourceType, after: '' }) as StagedValueRow[];
    while (page.length > 0) {
      for (const row of page) counts.count(part, valuesBefore(row), valuesNow(row));
      page = rows.all({ resourceType, after: page.at(-1)?.key }) as StagedValueRow[];
    }
  }
  return counts;
}

const valuesBefore = (row: StagedValueRow): MirroredValues | undefined => {
  const { active_before: active, attributes_before: attributes } = row;
  if (active === null || attributes === null) return undefined;
  return { active, attributes, valid_from: row.valid_from_before, valid_to: row.valid_to_before, signs: null };
};

const valuesNow = (row: StagedValueRow): StagedValues => ({
  active: row.active === 1,
  ...validityOf(row),
  attributes: JSON.parse(row.attributes) as Attributes,
  signs: [],
});
