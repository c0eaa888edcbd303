import { instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { openPending } from './pending.ts';
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
    async countPending(target, due) {
      return openPending(db, idOf(target), due).count();
    },
  };
}
