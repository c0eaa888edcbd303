import type { SourceKey } from '../../model/ids.ts';
import type { ChangedMember, MembersOperation } from '../../model/operation.ts';
import type { BatchLimits } from '../../model/profile.ts';
import { phaseOf } from '../../plan/phases.ts';
import type { PlannedOperation } from '../../store/store.ts';

/** The changes of one group that are not yet part of an operation. */
export interface MemberChanges {
  readonly group: SourceKey;
  readonly name: string;
  readonly reason: string;
  remove: ChangedMember[];
  /** Additions whose group and member exist, so that they may share a request with removals. */
  ready: ChangedMember[];
  /** Additions whose group or member is created by this plan. */
  waitingForCreate: ChangedMember[];
}

/** Whether some of the changes fill an operation. */
export const isBatchFull = (
  { additions, removals }: BatchLimits,
  { remove, ready, waitingForCreate }: MemberChanges,
): boolean => remove.length >= removals || ready.length >= additions || waitingForCreate.length >= additions;

/**
 * Full batches become operations at once, so that memory does not grow with the group. At the end of a group, the
 * remaining changes share its last requests.
 */
export function flush(
  { additions, removals, additionsBeside }: BatchLimits,
  pending: MemberChanges | undefined,
  atEnd: boolean,
): readonly PlannedOperation[] {
  if (pending === undefined) return [];
  const result: PlannedOperation[] = [];
  const addOperation = (remove: readonly ChangedMember[], add: readonly ChangedMember[]): void => {
    result.push(toPlanned(pending, remove, add));
  };
  while (pending.remove.length >= removals) addOperation(pending.remove.splice(0, removals), []);
  while (pending.ready.length >= additions) addOperation([], pending.ready.splice(0, additions));
  while (pending.waitingForCreate.length >= additions) addOperation([], pending.waitingForCreate.splice(0, additions));
  if (!atEnd) return result;
  if (pending.remove.length > 0) {
    const remove = pending.remove.splice(0);
    addOperation(remove, pending.ready.splice(0, additionsBeside(remove.length)));
  }
  const rest = [...pending.ready.splice(0), ...pending.waitingForCreate.splice(0)];
  while (rest.length > 0) addOperation([], rest.splice(0, additions));
  return result;
}

function toPlanned(
  { group, name, reason }: MemberChanges,
  remove: readonly ChangedMember[],
  add: readonly ChangedMember[],
): PlannedOperation {
  const operation: MembersOperation = {
    action: 'members',
    resourceType: 'Group',
    key: group,
    name,
    reason,
    add,
    remove,
  };
  return { operation, phase: phaseOf(operation), wave: 0, isRenaming: false };
}
