import type { Instant, SourceKey } from '../../model/ids.ts';
import type { MembersOperation, Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { failuresAfter, isRecordFailure, nextTryAfter, type PostponedTry } from '../../model/requeue.ts';
import type { Db } from '../database.ts';

/** The result of an operation, as far as the next try depends on it. */
export interface TriedOperation {
  readonly pass: number;
  readonly target: number;
  readonly operation: Operation;
  readonly outcome: Outcome;
  readonly at: Instant;
}

/** Writes and reads when failing records and memberships are tried again: the table `retry`. */
export function openRetries(db: Db) {
  const selectFailures = db
    .prepare('select failures from retry where target = ? and resource_type = ? and key = ? and member_key = ?')
    .pluck();
  const upsert = db.prepare(`
    insert into retry (target, resource_type, key, member_key, failures, next_pass, next_at)
    values (?, ?, ?, ?, ?, ?, ?)
    on conflict (target, resource_type, key, member_key) do update set failures = excluded.failures,
      next_pass = excluded.next_pass, next_at = excluded.next_at`);
  const remove = db.prepare('delete from retry where target = ? and resource_type = ? and key = ? and member_key = ?');
  const removeOfMember = db.prepare('delete from retry where target = ? and member_key = ?');
  // What changed in the source since the last planning is tried at once.
  const select = db.prepare(`
    select resource_type as resourceType, key, nullif(member_key, '') as member
    from retry t
    where target = :target
      and next_pass > :pass
      and next_at > :now
      and not exists (
        select 1 from record r
        where r.resource_type = t.resource_type and r.key = t.key and r.changed_in > :after
      )
      and not exists (
        select 1 from source_membership s
        where t.member_key <> '' and s.group_key = t.key and s.member_key = t.member_key and s.changed_in > :after
      )`);

  const fail = (tried: TriedOperation, member: string): void => {
    const { pass, target, operation, outcome, at } = tried;
    const { resourceType, key } = operation;
    const before = selectFailures.get(target, resourceType, key, member) as number | undefined;
    const failures = failuresAfter(outcome, before ?? 0);
    const next = nextTryAfter(failures, pass, at);
    upsert.run(target, resourceType, key, member, failures, next.pass, next.at);
  };

  const recordMembers = (tried: TriedOperation, operation: MembersOperation, hasRows: boolean): boolean => {
    const { target, outcome } = tried;
    const refused = outcome.kind === 'done' ? (outcome.refusedMembers ?? []) : operation.add;
    const isFailure = (outcome.kind === 'done' || isRecordFailure(outcome)) && refused.length > 0;
    if (isFailure) for (const member of refused) fail(tried, member.key);
    if (outcome.kind !== 'done' || !hasRows) return hasRows || isFailure;
    for (const member of [...operation.add, ...operation.remove])
      if (!refused.some((one) => one.key === member.key)) remove.run(target, 'Group', operation.key, member.key);
    return true;
  };

  return {
    /**
     * @param hasRows whether the table has rows of the target: without any, nothing is removed
     * @returns the same after this result
     */
    record(tried: TriedOperation, hasRows: boolean): boolean {
      const { target, operation, outcome } = tried;
      if (operation.action === 'members') return recordMembers(tried, operation, hasRows);
      const { resourceType, key } = operation;
      const isFailure = isRecordFailure(outcome);
      if (isFailure) fail(tried, '');
      if (!hasRows) return isFailure;
      if (!isFailure && ['done', 'adopted', 'notFound'].includes(outcome.kind))
        remove.run(target, resourceType, key, '');
      // With another account, the members that a group refused are other members.
      if (outcome.kind === 'done' && operation.action === 'create') removeOfMember.run(target, key);
      return true;
    },
    postponed(target: number, pass: number, now: Instant, after: number): readonly PostponedTry[] {
      const rows = select.all({ target, pass, now, after }) as (Omit<PostponedTry, 'member'> & {
        member: SourceKey | null;
      })[];
      return rows.map((row) => ({ ...row, member: row.member ?? undefined }));
    },
    forget(target: number, resourceType: ResourceType, key: SourceKey, member: SourceKey | undefined): void {
      remove.run(target, resourceType, key, member ?? '');
    },
  };
}
