import { keysNamed } from './history.ts';
import type { WaitingName } from '../../model/plan.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { uniqueNameAttribute } from '../../model/resource-type.ts';
import type { NameAtTarget, NameHolds, NamesBetweenRequests, NameView } from '../store.ts';
import { openOperations, operationColumns, type OperationRow } from './operations.ts';

/** In the same round, an operation `h` on the account that has the name is held. */
const isHeldHolder = `
  h.key = operation.waits_for
    and h.resource_type = operation.resource_type
    and h.pass = operation.pass
    and h.target = operation.target
    and h.round = operation.round
    and h.action <> 'members'
    and h.state = 'held'
    and h.id <> operation.id`;

/** A leaver's account that gets a temporary name waits for itself, and is reported as a leaver. */
const isWaiting = `
  pass = :pass
    and target = :target
    and waits_for is not null
    and waits_for <> key
    and state in ('held', 'skipped')
    and detail glob 'waits for the *'`;

/** Opens the operations that depend on names. */
export function openNameLog(
  db: Db,
  commits: GroupCommit,
  targetOf: (name: string) => { readonly id: number },
): NameView & NameHolds & NamesBetweenRequests {
  const operations = openOperations(db);
  const updateWaiting = db.prepare(`
    update operation indexed by operation_by_name_holder
    set state = 'held', approval = null, detail = 'waits for the ' || (
      select iif(h.phase in (select value from json_each(:removalPhases)), 'removal', 'rename')
      from operation h indexed by operation_by_key
      where ${isHeldHolder}
      order by h.phase
      limit 1
    ) || ' of key ' || waits_for
    where pass = :pass
      and target = :target
      and waits_for is not null
      and round = :round
      and state in ('planned', 'held')
      and detail is null
      and exists (select 1 from operation h indexed by operation_by_key where ${isHeldHolder})`);
  const selectOperation = db.prepare(`
    select ${operationColumns}
    from operation indexed by operation_by_key
    where key = :key
      and resource_type = :resourceType
      and pass = :pass
      and target = :target
      and round = :round
      and action <> 'members'`);
  const deleteOperation = db.prepare('delete from operation where id = ?');
  const countWaiting = db
    .prepare(`select count(*) from operation indexed by operation_by_name_holder where ${isWaiting}`)
    .pluck();
  const selectWaiting = db.prepare(`
    select resource_type as resourceType, key, name, detail as reason
    from operation indexed by operation_by_name_holder
    where ${isWaiting}
    order by id
    limit :limit`);

  const insertNote = db.prepare(`
    insert into note (pass, target, resource_type, key, name, text, problem)
    values (:pass, :target, :resourceType, :key, :name, :reason, 0)`);

  return {
    noteWaiting: (pass, target, waiting) =>
      commits.write(() => {
        insertNote.run({ pass, target: targetOf(target).id, ...waiting });
      }),
    async holdWaiting(pass, target, round, removalPhases) {
      const parameters = { pass, target: targetOf(target).id, round, removalPhases: JSON.stringify(removalPhases) };
      // Each repetition follows a chain of names by one account.
      while (updateWaiting.run(parameters).changes > 0);
    },
    async withdraw(pass, target, round, resourceType, key) {
      const parameters = { pass, target: targetOf(target).id, round, resourceType, key };
      const row = selectOperation.get(parameters) as OperationRow | undefined;
      if (row === undefined) return undefined;
      const withdrawn = operations.read(row);
      deleteOperation.run(row.id);
      return withdrawn;
    },
    keysNamed: (resourceType, name) => keysNamed(db, resourceType, name),
    nameAtTarget: openNamesAtTargets(db),
    async waitingForNames(pass, target, limit) {
      const parameters = { pass, target: targetOf(target).id };
      const total = countWaiting.get(parameters) as number;
      if (total === 0) return { total, first: [] };
      return { total, first: selectWaiting.all({ ...parameters, limit }) as WaitingName[] };
    },
  };
}

/** Opens the names of users and groups at all targets. */
export function openNamesAtTargets(db: Db): NameAtTarget {
  const selectName = db
    .prepare(
      `
      select coalesce(
        (
          select nullif(json_extract(a.body, '$.' || :path), '')
          from account a
          where a.target = t.id
            and a.resource_type = :resourceType
            and a.key = :key
        ),
        (
          select o.name
          from operation o indexed by operation_by_key
          where o.key = :key
            and o.resource_type = :resourceType
            and o.target = t.id
            and o.action <> 'members'
            and o.name not in ('', o.key)
          order by o.id desc
          limit 1
        )
      )
      from target t
      where t.name = :target`,
    )
    .pluck();
  return (target, resourceType, key) =>
    (selectName.get({ target, resourceType, key, path: uniqueNameAttribute(resourceType) }) as
      string | null | undefined) ?? undefined;
}
