import type { Kind } from '../model/kind.ts';
import type { Found } from '../model/outcome.ts';
import type { Db } from './database.ts';
import { nameOf } from './snapshot.ts';
import type { Inventory } from './store.ts';

const table = `create temp table if not exists inventory (
    target integer not null, kind text not null, remote_id text not null, name text not null, external_id text, found text not null);
  create index if not exists temp.inventory_by_name on inventory (target, kind, name);
  create index if not exists temp.inventory_by_external_id on inventory (target, kind, external_id);`;

export function openInventory(db: Db, target: number): Inventory {
  db.exec(table);
  const insert = db.prepare(
    'insert into inventory (target, kind, remote_id, name, external_id, found) values (?, ?, ?, ?, ?, ?)',
  );
  const byName = db.prepare('select found from inventory where target = ? and kind = ? and name = ? limit 2').pluck();
  const byExternalId = db
    .prepare('select found from inventory where target = ? and kind = ? and external_id = ? limit 2')
    .pluck();
  const read = (rows: unknown[]): readonly Found[] => (rows as string[]).map((row) => JSON.parse(row) as Found);
  return {
    async clear(kind) {
      db.prepare('delete from inventory where target = ? and kind = ?').run(target, kind);
    },
    async add(kind, found) {
      db.transaction(() => {
        for (const one of found) {
          const externalId = one.body['externalId'];
          insert.run(
            target,
            kind,
            one.remoteId,
            nameOf(kind, one.body),
            typeof externalId === 'string' ? externalId : null,
            JSON.stringify(one),
          );
        }
      })();
    },
    find(kind: Kind, attribute: string, value: string) {
      // Only these two identify; a profile that matches by another attribute is looked up singly.
      if (attribute === 'externalId') return read(byExternalId.all(target, kind, value));
      if (attribute === 'userName' || attribute === 'displayName')
        return read(byName.all(target, kind, value.toLowerCase()));
      return [];
    },
  };
}
