import { instant } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import { emptyLookUpStatus } from '../../model/in-doubt.ts';
import { payloadOf } from './operations.ts';
import type { UnansweredCreates } from './unanswered-interface.ts';

/** Reads the creates that got no response, or that the target refused. */
export function openUnansweredCreates(db: Db, targetOf: (name: string) => { readonly id: number }): UnansweredCreates {
  const ofRecord = `
    from operation
    where target = ?
      and resource_type = ?
      and key = ?
      and action = 'create'`;
  const didNotEnd = `and (state = 'unknown' or (state = 'failed' and requests > 0))`;
  const latest = 'order by id desc limit 1';
  const selectBody = db.prepare(`select ${payloadOf('operation', 'body')} ${ofRecord} ${didNotEnd} ${latest}`).pluck();
  const selectLast = db.prepare(
    `select id, sent_at as sentAt, status ${ofRecord} ${didNotEnd} and sent_at is not null ${latest}`,
  );
  const selectFirstEmpty = db
    .prepare(
      `
      select min(answered_at)
      from operation indexed by operation_by_key
      where key = ?
        and resource_type = ?
        and target = ?
        and id > ?
        and action = 'verifyCreate'
        and state = 'unknown'
        and status = ${emptyLookUpStatus}`,
    )
    .pluck();
  const selectUnansweredSince = db.prepare(`select sent_at ${ofRecord} and state = 'unknown' ${latest}`).pluck();
  return {
    async unansweredCreate(target, resourceType, key) {
      const body = selectBody.get(targetOf(target).id, resourceType, key) as string | undefined;
      return body === undefined ? undefined : (JSON.parse(body) as FlatResource);
    },
    unansweredSince(target, resourceType, key) {
      const sentAt = selectUnansweredSince.get(targetOf(target).id, resourceType, key);
      return optionalInstant(sentAt as number | null | undefined);
    },
    lastCreate(target, resourceType, key) {
      const { id } = targetOf(target);
      const row = selectLast.get(id, resourceType, key) as
        { readonly id: number; readonly sentAt: number; readonly status: number | null } | undefined;
      if (row === undefined) return undefined;
      const firstEmptyAt = optionalInstant(selectFirstEmpty.get(key, resourceType, id, row.id) as number | null);
      return { sentAt: instant(row.sentAt), status: row.status ?? undefined, firstEmptyAt };
    },
  };
}
