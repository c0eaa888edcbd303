import { instant, remoteId, type Instant, type SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Evidence, Look, PendingVerification } from '../../model/evidence.ts';
import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import { openOperations, operationColumnsOf, type OperationRow } from '../journal/operations.ts';
import type { StoredVerification, VerificationResult } from '../store.ts';

interface Row extends OperationRow {
  readonly verification: number;
  readonly remote_id: string;
  readonly look: Look;
  readonly status: number | null;
  readonly answered_at: number;
  readonly unproven_removals: number;
  readonly is_seen: number;
  readonly external_id: string | null;
  readonly may_have_duplicates: number;
  readonly evidence: Evidence | null;
  readonly detail: string | null;
}

/** What a read of a removal shows may be repaired, so the removal of a frozen user is read back after the freeze. */
const isNotFrozen = (prefix: string): string =>
  `not (${prefix}resource_type = 'User' and ${prefix}key in (select key from freeze where ended is null))`;

/** Opens the removals of one target that are still to be read back. */
export function openVerifications(db: Db, target: number) {
  const operations = openOperations(db);
  const chain = openChain(db);
  const selectDue = db.prepare(`
    select v.id as verification, v.remote_id, v.look, v.unproven_removals, v.is_seen, v.external_id,
      v.may_have_duplicates, o.status, o.answered_at, o.evidence, o.detail,
      ${operationColumnsOf('o')}
    from verification v
    join operation o on o.id = v.operation
    where v.target = :target
      and v.look = :look
      and v.not_before <= :until
      and ${isNotFrozen('v.')}
      and v.id > :after
    order by v.id
    limit :limit`);
  const countDue = db
    .prepare(
      `select count(*) from verification where target = ? and look = ? and not_before <= ? and ${isNotFrozen('')}`,
    )
    .pluck();
  const deleteOf = db.prepare('delete from verification where target = ? and resource_type = ? and key = ?');
  const due = `target = :target and look = :look and not_before <= :until and ${isNotFrozen('')}`;
  // An earlier pass could not read them; this one trusts the answer.
  const endUnread = db
    .prepare(
      `
    update operation
    set state = 'done', evidence = coalesce(evidence, 'answered')
    where state = 'unknown' and id in (select operation from verification where ${due})
    returning id`,
    )
    .pluck();
  const postponeDue = db.prepare(`update verification set look = 2, not_before = :due where ${due}`);
  const postponeUnseen = db.prepare(`update verification set not_before = :due where ${due} and is_seen = 0`);
  const deleteSeen = db.prepare(`delete from verification where ${due} and is_seen = 1`);
  const insert = db.prepare(`
    insert into verification (
      target, resource_type, key, operation, remote_id, look, not_before, is_seen, external_id, may_have_duplicates,
      unproven_removals
    )
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = db.prepare('update verification set look = ?, not_before = ?, is_seen = ? where id = ?');
  const deleteOne = db.prepare('delete from verification where id = ?');

  const updateVerdict = db.prepare(`
    update operation
    set verified_at = case
        when :state <> 'done' or :evidence not in ('shown', 'read') then null
        when evidence in ('shown', 'read') then coalesce(verified_at, answered_at)
        else coalesce(verified_at, :at)
      end,
      looked_at = :at, state = :state, evidence = :evidence, detail = :detail
    where id = :id`);

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
        isSeen: row.is_seen === 1,
        externalId: row.external_id ?? undefined,
        mayHaveDuplicates: row.may_have_duplicates === 1,
        evidence: row.evidence ?? undefined,
        detail: row.detail ?? undefined,
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
      const { remoteId: id, look, due: notBefore, isSeen, externalId, mayHaveDuplicates, unprovenRemovals } = pending;
      insert.run(
        ...[target, resourceType, key, operation, id, look, notBefore, isSeen ? 1 : 0, externalId ?? null],
        ...[mayHaveDuplicates ? 1 : 0, unprovenRemovals],
      );
    },
    recordVerdict(
      operation: number,
      { state, evidence, detail, at }: Pick<VerificationResult, 'state' | 'evidence' | 'detail' | 'at'>,
    ): void {
      updateVerdict.run({ state, evidence: evidence ?? null, detail: detail ?? null, at, id: operation });
      chain.amend([operation]);
    },
    reschedule(id: number, next: Pick<PendingVerification, 'look' | 'due' | 'isSeen'> | undefined): void {
      if (next === undefined) deleteOne.run(id);
      else update.run(next.look, next.due, next.isSeen ? 1 : 0, id);
    },
    postpone(until: Instant, notBefore: Instant): void {
      chain.amend(endUnread.all({ target, look: 1, until }) as number[]);
      postponeDue.run({ target, look: 1, until, due: notBefore });
    },
    dismiss(until: Instant, notBefore: Instant): void {
      deleteSeen.run({ target, look: 2, until });
      postponeUnseen.run({ target, look: 2, until, due: notBefore });
    },
  };
}
