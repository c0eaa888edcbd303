import type { Db } from '../../database.ts';

/** More entries than these are not asked about one by one. */
export const maxHandles = 20;

/** The handles of the immutable IDs of staged records. */
export function identityHandles(db: Db, resourceTypes: readonly string[], keys: readonly string[]): readonly string[] {
  const handle = db
    .prepare(`select handle from staged_handle where resource_type = ? and key = ? and handle glob 'id:*'`)
    .pluck();
  return keys.flatMap((key) => resourceTypes.flatMap((type) => handle.all(type, key) as string[]));
}
