import { instant, type Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import { openTargetBasics } from '../target-basics.ts';
import type { Conditions, DoneCount, LeaverDrift, OpenLeaver, OpenLeavers } from './conditions-interface.ts';

/** Leavers that are named. */
const maxNamed = 20;
/** The last passes, among which those of a daemon and those with a reading are searched. */
const maxSearched = 10_000;

/** Opens what incidents are derived from. */
export function openConditions(db: Db): Conditions {
  return {
    targets({ openSince, driftSince }) {
      const openLeavers = openLeaversOf(db);
      const leaverDrift = leaverDriftOf(db);
      return openTargetBasics(db)().map(({ id, ...basics }) => ({
        ...basics,
        openLeavers: openLeavers(id, openSince),
        leaverDrift: leaverDrift(id, driftSince),
      }));
    },
    daemonPasses: (limit) =>
      (
        db
          .prepare(
            `select started, ended, reading is not null or result is not null as hasRead
            from pass
            where is_operator_action = 0
              and command like 'daemon%'
              and id > (select max(id) from pass) - ${maxSearched}
            order by id desc
            limit ?`,
          )
          .all(limit) as { readonly started: number; readonly ended: number | null; readonly hasRead: number }[]
      ).map(({ started, ended, hasRead }) => ({
        started: instant(started),
        ended: optionalInstant(ended),
        hasRead: hasRead === 1,
      })),
    lastReadingAt: () =>
      db
        .prepare(
          `select started
          from pass
          where reading is not null
            and id > (select max(id) from pass) - ${maxSearched}
          order by id desc
          limit 1`,
        )
        .pluck()
        .get() as Instant | undefined,
    done: (since, until) =>
      db
        .prepare(
          `select t.name as target, o.action, count(*) as count
          from operation o indexed by operation_by_pass
          join target t on t.id = o.target
          where o.pass >= (select min(id) from pass where ended is null or ended > :since)
            and o.answered_at > :since
            and o.answered_at <= :until
            and o.state in ('done', 'adopted')
            and o.action <> 'verifyCreate'
          group by t.name, o.action
          order by t.name, o.action`,
        )
        .all({ since, until }) as DoneCount[],
    passes: (since, until) =>
      db
        .prepare(
          `select count(*) as total, coalesce(sum(result = 'failed'), 0) as failed
          from pass
          where is_operator_action = 0
            and started > ?
            and started <= ?`,
        )
        .get(since, until) as { total: number; failed: number },
  };
}

/**
 * Users at a target whose last operation should have ended their access, and did not, or whose removal was answered
 * and not shown by the look that was due before the last pass. A frozen user keeps access on purpose.
 */
function openLeaversOf(db: Db): (target: number, openSince: Instant) => OpenLeavers {
  const select = db.prepare(`
    select key, name, action, detail, since, count(*) over () as total
    from (
      select d.key, o.name, o.action, coalesce(o.detail, o.state) as detail,
        (
          select coalesce(f.since, p.started)
          from operation f indexed by operation_by_key
          join pass p on p.id = f.pass
          where f.key = d.key
            and f.resource_type = 'User'
            and f.target = d.target
            and f.action in ('deactivate', 'delete')
            and f.id > coalesce(
              (
                select max(l.id)
                from operation l indexed by operation_by_key
                where l.key = d.key
                  and l.resource_type = 'User'
                  and l.target = d.target
                  and l.action <> 'members'
                  and l.state in ('done', 'adopted')
              ),
              0
            )
          order by f.id
          limit 1
        ) as since
      from requeue d
      join account a on a.target = d.target
        and a.resource_type = 'User'
        and a.key = d.key
        and a.active = 1
        and a.missing_since is null
      join operation o on o.id = (
        select max(id)
        from operation indexed by operation_by_key
        where key = d.key
          and resource_type = 'User'
          and target = d.target
          and action <> 'members'
          and state <> 'planned'
      )
        and o.action in ('deactivate', 'delete')
        and o.state not in ('done', 'adopted')
      where d.target = :target
        and d.resource_type = 'User'
        and not exists (select 1 from freeze z where z.key = d.key and z.ended is null)
      union all
      select v.key, o.name, o.action, coalesce(o.detail, 'no read has shown it'), o.answered_at
      from verification v
      join operation o on o.id = v.operation
      where v.target = :target
        and v.resource_type = 'User'
        and v.is_seen = 0
        and v.not_before < (
          select p.started
          from pass_target t
          join pass p on p.id = t.pass
          where t.target = :target
          order by t.pass desc
          limit 1
        )
    )
    where since <= :openSince
    order by since, key
    limit ${maxNamed}`);
  return (target, openSince) => {
    const rows = select.all({ target, openSince }) as (OpenLeaver & { readonly total: number })[];
    return {
      total: rows[0]?.total ?? 0,
      since: rows[0]?.since,
      first: rows.map(({ total: _, ...leaver }) => leaver),
    };
  };
}

function leaverDriftOf(db: Db): (target: number, driftSince: Instant) => LeaverDrift {
  const open = db
    .prepare(`select count(*) from drift where target = ? and difference = 'reactivated' and closed_at is null`)
    .pluck();
  const repaired = db
    .prepare(`select count(*) from drift where target = ? and difference = 'reactivated' and closed_at > ?`)
    .pluck();
  return (target, driftSince) => ({
    open: open.get(target) as number,
    repaired: repaired.get(target, driftSince) as number,
  });
}
