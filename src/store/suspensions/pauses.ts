import { instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import type { OperatorMark, Pause, PauseRecord, Suspensions } from './suspensions-interface.ts';

interface PauseRow {
  readonly target: string;
  readonly since: number;
  readonly operator: string;
  readonly host: string;
  readonly reason: string | null;
  readonly ended: number | null;
  readonly ended_by: string | null;
  readonly ended_host: string | null;
}

const selectPauses = `
  select t.name as target, p.since, p.operator, p.host, p.reason, p.ended, p.ended_by, p.ended_host
  from pause p
  join target t on t.id = p.target`;

/** The pauses that have not ended, by target. */
export function openPauses(db: Db): readonly Pause[] {
  return (db.prepare(`${selectPauses} where p.ended is null order by t.name`).all() as PauseRow[]).map(toPause);
}

/** All pauses, in order of their begin. */
export function allPauses(db: Db): readonly PauseRecord[] {
  return (db.prepare(`${selectPauses} order by p.since, p.id`).all() as PauseRow[]).map(toPause);
}

function toPause({ target, since, operator, host, reason, ended, ended_by, ended_host }: PauseRow): PauseRecord {
  return {
    target,
    begun: { at: instant(since), operator, host },
    reason: reason ?? undefined,
    ended: ended === null ? undefined : { at: instant(ended), operator: ended_by ?? '', host: ended_host ?? '' },
  };
}

/** Opens the targets that operators set aside. */
export function openPauseLog(db: Db): Pick<Suspensions, 'pauses' | 'pause' | 'resume' | 'countPending'> {
  const idOf = (target: string): number => {
    db.prepare('insert or ignore into target (name) values (?)').run(target);
    return db.prepare('select id from target where name = ?').pluck().get(target) as number;
  };
  return {
    pauses: () => openPauses(db),
    async pause({ target, begun: { at, operator, host }, reason }) {
      db.prepare('insert into pause (target, since, operator, host, reason) values (?, ?, ?, ?, ?)').run(
        ...[idOf(target), at, operator, host, reason ?? null],
      );
    },
    async resume(target, { at, operator, host }: OperatorMark) {
      db.prepare('update pause set ended = ?, ended_by = ?, ended_host = ? where target = ? and ended is null').run(
        at,
        operator,
        host,
        idOf(target),
      );
    },
    async countPending(target, { boundaries, inactiveBefore }) {
      const parameters = { target: idOf(target), before: inactiveBefore ?? Number.MIN_SAFE_INTEGER };
      const after = db.prepare('select planned_reading from target where id = ?').pluck().get(parameters.target);
      const spans = boundaries.map((span) => ({
        column: span.limit === 'validFrom' ? 'valid_from' : 'valid_to',
        after: span.after ?? Number.MIN_SAFE_INTEGER,
        until: span.until,
      }));
      const bounds = Object.fromEntries(
        spans.flatMap((span, index) => [
          [`after${index}`, span.after],
          [`until${index}`, span.until],
        ]),
      );
      const dated = spans.map(
        ({ column }, index) => `
          union
          select resource_type, key
          from record indexed by record_by_${column}
          where ${column} > :after${index}
            and ${column} <= :until${index}
            and resource_type = 'User'
            and removed_in is null`,
      );
      return db
        .prepare(
          `
          select count(*)
          from (
            select resource_type, key
            from record indexed by record_by_change
            where changed_in > :after
              and resource_type in ('User', 'Group')
            union
            select 'Group', group_key
            from source_membership indexed by source_membership_by_change
            where changed_in > :after
            union
            select resource_type, key from requeue where target = :target
            union
            select resource_type, key
            from account
            where target = :target
              and inactive_since <= :before
            ${dated.join('')}
          )`,
        )
        .pluck()
        .get({ ...parameters, ...bounds, after }) as number;
    },
  };
}
