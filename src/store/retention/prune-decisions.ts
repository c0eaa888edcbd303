import type { Db } from '../database.ts';
import type { RetentionStep } from './retention-interface.ts';

/** Removes what operators and answers decided, and what nothing refers to any more: small tables. */
export function openPruneDecisions(db: Db): RetentionStep {
  const statements = [
    'delete from pause where ended < :journalFrom',
    'delete from freeze where ended < :journalFrom',
    'delete from drift where closed_at < :journalFrom',
    'delete from retry where next_at < :journalFrom',
    `
    delete from former_key as f
    where f.at < :journalFrom
      and not exists (select 1 from record r where r.resource_type = f.resource_type and r.key = f.now_key)
      and not exists (
        select 1
        from target t
        join account a on a.target = t.id and a.resource_type = f.resource_type and a.key = f.now_key
      )`,
  ].map((sql) => db.prepare(sql));
  return ({ journalFrom }) => {
    for (const statement of statements) statement.run({ journalFrom });
    return false;
  };
}
