import type { RemoteId } from '../../model/ids.ts';
import type { IdReading } from '../absence/judge-absence.ts';
import { idReading } from '../absence/prove-missing.ts';
import type { ClientContext, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { parseResource } from '../judge/parse-resource.ts';
import { type MembersResult } from './members-result.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { type MembershipChange } from '../encode/member-batches.ts';
import { get } from '../read/get-resource.ts';

/**
 * Judges accepted changes by the members that the responses show. A GET decides where a response contradicts a change,
 * and where the profile states that success responses are not reliable.
 */
export async function verifyMembers(
  client: ClientContext,
  context: OperationContext,
  accepted: readonly AcceptedChanges[],
  membersResult: MembersResult,
  execution: OperationExecution,
): Promise<void> {
  const { verifyWrites, returnsMembers } = client.profile.protocol;
  const [first, second] = accepted;
  if (first === undefined) return;
  const isReadBack = verifyWrites !== 'never' && returnsMembers;
  const isContradicted = accepted.some(({ changes, reply }) =>
    hasUnappliedRemoval(changes, shownMembers(reply, context), context),
  );
  if (!isReadBack && !isContradicted) return;
  // Where the profile trusts what responses show, the response to the only request decides.
  const shown = isReadBack && second === undefined ? shownMembers(first.reply, context) : undefined;
  const memberIds = shown ?? membersOf((await readGroup(client, context, execution)).group);
  if (memberIds === undefined) {
    for (const { changes, reply } of accepted)
      membersResult.markNotApplied(
        changes.filter((change) => hasUnappliedRemoval([change], shownMembers(reply, context), context)),
        `answered ${reply.status}, but the response still shows the members`,
      );
    return;
  }
  const present = new Set(memberIds);
  for (const { changes, reply } of accepted) {
    const dropped = changes.filter(({ member, isRemoval }) => {
      const id = context.resolve(member.resourceType, member.key);
      // A list of members may be cut, so a missing new member counts only where the profile asks for the read.
      return id !== undefined && present.has(id) === isRemoval && (isRemoval || isReadBack);
    });
    membersResult.markNotApplied(dropped, `answered ${reply.status}, but a GET shows the memberships unchanged`);
  }
}

/** Changes that one response acknowledged. */
export interface AcceptedChanges {
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
  { resolve }: OperationContext,
): boolean {
  if (memberIds === undefined) return false;
  const present = new Set(memberIds);
  return changes.some(({ member, isRemoval }) => {
    const id = resolve(member.resourceType, member.key);
    return isRemoval && id !== undefined && present.has(id);
  });
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
