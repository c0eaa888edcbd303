import type { KnownState } from '../../model/resource.ts';
import type { Outcome } from '../../model/outcome.ts';
import { displayName } from '../../plan/diff.ts';
import { phases } from '../../plan/phases.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import { recordKey } from '../../model/record-key.ts';
import type { StoredOperation, WorkPage } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { isAtTarget } from '../evaluate-record.ts';
import { requestedName } from './rename-operations.ts';

/**
 * Whether an operation must wait because the account that has its name did not give it up: the removal or the rename
 * before it failed, or has no proven effect. The target would refuse the operation in every pass.
 *
 *     holder of the name               operation that needs the name
 *     gone, or has another name        sent
 *     inactive user, same name         sent: the target may free the names of inactive accounts
 *     active user, or group            waits, and is compared again in the next pass
 *
 * @returns undefined: it is sent
 */
export async function waitingForName(
  { journal }: Pick<ExecutionDeps, 'journal'>,
  { pass, spec }: ExecutionRound,
  stored: StoredOperation,
  { known }: Pick<WorkPage, 'known'>,
): Promise<PerformResult<Outcome> | undefined> {
  const { operation, waitsFor, phase } = stored;
  if (waitsFor === undefined) return undefined;
  const { resourceType, key, name } = operation;
  const holder = known.get(recordKey({ resourceType, key: waitsFor }));
  if (!isAtTarget(holder) || !keepsName(holder, stored)) return undefined;
  const isRemoval = phase === phases.releaseNames || (await hasRemoval(journal, pass, spec.name, holder));
  const detail = `waits for the ${isRemoval ? 'removal' : 'rename'} of key ${waitsFor}`;
  if (waitsFor !== key) await journal.noteWaiting(pass, spec.name, { resourceType, key, name, reason: detail });
  return { outcome: { kind: 'skipped', detail }, requests: 0, retries: 0 };
}

function keepsName(holder: KnownState, { operation }: StoredOperation): boolean {
  if (holder.resourceType === 'User' && !holder.active) return false;
  // The temporary name of a leaver.
  if (holder.key === operation.key) return true;
  const name = displayName(holder.resourceType, holder.body).toLowerCase();
  return name === requestedName(operation)?.toLowerCase();
}

async function hasRemoval(
  journal: ExecutionDeps['journal'],
  pass: number,
  target: string,
  { resourceType, key }: KnownState,
): Promise<boolean> {
  const { operations } = await journal.recordEntries(pass, target, resourceType, key);
  return operations.some(({ operation: { action } }) => action === 'deactivate' || action === 'delete');
}
