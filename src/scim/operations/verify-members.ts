import type { RemoteId } from '../../model/ids.ts';
import type { MembersOperation } from '../../model/operation.ts';
import type { IdReading } from '../absence/judge-absence.ts';
import { idReading } from '../absence/prove-missing.ts';
import { recordKey } from '../../model/record-key.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import type { ClientContext, OperationContext } from '../operation-context.ts';
import { kindOf, memberAction, operationsOf, type WriteKind } from '../write-samples.ts';
import { readBack } from '../read/read-back.ts';
import { newExecution, type OperationExecution } from '../transport/execution.ts';
import { maxCompleteList } from '../read/shown-members.ts';
import { hasLeft } from '../read/whole-read.ts';
import { parseResource } from '../judge/parse-resource.ts';
import { type MembersResult } from './members-result.ts';
import type { HttpResult, Response, ScimRequest } from '../transport/message.ts';
import { type MembershipChange } from '../encode/member-batches.ts';
import { resourcePath } from '../encode/urls.ts';
import { get } from '../read/get-resource.ts';

/**
 * Judges accepted changes by the members that the responses show. A GET decides where a response contradicts a change,
 * and where the profile states that success responses are not reliable.
 */
export async function verifyMembers(
  client: ClientContext,
  context: OperationContext,
  operation: MembersOperation,
  accepted: readonly AcceptedChanges[],
  membersResult: MembersResult,
  execution: OperationExecution,
): Promise<void> {
  const { verifyWrites, returnsMembers } = client.profile.protocol;
  const [first, second] = accepted;
  if (first === undefined) return;
  const isReadBack = verifyWrites !== 'never' && returnsMembers;
  const kind = kindOf('Group', memberAction(operation, context.witnesses), first.request, first.reply);
  if (!isReadBack && returnsMembers && isSampled(client, kind))
    return readSample(client, context, { kind, accepted }, membersResult, execution);
  const isContradicted = accepted.some(({ changes, reply }) =>
    hasUnappliedRemoval(changes, shownMembers(reply, context), context),
  );
  if (!isReadBack && !isContradicted) return;
  // Where the profile trusts what responses show, the response to the only request decides.
  const shown = isReadBack && second === undefined ? shownMembers(first.reply, context) : undefined;
  const memberIds = shown ?? membersOf((await readGroup(client, context, execution)).group);
  if (shown === undefined && memberIds !== undefined) membersResult.markRead();
  if (memberIds === undefined) return markShownMembers(context, accepted, membersResult);
  const present = new Set(memberIds);
  for (const { changes, reply } of accepted) {
    // A list of members may be cut, so a missing new member counts only where the profile asks for the read.
    const dropped = changes.filter((one) => isUnapplied(one, present, context) && (one.isRemoval || isReadBack));
    membersResult.markNotApplied(dropped, `answered ${reply.status}, but a GET shows the memberships unchanged`);
  }
}

/**
 * The changes in doubt that a read of the group shows as applied: an earlier request took effect, perhaps late (202,
 * RFC 9110 section 15.3.3). A missing member of a longer list proves no removal, because the list may be cut.
 */
export async function appliedBefore(
  client: ClientContext,
  context: OperationContext,
  changes: readonly MembershipChange[],
  execution: OperationExecution,
): Promise<readonly MembershipChange[]> {
  const { membershipsInDoubt } = context;
  const inDoubt = changes.filter(({ member }) => membershipsInDoubt?.has(recordKey(member)) === true);
  if (inDoubt.length === 0 || !client.profile.protocol.returnsMembers) return [];
  const reads = newExecution(execution.signal);
  const memberIds = await readMembers(client, context, { isBare: true }, reads);
  execution.verifications += reads.requests;
  if (typeof memberIds !== 'object') return [];
  const present = new Set(memberIds);
  const isComplete = present.size <= maxCompleteList;
  return inDoubt.filter(
    (change) =>
      isResolved(change, context) && !isUnapplied(change, present, context) && (isComplete || !change.isRemoval),
  );
}

const isSampled = ({ samples, capabilities }: ClientContext, kind: WriteKind): boolean =>
  (kind.hasSeveral === true && capabilities.triesOperations('Group')) || samples.isChosen(kind);

/** No read answers: what the responses themselves contradict is not applied. */
function markShownMembers(
  context: OperationContext,
  accepted: readonly AcceptedChanges[],
  membersResult: MembersResult,
): void {
  for (const { changes, reply } of accepted)
    membersResult.markNotApplied(
      changes.filter((change) => hasUnappliedRemoval([change], shownMembers(reply, context), context)),
      `answered ${reply.status}, but the response still shows the members`,
    );
}

interface MembersSample {
  readonly kind: WriteKind;
  readonly accepted: readonly AcceptedChanges[];
}

/**
 * Reads a group whose change was chosen for the sample, and judges the changes. Members that were there before must
 * still be there: at some targets, an addition removes the others.
 */
async function readSample(
  client: ClientContext,
  context: OperationContext,
  { kind, accepted }: MembersSample,
  membersResult: MembersResult,
  execution: OperationExecution,
): Promise<void> {
  const changes = accepted.flatMap((one) => one.changes);
  const read = await readBack<MembersVerdict | 'notShown'>(
    client,
    execution,
    async (reads) => {
      const memberIds = await readMembers(client, context, kind, reads);
      return typeof memberIds === 'object' ? judgeMembers(changes, new Set(memberIds), context) : memberIds;
    },
    (one) => one === 'notShown' || (one.dropped.length === 0 && !one.hasLostMembers),
  );
  const verdict = read === 'notShown' ? undefined : read;
  const isRead = verdict !== undefined;
  const { dropped, hasLostMembers } = verdict ?? { dropped: [], hasLostMembers: false };
  if (read === undefined && !client.samples.isTrusted(kind)) membersResult.markUnseen();
  const isWithoutEffect = dropped.length > 0 && dropped.length === changes.length;
  const isContradicted = isWithoutEffect || hasLostMembers;
  client.samples.record(kind, !isRead ? 'unknown' : isContradicted ? 'contradicted' : 'confirmed');
  const [first] = accepted;
  if (isRead) membersResult.markRead();
  membersResult.markNotApplied(dropped, `answered ${first?.reply.status}, but a GET shows the memberships unchanged`);
  if (verdict !== undefined) {
    await learnLength(client, context, verdict, execution);
    learnOperations(client, context, first, verdict);
  }
  if (hasLostMembers) membersResult.markLostMembers();
}

/** Learns whether the target applies all operations of a PATCH. */
function learnOperations(
  { capabilities }: ClientContext,
  { remoteId }: OperationContext,
  first: AcceptedChanges | undefined,
  { dropped }: MembersVerdict,
): void {
  if (first === undefined || remoteId === undefined || operationsOf(first.request) < 2) return;
  if (dropped.length === 0) capabilities.operationsApplied('Group');
  else if (isFirstOnly(first, dropped)) capabilities.operationsIgnored('Group', remoteId);
}

/** Whether exactly the changes of the first operation of a PATCH with several were applied. */
function isFirstOnly({ request, changes }: AcceptedChanges, dropped: readonly MembershipChange[]): boolean {
  const [operation] = getIgnoringCase(request.body, 'Operations') as readonly unknown[];
  const value = getIgnoringCase(operation, 'value');
  const applied = changes.slice(0, Array.isArray(value) ? value.length : 1);
  return dropped.length === changes.length - applied.length && !dropped.some((one) => applied.includes(one));
}

/**
 * Learns the length at which lists of members end: the list contains some members, and not one that was added and is
 * not known to be out of the group.
 */
async function learnLength(
  client: ClientContext,
  { remoteId, resolve, witnesses = [] }: OperationContext,
  { dropped, shown, hasLostMembers }: MembersVerdict,
  execution: OperationExecution,
): Promise<void> {
  client.capabilities.membersShown(shown);
  const [first] = dropped.filter(({ isRemoval }) => !isRemoval);
  if (first === undefined || shown === 0 || remoteId === undefined) return;
  const { member } = first;
  const id = resolve(member.resourceType, member.key);
  const reads = newExecution(execution.signal);
  const [witness] = hasLostMembers ? [] : witnesses;
  const list = { shown, ...(witness === undefined ? {} : { witness }) };
  if (id !== undefined && !(await hasLeft(client, remoteId, { member, id }, list, reads)))
    client.capabilities.membersCut(remoteId, shown);
  execution.verifications += reads.requests;
}

/**
 * Reads the members of a group after a change.
 *
 *     GET of the group     the target has shown members    members
 *     with `members`       any                             as shown
 *     without              yes, and the answer was bare    none: an empty list may be omitted (RFC 7643 section 2.5)
 *     without              no                              as a GET with `attributes=members` shows; else `notShown`
 *     no group             any                             undefined
 */
async function readMembers(
  client: ClientContext,
  context: OperationContext,
  { isBare }: Pick<WriteKind, 'isBare'>,
  reads: OperationExecution,
): Promise<readonly RemoteId[] | 'notShown' | undefined> {
  const { samples, transport } = client;
  const { group } = await readGroup(client, context, reads);
  if (group === 'notFound' || 'unavailable' in group) return undefined;
  if (group.members === undefined && isBare && samples.showsMembers) return [];
  const members = group.members ?? (await requestMembers(transport, group.remoteId, reads));
  if (members !== undefined && members.length > 0) samples.markMembersShown();
  return members ?? 'notShown';
}

/** Asks for the attribute by its name: some targets return it only then (RFC 7644 section 3.9). */
async function requestMembers(
  transport: ClientContext['transport'],
  id: RemoteId,
  reads: OperationExecution,
): Promise<readonly RemoteId[] | undefined> {
  const request = { method: 'GET', path: resourcePath('Group', id), query: { attributes: 'members' } } as const;
  const group = idReading(await transport.sendWithRetry(request, reads), id, []);
  return group === 'notFound' || 'unavailable' in group ? undefined : group.members;
}

/** What the members that a GET shows mean to the changes. */
interface MembersVerdict {
  readonly dropped: readonly MembershipChange[];
  readonly hasLostMembers: boolean;
  /** Number of members that the GET shows. */
  readonly shown: number;
}

/** Compares membership changes, and members that were there before, with the members that a GET shows. */
export function judgeMembers(
  changes: readonly MembershipChange[],
  present: ReadonlySet<RemoteId>,
  { resolve, witnesses = [] }: Pick<OperationContext, 'resolve' | 'witnesses'>,
): MembersVerdict {
  const isComplete = present.size <= maxCompleteList;
  const dropped = changes.filter((one) => isUnapplied(one, present, { resolve }) && (one.isRemoval || isComplete));
  const hasLostMembers =
    isComplete && changes.some(({ isRemoval }) => !isRemoval) && witnesses.some((id) => !present.has(id));
  return { dropped, hasLostMembers, shown: present.size };
}

/** Changes that one response acknowledged. */
export interface AcceptedChanges {
  readonly request: ScimRequest;
  readonly changes: readonly MembershipChange[];
  readonly reply: Response;
}

/** The members that a response shows; undefined where it shows no group, or another one. */
function shownMembers(reply: Response, { remoteId }: OperationContext): readonly RemoteId[] | undefined {
  const group = parseResource(reply.body, []);
  return group?.remoteId === remoteId ? group?.members : undefined;
}

/** Whether a response still shows a member that was removed. A missing new member proves nothing: lists may be cut. */
function hasUnappliedRemoval(
  changes: readonly MembershipChange[],
  memberIds: readonly RemoteId[] | undefined,
  context: OperationContext,
): boolean {
  if (memberIds === undefined) return false;
  const present = new Set(memberIds);
  return changes.some((one) => one.isRemoval && isUnapplied(one, present, context));
}

const isResolved = ({ member }: MembershipChange, { resolve }: Pick<OperationContext, 'resolve'>): boolean =>
  resolve(member.resourceType, member.key) !== undefined;

/** Whether the members that a target shows are as they were before the change. */
function isUnapplied(
  { member, isRemoval }: MembershipChange,
  present: ReadonlySet<RemoteId>,
  { resolve }: Pick<OperationContext, 'resolve'>,
): boolean {
  const id = resolve(member.resourceType, member.key);
  return id !== undefined && present.has(id) === isRemoval;
}

/**
 * The member ids of a group; undefined where the GET failed. At a target that returns members, a missing `members`
 * means no members.
 */
const membersOf = (getResult: IdReading): readonly RemoteId[] | undefined =>
  getResult === 'notFound' || 'unavailable' in getResult ? undefined : (getResult.members ?? []);

export async function readGroup(
  { transport }: ClientContext,
  { remoteId }: OperationContext,
  execution: OperationExecution,
): Promise<GroupRead> {
  if (remoteId === undefined) return { group: 'notFound' };
  const result = await get(transport, 'Group', remoteId, execution);
  return { result, group: idReading(result, remoteId, []) };
}

/** A GET of the group, and its meaning. */
export interface GroupRead {
  readonly result?: HttpResult;
  readonly group: IdReading;
}
