import { finding, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { MembershipSupport } from './membership-support.ts';
import type { GroupMembers } from './group-members.ts';
import type { RenameMethod } from './group-rename.ts';
import { groupsUsePatch } from './groups.ts';

/**
 * How groups are updated, from two experiments that do not depend on each other: the change of the name, and the
 * changes of members. Members decide, because they matter more.
 *
 * @param userIds users for another test of PUT
 */
export async function judgeGroupUpdate(
  session: ProbeSession,
  rename: RenameMethod,
  { groupMembers, isSupported }: MembershipSupport,
  userIds: readonly string[],
): Promise<readonly Finding[]> {
  const topic = 'group update';
  if (!isSupported || groupMembers.method === 'put')
    return rename === 'put' && groupsUsePatch(session)
      ? [
          finding(topic, 'groups are updated by GET and PUT: PATCH does not change their names', {
            protocol: { updateGroups: 'getThenPut' },
          }),
        ]
      : [];
  if (rename === 'put') {
    if (await putChangesMembers(groupMembers, userIds.slice(0, 2)))
      return [
        finding(
          topic,
          'groups are updated by GET and PUT: only PUT changes their names, and PUT changes members, too',
          {
            protocol: { updateGroups: 'getThenPut' },
          },
        ),
      ];
    return [
      finding(topic, 'groups are updated by PATCH: PUT changes their names, but not their members', {
        supports: { groupNameImmutable: true },
        protocol: { updateGroups: 'patch' },
      }),
    ];
  }
  return groupsUsePatch(session)
    ? []
    : [finding(topic, 'groups are updated by PATCH', { protocol: { updateGroups: 'patch' } })];
}

/** Removes a member and adds it again: a list that stays the same would prove nothing. */
async function putChangesMembers(groupMembers: GroupMembers, ids: readonly string[]): Promise<boolean> {
  const others = ids.slice(1);
  await groupMembers.put(ids);
  await groupMembers.put(others);
  if ((await groupMembers.verify(others, ids.slice(0, 1))) !== true) return false;
  await groupMembers.put(ids);
  return (await groupMembers.verify(ids)) === true;
}
