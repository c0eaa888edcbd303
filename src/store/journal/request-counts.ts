import { instant, type Instant } from '../../model/ids.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';

/** Opens the counts of sent requests of one target: the table `sent_request`. */
export function openRequestCounts(db: Db, commits: GroupCommit, target: number): RequestCounts {
  const add = db.prepare(`
    insert into sent_request (target, quota, interval_start, requests)
    values (?, ?, ?, ?)
    on conflict (target, quota, interval_start) do update set requests = requests + excluded.requests`);
  const removeOld = db.prepare('delete from sent_request where target = ? and quota = ? and interval_start < ?');

  return {
    since: readRequestCounts(db, target),
    add(quota, changes, oldest: Instant) {
      return commits.write(() => {
        for (const { start, requests } of changes) add.run(target, quota, start, requests);
        removeOld.run(target, quota, oldest);
      });
    },
  };
}

/** Reads the counts of one target, also from a read-only connection. */
export function readRequestCounts(db: Db, target: number): RequestCounts['since'] {
  const select = db.prepare(`
    select interval_start as start, requests
    from sent_request
    where target = ?
      and quota = ?
      and interval_start >= ?
    order by interval_start`);
  return (quota, from) =>
    (select.all(target, quota, from) as { start: number; requests: number }[]).map(({ start, requests }) => ({
      start: instant(start),
      requests,
    }));
}
