import type { RemoteResource } from '../../model/outcome.ts';
import type { ClientContext } from '../operation-context.ts';

/** A longer list may be cut: many servers show only the first hundred members. */
export const maxCompleteList = 99;

/** Whether a read of a group shows all of its members, so that another id is not one of them. */
export function showsAllMembers(
  { samples, profile, capabilities }: Pick<ClientContext, 'samples' | 'profile' | 'capabilities'>,
  { members = [] }: Pick<RemoteResource, 'members'>,
): boolean {
  const isShown = members.length > 0 ? !capabilities.isCutAt(members.length) : samples.showsMembers;
  return profile.protocol.returnsMembers && isShown && members.length <= maxCompleteList;
}
