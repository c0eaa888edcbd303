import type { UpdateOperation } from '../../model/operation.ts';
import { updateMethodOf, type Profile } from '../../model/profile.ts';
import type { RequestStyle } from '../capabilities.ts';
import type { NeedsMembers } from '../operation-context.ts';
import type { NotEncodable } from './encode-request.ts';
import type { MemberRef } from './references.ts';
import { mergesMembers } from './member-patch.ts';

/**
 * Chooses how to change a group without losing members. A group that is too large for PATCH is sent by PUT, where the
 * profile allows it. GET followed by PUT is used only where the target returns members.
 *
 * @param members all known members
 */
export function groupRequestStyle(
  { protocol, limits }: Pick<Profile, 'protocol' | 'limits'>,
  operation: UpdateOperation,
  members: readonly MemberRef[] | undefined,
  style: RequestStyle,
): RequestStyle | NotEncodable | NeedsMembers {
  if (operation.resourceType !== 'Group' || operation.action === 'delete') return style;
  const isMerge = operation.action === 'members' ? mergesMembers(style) : style.updateMethod === 'getThenPut';
  if (isMerge && !protocol.returnsMembers) return membersNotReturned(operation, style);
  const maxPatchable = limits.maxPatchableGroupSize;
  // GET may omit members, or return only the first hundred of them: the known members show whether it is complete.
  const areMembersNeeded = style.updateMethod !== 'patch' || isMerge || maxPatchable !== null;
  if (areMembersNeeded && members === undefined) return { kind: 'needsMembers' };
  if (style.updateMethod !== 'patch' || maxPatchable === null || members === undefined) return style;
  const size = members.length + (operation.action === 'members' ? operation.add.length : 0);
  return size <= maxPatchable ? style : insteadOfPatch(protocol, operation, style, { maxPatchable, size });
}

/** A group that is too large for PATCH. */
function insteadOfPatch(
  protocol: Profile['protocol'],
  { name }: UpdateOperation,
  style: RequestStyle,
  { maxPatchable, size }: { readonly maxPatchable: number; readonly size: number },
): RequestStyle | NotEncodable {
  if (updateMethodOf(protocol, 'Group') === 'auto' && protocol.returnsMembers)
    return { ...style, updateMethod: 'getThenPut' };
  return {
    kind: 'notEncodable',
    detail:
      `a PATCH of a group of more than ${maxPatchable} members would remove some of them at this target, ` +
      `and its profile does not allow GET and PUT: ${name} has ${size} members`,
  };
}

const membersNotReturned = ({ name }: UpdateOperation, { updateMethod }: RequestStyle): NotEncodable => ({
  kind: 'notEncodable',
  detail:
    `this target does not return members, so writing all members of ${name} would remove them; ` +
    (updateMethod === 'getThenPut'
      ? 'set "updateGroups" to "patch" or "put"'
      : 'set "addMembers" to another value than "replace"'),
});
