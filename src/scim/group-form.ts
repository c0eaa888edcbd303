import { updateForm, type Profile } from '../model/profile.ts';
import type { Addressed, Change } from './addressed.ts';
import type { Speech } from './habits.ts';
import type { Unsayable } from './request.ts';

/**
 * How a group is changed without losing members: one that is too large for PATCH is written whole, where the profile leaves
 * that open, and what is not shown is never written back.
 */
export function groupForm(
  { speaks, allows }: Pick<Profile, 'speaks' | 'allows'>,
  operation: Change,
  { allMembers }: Pick<Addressed, 'allMembers'>,
  speech: Speech,
): Speech | Unsayable {
  if (operation.kind !== 'Group' || operation.action === 'delete') return speech;
  if (speech.update === 'getThenPut' && !speaks.readsMembers) {
    return {
      kind: 'unsayable',
      detail: `this target does not show members, so ${operation.name} cannot be read and written back without losing them; let "updateGroups" be "patch" or "put"`,
    };
  }
  const most = allows.patchedGroupMembers;
  if (most === null || speech.update !== 'patch') return speech;
  const size = (allMembers?.().length ?? 0) + (operation.action === 'members' ? operation.add.length : 0);
  if (size <= most) return speech;
  if (updateForm(speaks, 'Group') === 'auto') return { ...speech, update: 'put' };
  return {
    kind: 'unsayable',
    detail: `a PATCH of a group of more than ${most} members would lose some of them at this target, and it takes no PUT: ${operation.name} has ${size}`,
  };
}
