import type { Member, MembersOperation } from '../../model/operation.ts';
import { remoteId, type RemoteId } from '../../model/ids.ts';
import type { Outcome, RemoteResource } from '../../model/outcome.ts';
import { afterNotFound } from '../absence/after-not-found.ts';
import { createDanglingMembers } from '../absence/dangling-members.ts';
import type { IdReading } from '../absence/judge-absence.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { createMembersResult, type MembersResult } from './members-result.ts';
import type { NotEncodable } from '../encode/encode-request.ts';
import type { IncompleteRead } from '../read/whole-read.ts';
import { groupRequestStyle } from '../encode/group-request-style.ts';
import { bisect, createBisectionQueue, withoutNamed } from './bisection-queue.ts';
import type { Response, ScimRequest } from '../transport/message.ts';
import { toBatches, type MembershipChange } from '../encode/member-batches.ts';
import { patchLimits } from '../../model/profile.ts';
import { decide, describeResult, type Decision } from '../judge/judge-response.ts';
import { encodedSize, mergesMembers, resolveMembers } from '../encode/member-patch.ts';
import { appliedBefore, readGroup, verifyMembers, type AcceptedChanges, type GroupRead } from './verify-members.ts';
import { showsAllMembers } from '../read/shown-members.ts';
import { sendUpdate } from './send-update.ts';
import { recordMembers } from './group-lock.ts';

/** Decisions that a single member of the request may have caused. */
const oneMemberDecisions: readonly Decision[] = ['notFound', 'noTarget', 'rejected', 'conflict', 'tooLarge'];

/** Bytes of a request besides its memberships. */
const envelopeBytes = 300;

/**
 * Adds and removes members of one group. A refused request is sent again in halves, so that one refused member does not
 * block the others:
 *
 *     [a b c d]  400      [a b]  200      [c d]  400      [c]  200      [d]  400: left out
 *
 * A request that is too large (413) is also sent in halves, and all later requests are that small (size-limit.ts). If a
 * group refuses every new member, batches are tried whole, one after the other, until it accepts one. Then removals are
 * sent by themselves, so that the refusals do not delay them.
 *
 * A refusal may name another member of the group, whose account was deleted. If reads confirm that it does not exist,
 * the request is sent again and also removes that member:
 *
 *     [a b]  400 "no user x"      GET x  404      [a b -x]  200
 *
 * Changes in doubt are not sent again if a read shows that an earlier request took effect.
 */
export async function updateMembers(
  client: ClientContext,
  givenContext: OperationContext,
  operation: MembersOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const { capabilities } = client;
  const dangling = createDanglingMembers(client, givenContext.resolve, execution);
  const context = { ...givenContext, resolve: dangling.resolve };
  const changes = [
    ...operation.remove.map((member) => ({ member, isRemoval: true })),
    ...operation.add.map((member) => ({ member, isRemoval: false })),
  ];
  const membersResult = createMembersResult(operation, capabilities.refusalsOf(context.remoteId ?? remoteId('')));
  let groupRead: Promise<GroupRead> | undefined;
  const readGroupOnce = (): Promise<GroupRead> => (groupRead ??= readGroup(client, context, execution));

  const accepted: AcceptedChanges[] = [];

  // Without such members the first request is started at once, so that it can share a Bulk request.
  const settled = context.membershipsInDoubt === undefined ? [] : await markApplied();

  const queue = createBisectionQueue(changes.filter((change) => !settled.includes(change)));
  for (let batch = queue.next(); batch !== undefined && !membersResult.isOver(); batch = queue.next()) {
    const parts = partsOf(client, context, restrictTo(operation, batch), batch, membersResult);
    if (parts.length !== 1) {
      queue.pushFront(parts);
      continue;
    }
    const attempt = await sendUpdate(client, context, restrictTo(operation, batch), execution);
    if (attempt.kind === 'needsMembers') return attempt;
    if (attempt.kind !== 'sent') {
      markNotSent(membersResult, attempt, batch);
      continue;
    }
    const { result, encoded } = attempt;
    membersResult.markNotEncodable(encoded.unresolvedMembers);
    const sentChanges = batch.filter(({ member }) => !encoded.unresolvedMembers.includes(member));
    const decision = decide(result);
    if (result.kind !== 'response' || isFinal(client, result, decision, encoded.request))
      membersResult.finish(result, sentChanges);
    else if (decision === 'accept') {
      capabilities.membersPerRequest.accepted(sentChanges.length);
      membersResult.markAccepted(sentChanges, result);
      accepted.push({ changes: sentChanges, request: encoded.request, reply: result });
      queue.requeueDeferred();
    } else if (decision === 'tooLarge') {
      capabilities.membersPerRequest.refused(sentChanges.length, result.status);
      queue.pushFront(await afterRefusal(sentChanges, result, decision, notRead));
    } else {
      const { result: groupResult, group } = await readGroupOnce();
      if (group === 'notFound') {
        const answer = { status: result.status, detail: describeResult(result) };
        const outcome = await afterNotFound(client, context, operation, answer, execution, groupResult);
        return withMembersInDoubt(outcome, operation);
      }
      const retries = await afterRefusal(sentChanges, result, decision, group);
      if (retries.length < 2 || !membersResult.hasTooManyRefusals(sentChanges)) queue.pushFront(retries);
      else {
        membersResult.markRefused(result, sentChanges, 'remoteId' in group);
        queue.defer(retries.flat());
      }
    }
  }
  await verifyMembers(client, context, operation, accepted, membersResult, execution);
  return withDangling(membersResult.outcome(), dangling.idsIn(accepted.flatMap(({ changes: sent }) => sent)));

  /** @returns the changes that a read shows as applied by an earlier request */
  async function markApplied(): Promise<readonly MembershipChange[]> {
    const applied = await appliedBefore(client, context, changes, execution);
    if (applied.length === 0) return [];
    membersResult.markAlreadyCorrect(applied, 200);
    membersResult.markRead();
    await recordUncommitted(client, context, restrictTo(operation, applied));
    return applied;
  }

  /** @returns the batches to send again */
  async function afterRefusal(
    sentChanges: readonly MembershipChange[],
    response: Response,
    decision: Decision,
    group: Exclude<IdReading, 'notFound'>,
  ): Promise<readonly (readonly MembershipChange[])[]> {
    // If the server cannot show the group either, the 500 does not concern one member.
    if (response.status === 500 && !('remoteId' in group)) {
      membersResult.finish(response, sentChanges);
      return [];
    }
    const removals = 'remoteId' in group ? await dangling.removalsFor(response, group, sentChanges) : [];
    if (removals.length > 0) return [[...removals, ...sentChanges]];
    const alreadyCorrect = sentChanges.filter((change) =>
      isAlreadyCorrect(client, change, sentChanges.length, decision, group, context),
    );
    if (alreadyCorrect.length > 0) {
      membersResult.markAlreadyCorrect(alreadyCorrect, response.status);
      await recordUncommitted(client, context, restrictTo(operation, alreadyCorrect));
      // They may have caused the refusal: the remaining changes are sent once more as a whole.
      return alreadyCorrect.length === sentChanges.length
        ? []
        : [sentChanges.filter((change) => !alreadyCorrect.includes(change))];
    }
    if (sentChanges.length > 1) return withoutNamed(sentChanges, response.text, context.resolve) ?? bisect(sentChanges);
    membersResult.markRefused(response, sentChanges, 'remoteId' in group);
    return [];
  }
}

function markNotSent(
  membersResult: MembersResult,
  attempt: NotEncodable | IncompleteRead,
  batch: readonly MembershipChange[],
): void {
  if (attempt.kind === 'incompleteRead') return membersResult.markNotWritten(attempt);
  const unsent = batch.map(({ member }) => member);
  membersResult.markNotEncodable(unsent, attempt.detail);
}

/** The group was not found by its id, and yet it exists, so no read shows which changes took effect. */
const withMembersInDoubt = (outcome: PerformOutcome, { add, remove }: MembersOperation): PerformOutcome =>
  outcome.kind === 'rejected' ? { ...outcome, membersInDoubt: [...remove, ...add] } : outcome;

/** Reports the members that were removed because they do not exist. */
function withDangling(outcome: Outcome, danglingIds: readonly RemoteId[]): Outcome {
  if (outcome.kind !== 'done' || danglingIds.length === 0) return outcome;
  const removed = `removed members that do not exist at the target any more: ${danglingIds.join(', ')}`;
  const detail = outcome.detail === undefined ? removed : `${outcome.detail}; ${removed}`;
  return { ...outcome, danglingIds, detail };
}

/** Records the changes for the next PUT of the whole group. */
async function recordUncommitted(
  { groupLock }: ClientContext,
  { remoteId, resolve }: OperationContext,
  operation: MembersOperation,
): Promise<void> {
  const { add, remove } = resolveMembers(operation, resolve);
  if (remoteId !== undefined)
    await groupLock.runExclusive(remoteId, (uncommitted) => Promise.resolve(recordMembers(uncommitted, add, remove)));
}

/**
 * Whether no further request can help after this response. A request with all members of the group does not become
 * smaller by smaller batches.
 */
function isFinal({ profile }: ClientContext, response: Response, decision: Decision, { method }: ScimRequest): boolean {
  if (decision === 'tooLarge') return method === 'PUT' || profile.protocol.addMembers === 'replace';
  return decision !== 'accept' && !mayConcernOneMember(response, decision);
}

/**
 * The batches that a batch is sent as: within all limits, and with removals apart where the group refuses additions.
 *
 * @returns an empty list where the batch is left out
 */
function partsOf(
  client: ClientContext,
  context: OperationContext,
  operation: MembersOperation,
  changes: readonly MembershipChange[],
  membersResult: MembersResult,
): readonly (readonly MembershipChange[])[] {
  if (membersResult.isLeftOut(changes)) return [];
  const [removals, additions] = byDirection(changes);
  return removals.length > 0 && additions.length > 0 && membersResult.hasTooManyRefusals(changes)
    ? [removals, additions]
    : split(client, context, operation, changes);
}

/**
 * Splits changes into batches, within the limits of the profile and those learned from responses. A PUT contains all
 * changes.
 */
function split(
  { profile, capabilities }: ClientContext,
  context: OperationContext,
  operation: MembersOperation,
  changes: readonly MembershipChange[],
): readonly (readonly MembershipChange[])[] {
  const { resolve, names } = context;
  const style = groupRequestStyle(profile, operation, context.members, capabilities.requestStyle('Group'));
  if ('kind' in style || style.updateMethod !== 'patch' || mergesMembers(style)) return [changes];
  return toBatches(changes, patchLimits(profile), {
    maxChanges: capabilities.membersPerRequest.limitFor(changes.length),
    maxBytes: profile.limits.maxPayloadSize - envelopeBytes,
    bytesOf: (change) => encodedSize(change, resolve, style.memberStyle, names),
  });
}

const byDirection = (
  changes: readonly MembershipChange[],
): readonly [removals: readonly MembershipChange[], additions: readonly MembershipChange[]] => [
  changes.filter(({ isRemoval }) => isRemoval),
  changes.filter(({ isRemoval }) => !isRemoval),
];

/** Some servers respond with 500 to a member that does not exist, or that the group already has. */
function mayConcernOneMember(response: Response, decision: Decision): boolean {
  return oneMemberDecisions.includes(decision) || response.status === 500;
}

const notRead: Exclude<IdReading, 'notFound'> = { unavailable: 'not read' };

/**
 * Whether a membership is as desired although the request was refused.
 *
 *     refused addition of one member            already there
 *     the read shows the member                 yes
 *     409, and the read may be cut, or hide     yes: the application states it
 *     409, and the read shows all members       no: 409 has another reason
 */
function isAlreadyCorrect(
  client: ClientContext,
  { member, isRemoval }: MembershipChange,
  sentCount: number,
  decision: Decision,
  group: RemoteResource | { readonly unavailable: string },
  { resolve }: OperationContext,
): boolean {
  // A gateway may have refused the request. Only an application that shows the group has judged the member.
  const isSingle = sentCount === 1 && 'remoteId' in group;
  const id = resolve(member.resourceType, member.key);
  const isListed = id !== undefined && 'remoteId' in group && (group.members?.includes(id) ?? false);
  // A refusal concerns a certain member only if the request held no other. A member missing from the listing proves
  // nothing: many servers list only the first hundred members.
  if (isRemoval) return isSingle && !isListed && (decision === 'noTarget' || decision === 'notFound');
  return isListed || (isSingle && decision === 'conflict' && !showsAllMembers(client, group));
}

function restrictTo(operation: MembersOperation, changes: readonly MembershipChange[]): MembersOperation {
  const [remove, add] = byDirection(changes).map((part): readonly Member[] => part.map(({ member }) => member));
  return { ...operation, remove: remove ?? [], add: add ?? [] };
}
