import { instant, type SourceKey } from '../../model/ids.ts';
import { emptyLookUpStatus } from '../../model/in-doubt.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { payloadOf } from '../journal/operations.ts';
import { createDidNotEnd, createsOfRecord } from '../journal/unanswered-creates.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { CreateInDoubt, LastCreate } from './serving-interface.ts';

/** Reads the last creates of records, as far as they did not end with an account. */
export function openCreatesInDoubt(db: Db, target: number) {
  const latest = 'order by id desc limit 1';
  const selectBody = db
    .prepare(`select ${payloadOf('operation', 'body')} ${createsOfRecord} and ${createDidNotEnd} ${latest}`)
    .pluck();
  const selectLast = db.prepare(`
    select id, sent_at as sentAt, status
    ${createsOfRecord} and ${createDidNotEnd} and sent_at is not null ${latest}`);
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
  const selectUnansweredSince = db.prepare(`select sent_at ${createsOfRecord} and state = 'unknown' ${latest}`).pluck();
  return {
    createInDoubt(resourceType: ResourceType, key: SourceKey): CreateInDoubt {
      const body = selectBody.get(target, resourceType, key) as string | undefined;
      const sentAt = selectUnansweredSince.get(target, resourceType, key) as number | null | undefined;
      return {
        body: body === undefined ? undefined : (JSON.parse(body) as FlatResource),
        sentAt: optionalInstant(sentAt),
      };
    },
    lastCreate(resourceType: ResourceType, key: SourceKey): LastCreate | undefined {
      const row = selectLast.get(target, resourceType, key) as
        { readonly id: number; readonly sentAt: number; readonly status: number | null } | undefined;
      if (row === undefined) return undefined;
      const firstEmptyAt = optionalInstant(selectFirstEmpty.get(key, resourceType, target, row.id) as number | null);
      return { sentAt: instant(row.sentAt), status: row.status ?? undefined, firstEmptyAt };
    },
  };
}
