import { updateMethodOf, type Profile } from '../../model/profile.ts';
import type { OperationContext, UpdateOperation } from '../operation-context.ts';
import type { RequestStyle } from '../capabilities.ts';
import type { NotEncodable } from './encode-request.ts';

/**
 * How a group is changed without losing members: one that is too large for PATCH is written whole, where the profile leaves
 * that open, and what is not shown is never written back.
 */
export function groupRequestStyle(
  { protocol, limits }: Pick<Profile, 'protocol' | 'limits'>,
  operation: UpdateOperation,
  { allMembers }: Pick<OperationContext, 'allMembers'>,
  style: RequestStyle,
): RequestStyle | NotEncodable {
  if (operation.resourceType !== 'Group' || operation.action === 'delete') return style;
  if (style.updateMethod === 'getThenPut' && !protocol.returnsMembers) {
    return {
      kind: 'notEncodable',
      detail: `this target does not show members, so ${operation.name} cannot be read and written back without losing them; let "updateGroups" be "patch" or "put"`,
    };
  }
  const maxPatchable = limits.maxPatchableGroupSize;
  if (maxPatchable === null || style.updateMethod !== 'patch') return style;
  const size = (allMembers?.().length ?? 0) + (operation.action === 'members' ? operation.add.length : 0);
  if (size <= maxPatchable) return style;
  if (updateMethodOf(protocol, 'Group') === 'auto') return { ...style, updateMethod: 'put' };
  return {
    kind: 'notEncodable',
    detail: `a PATCH of a group of more than ${maxPatchable} members would lose some of them at this target, and it takes no PUT: ${operation.name} has ${size}`,
  };
}
