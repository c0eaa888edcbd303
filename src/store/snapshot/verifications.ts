import { instant, remoteId, type Instant, type SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Look, PendingVerification } from '../../model/evidence.ts';
import type { Db } from '../database.ts';
import { openOperations, operationColumns, type OperationRow } from '../journal/operations.ts';
import type { StoredVerification } from '../store.ts';

interface Row extends OperationRow {
  readonly verification: number;
  readonly remote_id: string;
  readonly look: Look;
  readonly status: number | null;
  readonly answered_at: number;
  readonly unproven_removals: number;
}

/** Opens the removals of one target that are still to be read back. */
export function openVerifications(db: Db, target: number) {
  const operations = openOperations(db);
  const columns = operationColumns.split(', ').map((column) => `o.${column}`);
  const selectDue = db.prepare(`
    select v.id as verification, v.remote_id, v.look, v.unproven_removals, o.status, o.answered_at,
      ${columns.join(', ')}
    from verification v
    join operation o on o.id = v.operation
    where v.target = :target
      and v.look = :look
      and v.not_before <= :until
      and v.id > :after
    order by v.id
    limit :limit`);
  const countDue = db
    .prepare('select count(*) from verification where target = ? and look = ? and not_before <= ?')
    .pluck();
  const deleteOf = db.prepare('delete from verification where target = ? and resource_type = ? and key = ?');
  const endUnread = db.prepare(`
    update operation
    set state = 'done', evidence = 'answered'
    where state = 'unknown'
      and id in (select operation from verification where target = ? and look = ? and not_before <= ?)`);
  const deleteDue = db.prepare('delete from verification where target = ? and look = ? and not_before <= ?');
  const insert = db.prepare(`
    insert into verification (target, resource_type, key, operation, remote_id, look, not_before, unproven_removals)
    values (?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = db.prepare('update verification set look = ?, not_before = ? where id = ?');
  const deleteOne = db.prepare('delete from verification where id = ?');

  return {
    countDue: (look: Look, until: Instant): number => countDue.get(target, look, until) as number,
    due(look: Look, until: Instant, after: number, limit: number): readonly StoredVerification[] {
      return (selectDue.all({ target, look, until, after, limit }) as Row[]).map((row) => ({
        id: row.verification,
        stored: operations.read(row),
        remoteId: remoteId(row.remote_id),
        look: row.look,
        status: row.status ?? undefined,
        answeredAt: instant(row.answered_at),
        unprovenRemovals: row.unproven_removals,
      }));
    },
    /** Replaces what is to be read back of a record. */
    replace(
      resourceType: ResourceType,
      key: SourceKey,
      operation: number,
      pending: PendingVerification | undefined,
    ): void {
      deleteOf.run(target, resourceType, key);
      if (pending === undefined) return;
      const { remoteId: id, look, due, unprovenRemovals } = pending;
      insert.run(target, resourceType, key, operation, id, look, due, unprovenRemovals);
    },
    reschedule(id: number, next: Pick<PendingVerification, 'look' | 'due'> | undefined): void {
      if (next === undefined) deleteOne.run(id);
      else update.run(next.look, next.due, id);
    },
    dismiss(look: Look, until: Instant): void {
      // An earlier pass could not read them; this one trusts the answer.
      endUnread.run(target, look, until);
      deleteDue.run(target, look, until);
    },
  };
}
