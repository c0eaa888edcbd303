import type { Profile } from '../model/profile.ts';
import type { Addressed } from './addressed.ts';
import type { Speech } from './habits.ts';
import type { Unsayable } from './request.ts';
import type { Change } from './say.ts';

/** A group that is too large to be changed by PATCH is written whole, where the profile leaves that open. */
export function forLargeGroup({ speaks, allows }: Pick<Profile, 'speaks' | 'allows'>, operation: Change, { allMembers }: Pick<Addressed, 'allMembers'>, speech: Speech): Speech | Unsayable {
  const most = allows.patchedGroupMembers;
  if (most === null || operation.kind !== 'Group' || operation.action === 'delete' || speech.update !== 'patch') return speech;
  const size = (allMembers?.().length ?? 0) + (operation.action === 'members' ? operation.add.length : 0);
  if (size <= most) return speech;
  const form = speaks.updateGroups === 'same' ? speaks.update : speaks.updateGroups;
  if (form === 'auto') return { ...speech, update: 'put' };
  return { kind: 'unsayable', detail: `a PATCH of a group of more than ${most} members would lose some of them at this target, and it takes no PUT: ${operation.name} has ${size}` };
}
