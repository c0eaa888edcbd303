import { sourceKey } from '../../model/ids.ts';
import type { SourceRecord, UserMembership } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { doubtColumns, doubtJoin, toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { UserGroupLookup } from './user-groups-interface.ts';

/** A membership of a user or a group in a group. */
interface Edge {
  readonly group_key: string;
  /** 1: a rejected row may have ended it. */
  readonly is_in_doubt: number;
}

/** A group with the groups that contain it; undefined: the source has no such group. */
type GroupNode = { readonly record: SourceRecord; readonly containers: readonly Edge[] } | undefined;

/** When the cache is full, it is emptied. */
const maxCachedGroups = 50_000;

const edgeColumns = `m.group_key, x.membership is not null as is_in_doubt`;
const edgeDoubt = 'left join membership_in_doubt x on x.membership = m.id';

/**
 * Looks up the groups of users. One statement reads the direct memberships of a page of users. Each group is read once,
 * with the groups that contain it: a user inherits their memberships.
 */
export function openUserGroupLookup(db: Db): UserGroupLookup {
  const selectDirect = db.prepare(`
    select u.value as user_key, ${edgeColumns}
    from json_each(:users) u
    cross join source_membership m on m.member_key = u.value
      and m.removed_in is null
    ${edgeDoubt}`);
  const selectGroup = db.prepare(`
    select r.resource_type, r.key, r.active, r.attributes, ${doubtColumns}
    from record r
    ${doubtJoin}
    where r.resource_type = 'Group'
      and r.key = ?
      and r.removed_in is null`);
  // The member is the user where a user and a group have the same key.
  const selectContainers = db.prepare(`
    select ${edgeColumns}
    from source_membership m
    ${edgeDoubt}
    where m.member_key = :key
      and m.removed_in is null
      and not exists (
        select 1
        from record r
        where r.resource_type = 'User'
          and r.key = :key
          and r.removed_in is null
      )`);
  const nodes = new Map<string, GroupNode>();

  const nodeOf = (key: string): GroupNode => {
    if (nodes.has(key)) return nodes.get(key);
    if (nodes.size >= maxCachedGroups) nodes.clear();
    const row = selectGroup.get(key) as RecordRow | undefined;
    const node =
      row === undefined ? undefined : { record: toRecord(row), containers: selectContainers.all({ key }) as Edge[] };
    nodes.set(key, node);
    return node;
  };

  return {
    async addGroups(records) {
      const users = records.filter(({ resourceType }) => resourceType === 'User').map(({ key }) => key);
      const direct = new Map<string, Edge[]>(users.map((key) => [key, []]));
      for (const edge of selectDirect.iterate({ users: JSON.stringify(users) }) as Iterable<
        Edge & { readonly user_key: string }
      >)
        direct.get(edge.user_key)?.push(edge);
      return records.map((record) => {
        const edges = record.resourceType === 'User' ? direct.get(record.key) : undefined;
        return edges === undefined ? record : { ...record, groups: reachable(edges, nodeOf) };
      });
    },
  };
}

/**
 * The groups that these memberships lead to. A membership is in doubt if each way to the group has a part in doubt, so
 * a group can be visited twice: first in doubt, then for certain.
 */
function reachable(direct: readonly Edge[], nodeOf: (key: string) => GroupNode): readonly UserMembership[] {
  const found = new Map<string, UserMembership>();
  const open = direct.map(({ group_key: key, is_in_doubt: doubt }) => ({ key, isInDoubt: doubt === 1 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = nodeOf(next.key);
    if (node === undefined) continue;
    const isInDoubt = next.isInDoubt || node.record.doubt?.isAbsent === true;
    const earlier = found.get(next.key);
    if (earlier !== undefined && (isInDoubt || !earlier.isInDoubt)) continue;
    found.set(next.key, { group: node.record, isInDoubt });
    for (const { group_key: key, is_in_doubt: doubt } of node.containers)
      open.push({ key: sourceKey(key), isInDoubt: isInDoubt || doubt === 1 });
  }
  return [...found.values()];
}
