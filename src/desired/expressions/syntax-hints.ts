import type { RowSubject } from '../expression-context.ts';

/** How an expression names what it may read, by its subject; after a message about an unknown name. */
export const hints: Readonly<Record<RowSubject | 'userRow' | 'resource', string>> = {
  user: '; use user.NAME (first value), values.NAME (list), or user["NAME"] if the name is not a plain word',
  userRow:
    '; use user.NAME (first value), values.NAME (list), or user["NAME"] if the name is not a plain word; ' +
    'groups are known only in scope.users and mapping.user of a target',
  group: '; use group.NAME (first value), values.NAME (list), or group["NAME"] if the name is not a plain word',
  membership: '; use membership.NAME (the cell of a column), or membership["NAME"] if the name is not a plain word',
  resource: '; use scim, the mapped resource: scim.userName',
};

/** Where a character of an expression is, as the end of a sentence. */
export function positionIn(text: string, offset: number | undefined): string {
  if (offset === undefined) return '';
  const before = text.slice(0, offset).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
