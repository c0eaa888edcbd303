import type { RemoteId } from '../../../model/ids.ts';
import type { Operation } from '../../../model/operation.ts';
import { recordKey } from '../../../model/record-key.ts';
import type { FlatResource, KnownState } from '../../../model/resource.ts';
import type { PreparedOperation } from '../../../scim/operation-context.ts';
import type { KnownMemberships, WorkPage } from '../../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../../context.ts';
import { applyEdits } from '../../../plan/apply-edits.ts';
import { maxWitnesses, pageOptions } from './work.ts';

/** Completes an operation with what it needs to be sent. */
export function prepare(
  operation: Operation,
  id: number,
  { known, ids, names, unansweredCreates, failedBefore, memberships }: WorkPage,
  options: Pick<PreparedOperation, 'paths' | 'mayDuplicate'>,
): PreparedOperation {
  const record = recordKey(operation);
  const state = known.get(record);
  const ofMembers = operation.action === 'members' ? memberships.get(id) : undefined;
  return {
    operation: rebasedOnKnown(operation, state?.body),
    ...(state === undefined ? {} : ofAccount(state)),
    ids,
    names,
    ...(operation.action === 'members' ? { witnesses: unchangedWitnesses(operation, ofMembers, ids) } : {}),
    isInDoubt: operation.action === 'create' && unansweredCreates.has(record),
    ...(ofMembers === undefined || ofMembers.inDoubt.size === 0 ? {} : { membershipsInDoubt: ofMembers.inDoubt }),
    failedBefore: failedBefore.has(id),
    ...options,
  };
}

function ofAccount({
  remoteId,
  body,
  origin,
  version,
  mayHaveDuplicates,
  unprovenRemovals,
}: KnownState): Partial<PreparedOperation> {
  return {
    ...{ remoteId, knownResource: body },
    ...(origin === 'adopted' ? { isAdopted: true } : {}),
    ...(version === undefined ? {} : { version }),
    ...(mayHaveDuplicates === true ? { mayHaveDuplicates: true } : {}),
    ...(unprovenRemovals === undefined ? {} : { unprovenRemovals }),
  };
}

/** Members that the operation itself removes are no witnesses. */
function unchangedWitnesses(
  { remove }: Extract<Operation, { action: 'members' }>,
  known: KnownMemberships | undefined,
  ids: WorkPage['ids'],
): readonly RemoteId[] {
  const removed = new Set(remove.map((member) => ids.get(recordKey(member))));
  return (known?.witnesses ?? []).filter((id) => !removed.has(id)).slice(0, maxWitnesses);
}

/** The known members of a group, for a request that writes all of it. */
export async function withMembers(
  prepared: PreparedOperation,
  { serving, ledger }: Pick<ExecutionDeps, 'serving' | 'ledger'>,
  { spec }: Pick<ExecutionRound, 'spec'>,
): Promise<PreparedOperation> {
  // Requests for the same group may have changed it since the page was read.
  await ledger.flush();
  const { members, names } = await serving.membersOf(prepared.operation.key, pageOptions(spec).withNames);
  return {
    ...prepared,
    members,
    ...(names.size === 0 ? {} : { names: new Map([...names, ...(prepared.names ?? [])]) }),
  };
}

/**
 * PUT sends the body: the edits applied to what is known now, which may differ from what was known when they were
 * planned.
 */
function rebasedOnKnown(operation: Operation, body: FlatResource | undefined): Operation {
  return 'edits' in operation && body !== undefined
    ? { ...operation, body: applyEdits(body, operation.edits) }
    : operation;
}
