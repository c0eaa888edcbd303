import type { UpdateOperation } from '../../model/operation.ts';
import { updateMethodOf, type Profile } from '../../model/profile.ts';
import type { RequestStyle } from '../capabilities.ts';
import type { NeedsMembers } from '../operation-context.ts';
import type { NotEncodable } from './encode-request.ts';
import type { MemberRef } from './references.ts';

/**
 * How a group is changed without losing members. A group that is too large for PATCH is written whole, where the profile allows it.
 * A group is read and written back only where the target shows its members.
 *
 * @param members all members that are known
 */
export function groupRequestStyle(
  { protocol, limits }: Pick<Profile, 'protocol' | 'limits'>,
  operation: UpdateOperation,
  members: readonly MemberRef[] | undefined,
  style: RequestStyle,
): RequestStyle | NotEncodable | NeedsMembers {
  if (operation.resourceType !== 'Group' || operation.action === 'delete') return style;
  if (style.updateMethod === 'getThenPut' && !protocol.returnsMembers) {
    return {
      kind: 'notEncodable',
      detail: `this target does not show members, so ${operation.name} cannot be read and written back without losing them; let "updateGroups" be "patch" or "put"`,
    };
  }
  if (style.updateMethod === 'put') return members === undefined ? { kind: 'needsMembers' } : style;
  const maxPatchable = limits.maxPatchableGroupSize;
  if (maxPatchable === null || style.updateMethod !== 'patch') return style;
  if (members === undefined) return { kind: 'needsMembers' };
  const size = members.length + (operation.action === 'members' ? operation.add.length : 0);
  if (size <= maxPatchable) return style;
  if (updateMethodOf(protocol, 'Group') === 'auto') return { ...style, updateMethod: 'put' };
  return {
    kind: 'notEncodable',
    detail: `a PATCH of a group of more than ${maxPatchable} members would lose some of them at this target, and it takes no PUT: ${operation.name} has ${size}`,
  };
}
