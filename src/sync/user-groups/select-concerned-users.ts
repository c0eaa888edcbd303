import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { GroupRole, PlanningScope, PlanningTarget } from '../../store/store.ts';

const pageSize = 1000;

/**
 * Adds the users whose groups changed to the candidates, at a target whose rules use groups:
 *
 *     a membership was added or removed                  its member, and the users in a member that is a group
 *     a group has another name, or another scope         the users in it, directly or through other groups
 *     a group was added or removed                       the same
 *
 * A full planning evaluates all users anyway, and only stores what the rules see of each group.
 */
export async function selectConcernedUsers(
  { userGroups }: Pick<PlanningTarget, 'userGroups'>,
  { groupRules }: Pick<TargetMapping, 'groupRules'>,
  scope: PlanningScope,
): Promise<void> {
  if (groupRules === undefined || scope.kind === 'followUp') return;
  await userGroups.selectChanged(scope.kind === 'full' ? 'all' : scope.after);
  for (let after = 0; ;) {
    const { page, next } = await userGroups.changed(after, pageSize);
    if (next === undefined) break;
    after = next;
    const roles = page.flatMap(({ key, record, role: earlier }): readonly GroupRole[] => {
      const role = record === undefined ? undefined : groupRules.roleOf(record);
      return role === earlier ? [] : [{ key, role }];
    });
    await userGroups.saveRoles(roles);
  }
  if (scope.kind !== 'full') await userGroups.selectConcernedUsers(scope.after);
}
