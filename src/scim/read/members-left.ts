import type { RemoteId } from '../../model/ids.ts';
import type { MemberRef } from '../encode/references.ts';
import type { ClientContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { showsAllMembers } from './shown-members.ts';
import { hasLeft } from './whole-read.ts';

/** A read of a group, compared with the members that the target acknowledged. */
export interface GroupRead {
  readonly id: RemoteId;
  /** Undefined: the read had no `members`. */
  readonly members: readonly RemoteId[] | undefined;
  /** Acknowledged members that it does not show. */
  readonly missing: readonly MemberRef[];
  /** An acknowledged member that it shows. */
  readonly witness: RemoteId | undefined;
}

/** More missing members of one group are not read one by one. */
const maxReads = 100;

/**
 * Which acknowledged members have left a group whose read does not show them. A list of members may be cut, and an
 * empty one omitted, so a longer or an empty list proves nothing: then the accounts of the members decide (`hasLeft`).
 *
 * @returns those that have left, and whether that is known of all
 */
export async function membersLeft(
  client: Pick<ClientContext, 'transport' | 'samples' | 'profile' | 'capabilities'>,
  { id, members = [], missing, witness }: GroupRead,
  execution: OperationExecution,
): Promise<{ readonly left: readonly MemberRef[]; readonly isComplete: boolean }> {
  if (members.length > 0) client.samples.markMembersShown();
  if (showsAllMembers(client, { members })) return { left: missing, isComplete: true };
  const left: MemberRef[] = [];
  for (const one of missing.slice(0, maxReads))
    if (
      await hasLeft(
        client,
        id,
        one,
        { shown: members.length, ...(witness === undefined ? {} : { witness }) },
        execution,
      )
    )
      left.push(one);
  return { left, isComplete: left.length === missing.length };
}
