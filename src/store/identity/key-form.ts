import { isOwnRow } from '../mirror/own-rows.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import type { StoredKeys } from './key-change-store-interface.ts';

/**
 * The keys of the state that are not in the given form, each with all other keys of the same form. Reads every key, so
 * it is called only where the form changed.
 */
export function keysNotInForm(
  db: Db,
  resourceType: ResourceType,
  canonicalKey: (key: string) => string,
): readonly StoredKeys[] {
  db.exec(`
    create temp table if not exists key_in_form (key text primary key, form text not null) without rowid;
    delete from key_in_form;`);
  const insert = db.prepare('insert or ignore into key_in_form (key, form) values (?, ?)');
  const page = db
    .prepare(
      `
      select key
      from (
        select key from record where resource_type = :resourceType and ${isOwnRow()}
        union
        select a.key
        from account a
        where a.resource_type = :resourceType
          and not exists (
            select 1 from record r where r.resource_type = :resourceType and r.key = a.key and not ${isOwnRow('r')}
          )
      )
      where key > :after
      order by key
      limit ${pageSize}`,
    )
    .pluck();
  for (let keys = page.all({ resourceType, after: '' }) as string[]; keys.length > 0;) {
    for (const key of keys) if (canonicalKey(key) !== key) insert.run(key, canonicalKey(key));
    keys = page.all({ resourceType, after: keys.at(-1) }) as string[];
  }
  const rows = db
    .prepare(
      `
      with joined(key, form) as (
        select key, form from key_in_form
        union
        select form, form
        from key_in_form f
        where exists (select 1 from record r where r.resource_type = :resourceType and r.key = f.form)
          or exists (select 1 from account a where a.resource_type = :resourceType and a.key = f.form)
      )
      select key, form,
        exists (
          select 1 from record r where r.resource_type = :resourceType and r.key = j.key and r.removed_in is null
        ) as isPresent,
        exists (select 1 from account a where a.resource_type = :resourceType and a.key = j.key) as hasAccount
      from joined j
      order by form, key`,
    )
    .all({ resourceType }) as { key: string; form: string; isPresent: number; hasAccount: number }[];
  const byForm = new Map<string, StoredKey[]>();
  for (const { key, form, isPresent, hasAccount } of rows) {
    const keys = byForm.get(form) ?? [];
    keys.push({ key, isPresent: isPresent === 1, hasAccount: hasAccount === 1 });
    byForm.set(form, keys);
  }
  return [...byForm].map(([form, keys]) => ({ form, keys }));
}

type StoredKey = StoredKeys['keys'][number];

const pageSize = 5000;
