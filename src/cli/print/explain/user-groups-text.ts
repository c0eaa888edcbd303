import type { DecidingGroups } from '../../../desired/groups/deciding-groups.ts';
import type { UserGroup } from '../../../desired/groups/user-groups.ts';
import type { SourceKey } from '../../../model/ids.ts';

/** For each group of a user, the groups between them, the one that contains the user first. */
export type MembershipPaths = ReadonlyMap<SourceKey, readonly SourceKey[]>;

/** The groups of a user that rules of a target can use, and how the user comes into each. */
export function userGroupsText(groups: readonly UserGroup[] | undefined, paths: MembershipPaths): readonly string[] {
  if (groups === undefined) return [];
  if (groups.length === 0) return ['    groups: the person is in no group of the source'];
  return [
    '    groups:',
    ...groups.map((group) => {
      const scope =
        group.scope.kind === 'in' ? '' : `, ${group.scope.kind === 'out' ? 'out of scope' : 'undecided'} here`;
      return `      ${label(group)}${through(group.key, groups, paths)}${scope}`;
    }),
  ];
}

/** Which groups decide a result: `by the group Sales (s1)`. Undefined: the rule reads no groups. */
export function decidingGroupsText(deciding: DecidingGroups<UserGroup> | undefined): string | undefined {
  if (deciding === undefined) return undefined;
  const names = deciding.groups.map(label).join(', ');
  if (deciding.kind === 'none') return 'no group of the person changes this';
  if (deciding.groups.length === 1) return `decided by the group ${names}`;
  return deciding.kind === 'all'
    ? `decided by these groups together: ${names}`
    : `decided by each of these groups: ${names}`;
}

const label = ({ name, key }: Pick<UserGroup, 'name' | 'key'>): string =>
  name === key ? JSON.stringify(name) : `${JSON.stringify(name)} (${key})`;

function through(key: SourceKey, groups: readonly UserGroup[], paths: MembershipPaths): string {
  const between = paths.get(key) ?? [];
  if (between.length === 0) return ': direct member';
  const names = between.map((one) => label(groups.find((group) => group.key === one) ?? { key: one, name: one }));
  return `: through ${names.join(', then ')}`;
}
