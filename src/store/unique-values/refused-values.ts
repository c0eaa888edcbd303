import type { Instant } from '../../model/ids.ts';
import { foldUnique, type UniqueValue } from '../../model/target/unique-value.ts';
import type { Db } from '../database.ts';
import type { ValueOwner } from './unique-values-interface.ts';

/** Opens the record of refused values: they are free for others, and not tried again for this record. */
export function openRefusedValues(
  db: Db,
): (target: number, owner: ValueOwner, values: readonly UniqueValue[], at: Instant) => void {
  const insert = db.prepare(`
    insert or replace into refused_value (target, resource_type, key, path, folded, refused_at)
    values (?, ?, ?, ?, ?, ?)`);
  const release = db.prepare(
    'delete from unique_value where target = ? and resource_type = ? and key = ? and path = ? and folded = ?',
  );
  return (target, { resourceType, key }, values, at) => {
    for (const { path, value } of values) {
      insert.run(target, resourceType, key, path, foldUnique(value), at);
      release.run(target, resourceType, key, path, foldUnique(value));
    }
  };
}
