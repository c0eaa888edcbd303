import type { SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import type { NameRequests } from '../store.ts';

/** Opens the requested names, in a temporary table: a first load requests a name for each user. */
export function openNameRequests(db: Db): NameRequests {
  db.exec(`
    create temp table if not exists requested_name (
      resource_type text not null, name text not null, key text not null, primary key (resource_type, name)
    ) without rowid`);
  const insert = db.prepare('insert or ignore into requested_name (resource_type, name, key) values (?, ?, ?)');
  const select = db.prepare('select key from requested_name where resource_type = ? and name = ?').pluck();
  return {
    clearNameRequests() {
      db.exec('delete from requested_name');
    },
    requestName(resourceType, foldedName, key) {
      if (insert.run(resourceType, foldedName, key).changes > 0) return undefined;
      const earlier = select.get(resourceType, foldedName) as SourceKey;
      return earlier === key ? undefined : earlier;
    },
  };
}
