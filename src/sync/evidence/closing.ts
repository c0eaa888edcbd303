import { describeLeaverReason } from '../../plan/leavers.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';
import { timeOf, type HistoryRow } from '../../store/journal/history.ts';
import type { AccessEnd, Acknowledgement, ClosingStep, Verification } from './evidence.ts';

const isEffective = ({ state }: HistoryRow): boolean => state === 'done' || state === 'adopted';

/** The value that an operation gives `active`; undefined: it leaves it. */
function activeAfter(operation: Operation): boolean | undefined {
  if (!('edits' in operation)) return undefined;
  const edit = operation.edits.find(({ path }) => path === 'active');
  return edit === undefined ? undefined : edit.to !== false;
}

/** Whether the operation gave the user access that it did not have. */
function grantsAccess(row: HistoryRow): boolean {
  if (!isEffective(row)) return false;
  const { operation } = row;
  if (operation.action === 'create' || operation.action === 'reactivate') return true;
  return operation.action === 'verifyCreate' ? row.state === 'adopted' : activeAfter(operation) === true;
}

/** Whether the operation should end the access of the user, or a part of it. */
function closes({ operation }: HistoryRow, user: SourceKey): boolean {
  switch (operation.action) {
    case 'deactivate':
    case 'delete':
      return true;
    case 'update':
      return activeAfter(operation) === false;
    case 'members':
      return operation.remove.some(({ resourceType, key }) => resourceType === 'User' && key === user);
    default:
      return false;
  }
}

/**
 * What was tried to end the access of a user at one target, since it last got access there.
 *
 * @param rows the operations on the user and on memberships at the target, in order of time
 */
export function closingSteps(rows: readonly HistoryRow[], user: SourceKey): readonly ClosingStep[] {
  const since = rows.findLastIndex(grantsAccess);
  return rows
    .slice(since + 1)
    .filter((row) => closes(row, user))
    .map((row) => ({ row, isMembership: row.operation.action === 'members' }));
}

/** The first pass that planned to end the access; undefined: none did. */
export function endOfAccess(steps: readonly ClosingStep[]): AccessEnd | undefined {
  const [first] = steps
    .filter(({ isMembership }) => !isMembership)
    .map(({ row }) => ({ at: row.since ?? row.planned, pass: row.pass, reason: row.operation.reason }))
    .toSorted((one, other) => one.at - other.at);
  return first;
}

/** Whether the reason concerns the person, and not only one target. */
export const isOfPerson = ({ reason }: AccessEnd): boolean =>
  (['left', 'inactive', 'ended'] as const).some((one) => reason.startsWith(describeLeaverReason(one)));

/** The first answer that ended the access to the account. @param end since when it should have ended */
export function acknowledgementOf(
  steps: readonly ClosingStep[],
  end: AccessEnd | undefined,
): { readonly acknowledged: Acknowledgement; readonly verified: Verification | undefined } | undefined {
  const row = steps.find((step) => !step.isMembership && isEffective(step.row))?.row;
  if (row === undefined) return undefined;
  const { status, detail, evidence } = row;
  const at = timeOf(row);
  const afterMs = (moment: number): number | undefined => (end === undefined ? undefined : moment - end.at);
  const action = row.operation.action as Acknowledgement['action'];
  return {
    acknowledged: { at, pass: row.pass, action, status, detail, evidence, afterMs: afterMs(at) },
    verified:
      evidence === 'shown' || evidence === 'read'
        ? {
            ...{ at: row.verified ?? at, evidence, lookedAt: row.looked },
            afterMs: afterMs(row.verified ?? at),
          }
        : undefined,
  };
}
