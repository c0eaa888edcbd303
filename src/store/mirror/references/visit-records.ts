import { sourceKey } from '../../../model/ids.ts';
import type { Attributes } from '../../../model/record.ts';
import type { Db } from '../../database.ts';
import type { NamedRecord } from '../../store.ts';

const pageSize = 1000;

interface Row {
  readonly id: number;
  readonly resource_type: NamedRecord['resourceType'];
  readonly key: string;
  readonly attributes: string;
}

/** Calls `visit` for each present record, in pages. */
export function visitRecords(db: Db, visit: (record: NamedRecord) => void): void {
  const page = db.prepare(`
    select id, resource_type, key, attributes
    from record
    where removed_in is null
      and id > ?
    order by id
    limit ${pageSize}`);
  const handles = db
    .prepare(
      `
      select h.text
      from handle_owner b
      cross join handle h on h.id = b.handle
      where b.record = ?`,
    )
    .pluck();
  for (let rows = page.all(0) as Row[]; rows.length > 0; rows = page.all(rows.at(-1)?.id) as Row[])
    for (const { id, resource_type: resourceType, key, attributes } of rows)
      visit({
        resourceType,
        key: sourceKey(key),
        attributes: JSON.parse(attributes) as Attributes,
        handles: handles.all(id) as string[],
      });
}
