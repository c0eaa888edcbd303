import type { Db } from '../../database.ts';

/**
 * Looks up the DN of the entry with a key: the staged one, or else that of a record of the mirror.
 *
 * @returns a function of the record type, the key, and the id of the record in the mirror, if it has one
 */
export function openDnLookup(
  db: Db,
): (recordType: string, key: string, record: number | undefined) => string | undefined {
  const stagedName = db
    .prepare(`select substr(handle, 4) from staged_handle where resource_type = ? and key = ? and handle glob 'dn:*'`)
    .pluck();
  const mirroredName = db
    .prepare(
      `
      select substr(h.text, 4)
      from handle_owner b
      join handle h on h.id = b.handle
        and h.text glob 'dn:*'
      where b.record = ?`,
    )
    .pluck();
  return (recordType, key, record) =>
    (stagedName.get(recordType, key) ?? (record === undefined ? undefined : mirroredName.get(record))) as
      string | undefined;
}
