import type { RemoteId } from '../../model/ids.ts';
import { isRemoval, type EditOperation, type Member, type Operation } from '../../model/operation.ts';
import { recordKey } from '../../model/record-key.ts';
import { refusedMethod, refusesDeletion, type RefusedDeletion } from '../../scim/removal/refused-deletion.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { PerformOutcome, PerformResult, PreparedOperation } from '../../scim/operation-context.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { withoutUncertainOwner } from './moved-account.ts';
import { adoptionPolicy, judgeOwnership, ownersIn } from './ownership.ts';
import { withMembers } from './pages/prepare.ts';

/**
 * Sends a prepared operation and judges who owns the account that the answer names.
 *
 * Some answers ask for a second request, each once: the target needs all members of the group, an adopted account is
 * inactive and was to be reactivated, the target has the account to remove under another id, or it refuses to delete a
 * group.
 */
export async function send(
  deps: ExecutionDeps,
  round: ExecutionRound,
  id: number,
  prepared: PreparedOperation,
  stop: AbortSignal,
): Promise<PerformResult<Outcome>> {
  const { ledger, target } = deps;
  const { operation } = prepared;
  const isGroupWrite = operation.resourceType === 'Group' && operation.action !== 'create';
  const withAllMembers = (): Promise<PreparedOperation> => withMembers(prepared, deps, round);
  const marking = ledger.markSent(id);
  if (marking !== undefined) await marking;
  let result = await target.perform(isGroupWrite && target.needsGroupMembers ? await withAllMembers() : prepared, stop);
  if (result.outcome.kind === 'needsMembers')
    result = inSequence(result, await target.perform(await withAllMembers(), stop));
  const outcome = await judge(deps, round, operation, result.outcome, prepared.knownResource);
  const otherwise = await withoutUncertainOwner(deps, round, prepared, result.outcome, outcome, stop);
  if (otherwise !== undefined) return { ...result, outcome: otherwise };
  const isGroupDeletion = operation.action === 'delete' && operation.resourceType === 'Group';
  if (isGroupDeletion && refusesDeletion(outcome, prepared.failedBefore))
    return inSequence(result, await emptyInstead(deps, round, prepared, outcome, stop));
  if (isRemoval(operation) && outcome.kind === 'adopted')
    return inSequence(result, await removeMoved(deps, round, prepared, outcome, stop));
  if (!isInactiveAfterAdoption(operation, outcome)) return { ...result, outcome };
  const { remoteId } = outcome.resource;
  const activated = await target.perform({ ...prepared, operation: activationOf(operation), remoteId }, stop);
  return inSequence(result, {
    ...activated,
    outcome: afterActivation(operation, outcome, await judge(deps, round, activationOf(operation), activated.outcome)),
  });
}

/** Looks up whether an unanswered create took effect. The journal keeps it as unanswered meanwhile. */
export async function lookUpCreate(
  deps: ExecutionDeps,
  round: ExecutionRound,
  prepared: PreparedOperation,
  stop: AbortSignal,
): Promise<PerformResult<Outcome>> {
  const result = await deps.target.perform(prepared, stop);
  return { ...result, outcome: await judge(deps, round, prepared.operation, result.outcome) };
}

/**
 * Judges who owns the account that an answer names. The account that a create made is compared with those of other
 * records when the result is saved (answers.ts): most answers are such.
 */
function judge(
  { serving }: Pick<ExecutionDeps, 'serving'>,
  { spec, mapping }: Pick<ExecutionRound, 'spec' | 'mapping'>,
  operation: Operation,
  outcome: PerformOutcome,
  known?: FlatResource,
): Outcome | Promise<Outcome> {
  const policy = adoptionPolicy(spec, mapping);
  if (outcome.kind === 'existing')
    return ownersIn(serving, operation, outcome).then((owners) =>
      judgeOwnership(operation, outcome, owners, policy, known),
    );
  const judged = judgeOwnership(operation, outcome, {}, policy, known);
  return judged.kind === 'done' && judged.danglingIds !== undefined
    ? danglingMembers(serving, judged.danglingIds).then((members) => ({ ...judged, danglingMembers: members }))
    : judged;
}

/** The records that own the ids of dangling members: the next pass reads their accounts. */
async function danglingMembers(
  serving: Pick<ExecutionDeps['serving'], 'owners'>,
  ids: readonly RemoteId[],
): Promise<readonly Member[]> {
  const accounts = ids.flatMap((id) => (['User', 'Group'] as const).map((resourceType) => ({ resourceType, id })));
  const owners = await serving.owners(accounts);
  return accounts.flatMap(({ resourceType }, index): readonly Member[] => {
    const key = owners[index];
    return key === undefined ? [] : [{ resourceType, key }];
  });
}

type AdoptedOutcome = Extract<Outcome, { kind: 'adopted' }>;

/** A create finds the account that was to be reactivated; the account is still inactive. */
function isInactiveAfterAdoption(operation: Operation, outcome: Outcome): outcome is AdoptedOutcome {
  return operation.action === 'reactivate' && outcome.kind === 'adopted' && !outcome.resource.active;
}

/**
 * Removes an account that the target has under another id than the known one.
 *
 * Its memberships were removed by the known id, which no group had any more. Where a deletion does not end memberships,
 * the account is only deactivated: the next round removes the memberships by the other id, and deletes it. The last
 * round of a pass deletes an account that cannot be deactivated.
 */
async function removeMoved(
  deps: ExecutionDeps,
  round: ExecutionRound,
  { version: _old, ...prepared }: PreparedOperation,
  adopted: AdoptedOutcome,
  stop: AbortSignal,
): Promise<PerformResult<Outcome>> {
  const { operation } = prepared;
  const { remoteId, active } = adopted.resource;
  const isDeactivatedFirst =
    operation.action === 'delete' &&
    operation.resourceType === 'User' &&
    !round.spec.profile.protocol.deletionEndsMemberships;
  const isClosing = operation.action === 'deactivate' || isDeactivatedFirst;
  if (isClosing && !active)
    return { outcome: isDeactivatedFirst ? adopted : closedElsewhere(prepared, adopted), requests: 0, retries: 0 };
  const deactivated = isDeactivatedFirst
    ? await deps.target.perform({ ...prepared, operation: closingOf(operation, adopted), remoteId }, stop)
    : undefined;
  if (deactivated?.outcome.kind === 'done') return { ...deactivated, outcome: withoutAccess(adopted) };
  if (deactivated !== undefined && round.isLast !== true) return { ...deactivated, outcome: adopted };
  const removed = await deps.target.perform({ ...prepared, remoteId }, stop);
  const result = deactivated === undefined ? removed : inSequence(deactivated, removed);
  const outcome = await judge(deps, round, operation, result.outcome, prepared.knownResource);
  if (outcome.kind !== 'done') return { ...result, outcome };
  return { ...result, outcome: { ...outcome, movedTo: remoteId, detail: otherIdDetail(prepared, remoteId) } };
}

const otherIdDetail = (prepared: Pick<PreparedOperation, 'remoteId'>, remoteId: RemoteId): string =>
  `the account has another id now: ${remoteId} instead of ${prepared.remoteId ?? 'none'}`;

/** A deactivation of an account that a read shows under another id, and inactive. */
const closedElsewhere = (
  prepared: Pick<PreparedOperation, 'remoteId'>,
  { status, resource: { remoteId } }: AdoptedOutcome,
): Outcome => ({
  kind: 'done',
  status,
  evidence: 'read',
  movedTo: remoteId,
  detail: `${otherIdDetail(prepared, remoteId)}, and a read shows it as inactive`,
});

const withoutAccess = ({ resource, ...adopted }: AdoptedOutcome): AdoptedOutcome => ({
  ...adopted,
  resource: { ...resource, active: false, body: { ...resource.body, active: false } },
});

/** Removes all known members of a group that the target refuses to delete. */
async function emptyInstead(
  deps: ExecutionDeps,
  round: ExecutionRound,
  { version: _old, ...prepared }: PreparedOperation,
  refusal: RefusedDeletion,
  stop: AbortSignal,
): Promise<PerformResult<Outcome>> {
  const { resourceType, key, name, reason } = prepared.operation;
  await deps.ledger.flush();
  const { members } = await deps.serving.membersOf(key, false);
  const removed = members.map(({ member }) => member);
  const emptied = { kind: 'emptied', removed, ...refusedMethod(refusal) } as const;
  const done = { kind: 'done', status: refusal.status, insteadOfDeletion: emptied } as const;
  if (removed.length === 0)
    return {
      outcome: { ...done, detail: `the target refused to delete the group, which has no members: ${refusal.detail}` },
      requests: 0,
      retries: 0,
    };
  const operation: Operation = { action: 'members', resourceType, key, name, reason, add: [], remove: removed };
  const ids = new Map(members.map(({ member, id }) => [recordKey(member), id]));
  const removal = { ...prepared, operation, ids };
  const result = await deps.target.perform(
    deps.target.needsGroupMembers ? await withMembers(removal, deps, round) : removal,
    stop,
  );
  const outcome = await judge(deps, round, operation, result.outcome, prepared.knownResource);
  if (outcome.kind !== 'done')
    return {
      ...result,
      outcome: {
        ...refusal,
        detail: `${refusal.detail}; its members could not be removed instead: ${detailOf(outcome)}`,
      },
    };
  const { rejectedMembers = [] } = outcome;
  const isRejected = (member: Member): boolean =>
    rejectedMembers.some((one) => one.resourceType === member.resourceType && one.key === member.key);
  return {
    ...result,
    outcome: {
      ...done,
      rejectedMembers,
      insteadOfDeletion: { ...emptied, removed: removed.filter((member) => !isRejected(member)) },
      detail: `the target refused to delete the group, so its members were removed: ${refusal.detail}`,
    },
  };
}

const detailOf = (outcome: Outcome): string => ('detail' in outcome ? (outcome.detail ?? '') : '');

const activation = { path: 'active', from: false, to: true } as const;

/** Sent as an update: how the target reactivates was tried already. */
function activationOf(operation: Operation): EditOperation {
  const { resourceType, key, name, reason } = operation;
  const body = 'body' in operation ? operation.body : {};
  return { action: 'update', resourceType, key, name, reason, edits: [activation], body };
}

/** The deactivation of an account that is to be deleted. */
const closingOf = ({ resourceType, key, name, reason }: Operation, adopted: AdoptedOutcome): EditOperation => ({
  ...{ action: 'deactivate', resourceType, key, name, reason },
  edits: [{ path: 'active', from: true, to: false }],
  body: withoutAccess(adopted).resource.body,
});

/**
 * The outcome of a reactivation that adopted an inactive account and then activated it: its other edits are sent again.
 */
export function afterActivation(operation: Operation, adopted: AdoptedOutcome, activated: Outcome): Outcome {
  if (activated.kind === 'notFound' || (activated.kind === 'rejected' && activated.status === 404))
    return {
      kind: 'rejected',
      status: 404,
      detail: 'the account exists, is inactive, and cannot be activated by SCIM: activate it in the application',
    };
  if (activated.kind !== 'done') return activated;
  const edits = 'edits' in operation ? operation.edits : [];
  const unresolved = edits.map(({ path }) => path).filter((path) => path !== activation.path);
  return { ...activated, remoteId: adopted.resource.remoteId, unresolved };
}

function inSequence<T>(first: PerformResult, second: PerformResult<T>): PerformResult<T> {
  const sentAt = first.sentAt ?? second.sentAt;
  return {
    outcome: second.outcome,
    requests: first.requests + second.requests,
    retries: first.retries + second.retries,
    ...(sentAt === undefined ? {} : { sentAt }),
  };
}
