import { evidenceOf, type Outcome, type SnapshotChange } from '../../model/outcome.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { openRequeue } from '../journal/requeue/requeue.ts';
import { openRetries } from '../journal/retries.ts';
import type { SqliteTargetStore } from '../snapshot/target-store.ts';
import { openKeepDeleted } from '../undo/keep-deleted.ts';
import { openRefusedValues } from '../unique-values/refused-values.ts';
import type { ForeignAccount, OperationResult, ResultPage } from './serving-interface.ts';

/**
 * Writes pages of marks and results. The caller commits.
 *
 * Most results need three writes: the operation, the account, and the queue. What else they could change is usually
 * empty, which is asked once for a page.
 */
export function openResults(
  db: Db,
  { id: target, snapshot, pendingVerifications }: Pick<SqliteTargetStore, 'id' | 'snapshot' | 'pendingVerifications'>,
) {
  const requeue = openRequeue(db);
  const retries = openRetries(db);
  const refuseValues = openRefusedValues(db);
  const keepDeleted = openKeepDeleted(db, target);
  const updateSent = db.prepare(
    `update operation set state = 'sent', sent_at = ? where id in (select value from json_each(?))`,
  );
  const updateResult = db.prepare(`
    update operation
    set state = ?, status = ?, detail = ?, evidence = ?, requests = ?, retries = ?, answered_at = ?
    where id = ?`);
  const hasRows = (table: string): (() => boolean) => {
    const select = db.prepare(`select exists (select 1 from ${table} where target = ?)`).pluck();
    return () => select.get(target) === 1;
  };
  const hasRetries = hasRows('retry');
  const hasVerifications = hasRows('verification');
  const hasPendingManagers = hasRows('pending_manager');

  /** @returns the owner of the account, if that is another record: then nothing was written */
  function save(pass: number, result: OperationResult, rows: UsedTables): SourceKey | undefined {
    const { stored, change, at, claimedId } = result;
    const { resourceType, key } = stored.operation;
    const owner = claimedId === undefined ? undefined : snapshot.owner(resourceType, claimedId);
    if (owner !== undefined && owner !== key) return owner;
    saveOperation(result);
    keepDeleted(stored, change);
    const isNew = claimedId !== undefined && owner === undefined;
    if (!isNew || !snapshot.addAccount(resourceType, key, change, at)) snapshot.apply(resourceType, key, change, at);
    saveConsequences(pass, result, rows);
    return undefined;
  }

  function saveOperation({ stored, state, outcome, requests, retries, at }: OperationResult): void {
    const isResult = state === 'done' || state === 'adopted';
    updateResult.run(
      ...[state, statusOf(outcome), detailOf(outcome), isResult ? (evidenceOf(outcome) ?? null) : null],
      ...[requests, retries, at, stored.id],
    );
  }

  function saveConsequences(pass: number, result: OperationResult, rows: UsedTables): void {
    const { stored, outcome, change, requeues, verification, at } = result;
    const { id, operation } = stored;
    const { resourceType, key } = operation;
    if (verification !== undefined) rows.verifications = true;
    // What was to be read back is out of date as soon as the target acknowledged another change.
    if (rows.verifications && (verification !== undefined || isAcknowledged(change)))
      pendingVerifications.replace(resourceType, key, id, verification);
    if (outcome.kind === 'valueTaken') refuseValues(target, operation, outcome.values, at);
    rows.retries = retries.record({ pass, target, operation, outcome, at }, rows.retries);
    for (const one of requeues)
      if (one.kind !== 'pendingManagerOf' || rows.pendingManagers)
        requeue({ pass, target, id, resourceType, key }, one);
  }

  return (pass: number, { sent, sentAt, results }: ResultPage): readonly ForeignAccount[] => {
    if (sent.length > 0) updateSent.run(sentAt, JSON.stringify(sent));
    if (results.length === 0) return [];
    const rows: UsedTables = {
      retries: hasRetries(),
      verifications: hasVerifications(),
      pendingManagers: hasPendingManagers(),
    };
    return results.flatMap((result) => {
      const owner = save(pass, result, rows);
      return owner === undefined ? [] : [{ result, owner }];
    });
  };
}

/** Whether tables have rows of the target, so that statements on empty ones can be left out. */
interface UsedTables {
  retries: boolean;
  verifications: boolean;
  readonly pendingManagers: boolean;
}

const isAcknowledged = ({ kind }: SnapshotChange): boolean =>
  kind === 'remember' || kind === 'adopt' || kind === 'forget';

function statusOf(outcome: Outcome): number | null {
  return 'status' in outcome ? (outcome.status ?? null) : null;
}

function detailOf(outcome: Outcome): string | null {
  return 'detail' in outcome ? (outcome.detail ?? null) : null;
}
