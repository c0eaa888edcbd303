import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { isOwnRow } from '../mirror/own-rows.ts';

interface GroupRow {
  readonly id: number;
  readonly key: string;
}

/**
 * How a user comes into each group: the groups between them, the one that contains the user first. Empty: the user is a
 * direct member. Groups that only connect others are on the way, too.
 *
 * In a directory, references state who is a direct member, because memberships may be flattened. Other sources have
 * memberships only.
 */
export function readMembershipPaths(db: Db, user: SourceKey): ReadonlyMap<SourceKey, readonly SourceKey[]> {
  const start = db
    .prepare(`select id from record where resource_type = 'User' and key = ? and removed_in is null`)
    .pluck()
    .get(user) as number | undefined;
  const hasHandles = db.prepare('select 1 from handle_owner where record = ?').get(start) !== undefined;
  const containers = db.prepare(hasHandles ? containersOfDirectory : containersByKey);
  const paths = new Map<SourceKey, readonly SourceKey[]>();
  if (start === undefined) return paths;
  const seen = new Set([start]);
  const open: { readonly id: number; readonly path: readonly SourceKey[] }[] = [{ id: start, path: [] }];
  for (const { id, path } of open) {
    for (const { id: container, key } of containers.all({ id }) as GroupRow[]) {
      if (seen.has(container)) continue;
      seen.add(container);
      paths.set(sourceKey(key), path);
      open.push({ id: container, path: [...path, sourceKey(key)] });
    }
  }
  return paths;
}

const containersByReference = `
  select g.id, g.key
  from handle_owner b
  cross join reference f on f.handle = b.handle
    and f.relation = 'member'
  cross join record g on g.id = f.record
    and g.removed_in is null
  where b.record = :id
  union
  select g.id, g.key
  from reference f
  cross join handle_owner b on b.handle = f.handle
  cross join record g on g.id = b.record
    and g.removed_in is null
  where f.record = :id
    and f.relation = 'group'`;

/** @param isRead which memberships `m` are read */
const containersWith = (isRead: string): string => `
  select g.id, g.key
  from record r
  cross join source_membership m on m.member_key = r.key
    and m.removed_in is null
    and ${isRead}
  cross join record g on g.resource_type = 'Group'
    and g.key = m.group_key
    and g.removed_in is null
  where r.id = :id
    and (r.resource_type = 'User' or not exists (
      select 1 from record u where u.resource_type = 'User' and u.key = r.key and u.removed_in is null
    ))
  order by 2`;

const containersByKey = containersWith('true');

/** Groups of joined sources have their members by key. */
const containersOfDirectory = `${containersByReference}
  union${containersWith(`not ${isOwnRow('m')}`)}`;
