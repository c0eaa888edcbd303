import type { Instant } from '../../model/ids.ts';
import { dayMs } from '../../model/time.ts';
import type { Db } from '../database.ts';
import type { NumberedNotice, Notices } from './notices-interface.ts';

interface NoticeRow {
  readonly id: number;
  readonly command: NumberedNotice['command'];
  readonly target: string | null;
}

/** A daemon that does not run learns nothing from a notice: its first pass reads what the commands changed. */
const keptMs = dayMs;

/** Opens the notices. */
export function openNotices(db: Db): Notices {
  const { after } = openNoticesForReading(db);
  return {
    async leave({ command, target }, at: Instant) {
      db.prepare('delete from notice where at < ?').run(at - keptMs);
      db.prepare('insert into notice (at, command, target) values (?, ?, ?)').run(at, command, target ?? null);
    },
    after,
  };
}

/** The part that reads. */
export function openNoticesForReading(db: Db): Pick<Notices, 'after'> {
  const select = db.prepare('select id, command, target from notice where id > ? order by id');
  return {
    after: (id) =>
      (select.all(id) as NoticeRow[]).map(({ target, ...row }) => ({ ...row, target: target ?? undefined })),
  };
}
