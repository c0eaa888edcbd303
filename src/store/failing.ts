import { sourceKey, type Instant, type SourceKey } from '../model/ids.ts';
import type { NextTry } from '../model/requeue.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Db } from './database.ts';

/** A record, or the members of a group, whose last operation did not succeed. */
export interface FailingRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly name: string;
  /** What the target answered last. */
  readonly detail: string;
  /** The members of the group that are concerned; undefined: the record itself. */
  readonly members: { readonly total: number; readonly first: SourceKey } | undefined;
  /** Undefined: the next pass. A removal of access is tried in each pass. */
  readonly nextTry: NextTry | undefined;
}

interface FailingRow {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly name: string;
  readonly detail: string;
  readonly nextPass: number | null;
  readonly nextAt: Instant | null;
}

interface MembersRow extends FailingRow {
  readonly total: number;
  readonly first: string;
}

/** Rows of each kind: records, closings without a proven effect, groups. */
const maxRows = 20;

/** Opens the failing records of all targets; read by target id. */
export function openFailing(db: Db): (target: number) => readonly FailingRecord[] {
  const records = db.prepare(`
    select d.resource_type as resourceType, d.key, coalesce(o.name, n.name, '') as name,
      coalesce(o.detail, n.text, o.state, '') as detail,
      case when o.action in ('deactivate', 'delete', 'verifyCreate') then null else t.next_pass end as nextPass,
      t.next_at as nextAt
    from requeue d
    left join retry t on t.target = d.target and t.resource_type = d.resource_type and t.key = d.key
      and t.member_key = ''
    left join operation o on o.id = (
      select max(id)
      from operation
      where target = d.target
        and resource_type = d.resource_type
        and key = d.key
        and action <> 'members'
        and state not in ('planned', 'held', 'skipped')
    )
      and o.state in ('failed', 'unknown')
    left join note n on n.rowid = (
      select max(rowid)
      from note
      where target = d.target
        and resource_type = d.resource_type
        and key = d.key
        and pass = (select max(pass) from pass_target where target = d.target)
    )
    where d.target = :target
      and (o.id is not null or n.text is not null)
    limit ${maxRows}`);
  // A removal that was answered, and whose effect no read has shown yet.
  const closings = db.prepare(`
    select o.resource_type as resourceType, o.key, o.name, coalesce(o.detail, '') as detail,
      null as nextPass, null as nextAt
    from verification v
    join operation o on o.id = v.operation
    where v.target = :target
      and o.state = 'unknown'
      and not exists (
        select 1 from requeue d where d.target = v.target and d.resource_type = v.resource_type and d.key = v.key
      )
    limit ${maxRows}`);
  // A membership in the snapshot is to be removed, which each pass tries.
  const members = db.prepare(`
    select 'Group' as resourceType, d.group_key as key, o.name, coalesce(o.detail, o.state) as detail,
      count(*) as total, min(d.member_key) as first,
      min(case when m.member_key is null then t.next_pass end) as nextPass, min(t.next_at) as nextAt
    from requeue_membership d
    join operation o on o.id = (
      select max(id)
      from operation
      where target = d.target
        and resource_type = 'Group'
        and key = d.group_key
        and action = 'members'
        and state not in ('planned', 'held', 'skipped')
    )
      and o.state in ('failed', 'unknown')
    left join membership m on m.target = d.target and m.group_key = d.group_key and m.member_key = d.member_key
    left join retry t on t.target = d.target and t.resource_type = 'Group' and t.key = d.group_key
      and t.member_key = d.member_key
    where d.target = :target
    group by d.group_key
    limit ${maxRows}`);
  return (target) => [
    ...([...records.all({ target }), ...closings.all({ target })] as FailingRow[]).map((row) => toFailing(row)),
    ...(members.all({ target }) as MembersRow[]).map(({ total, first, ...row }) =>
      toFailing(row, { total, first: sourceKey(first) }),
    ),
  ];
}

const toFailing = ({ nextPass, nextAt, ...row }: FailingRow, members?: FailingRecord['members']): FailingRecord => ({
  ...row,
  members,
  nextTry: nextPass === null || nextAt === null ? undefined : { pass: nextPass, at: nextAt },
});
