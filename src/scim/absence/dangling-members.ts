import { sourceKey, type RemoteId, type SourceKey } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { MembershipChange } from '../encode/member-batches.ts';
import type { ResolveId } from '../encode/references.ts';
import type { ClientContext } from '../operation-context.ts';
import { get } from '../read/get-resource.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { Response } from '../transport/message.ts';
import { idReading } from './prove-missing.ts';

/**
 * Members of one group whose ids belong to no resource any more. Some targets keep the id of a deleted account in its
 * groups, and refuse each change of such a group with a 400 that names the id.
 */
export interface DanglingMembers {
  /** The ids of all members, and those of the dangling members. */
  readonly resolve: ResolveId;
  /**
   * Reads the members of the group that a refusal names although the request did not contain them.
   *
   * @returns the removals of those that do not exist: sent in the refused request, they may make it acceptable
   */
  removalsFor(
    refusal: Response,
    group: RemoteResource,
    sent: readonly MembershipChange[],
  ): Promise<readonly MembershipChange[]>;
  /** The ids of the dangling members among these changes. */
  idsIn(changes: readonly MembershipChange[]): readonly RemoteId[];
}

/** A shorter id may be part of any other word of the answer. */
const minNamedIdLength = 6;
/** An answer that names more ids repeats the request or the group. */
const maxNamed = 10;
/** A member may be a user or a nested group. */
const memberTypes: readonly ResourceType[] = ['User', 'Group'];

/** Starts to collect the dangling members that the answers to one operation name. */
export function createDanglingMembers(
  { transport }: Pick<ClientContext, 'transport'>,
  resolve: ResolveId,
  execution: OperationExecution,
): DanglingMembers {
  const ids = new Map<SourceKey, RemoteId>();
  const readIds = new Set<RemoteId>();
  const idOf: ResolveId = (resourceType, key) => ids.get(key) ?? resolve(resourceType, key);

  async function isMissing(id: RemoteId): Promise<boolean> {
    for (const resourceType of memberTypes) {
      const reading = idReading(await get(transport, resourceType, id, execution), id, []);
      if (reading !== 'notFound') return false;
    }
    return true;
  }

  return {
    resolve: idOf,
    async removalsFor({ text }, { members = [] }, sent) {
      const sentIds = new Set(sent.map(({ member }) => idOf(member.resourceType, member.key)));
      const named = members.filter((id) => id.length >= minNamedIdLength && !sentIds.has(id) && text.includes(id));
      if (named.length > maxNamed) return [];
      const removals: MembershipChange[] = [];
      for (const id of named) {
        if (readIds.has(id)) continue;
        readIds.add(id);
        if (!(await isMissing(id))) continue;
        // No record has this key: it stands for the id.
        const key = sourceKey(`dangling member ${id}`);
        ids.set(key, id);
        removals.push({ member: { resourceType: 'User', key }, isRemoval: true });
      }
      return removals;
    },
    idsIn: (changes) => changes.flatMap(({ member }) => ids.get(member.key) ?? []),
  };
}
