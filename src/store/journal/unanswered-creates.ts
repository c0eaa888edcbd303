import type { FlatResource } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { payloadOf } from './operations.ts';
import type { UnansweredCreates } from './unanswered-interface.ts';

/** The creates of a record. Parameters: target, resource type, key. */
export const createsOfRecord = `
  from operation
  where target = ?
    and resource_type = ?
    and key = ?
    and action = 'create'`;
/** The condition of creates that got no response, or that the target refused. */
export const createDidNotEnd = `(state = 'unknown' or (state = 'failed' and requests > 0))`;

/** Reads the creates that got no response, or that the target refused. */
export function openUnansweredCreates(db: Db, targetOf: (name: string) => { readonly id: number }): UnansweredCreates {
  const selectBody = db
    .prepare(
      `select ${payloadOf('operation', 'body')} ${createsOfRecord} and ${createDidNotEnd} order by id desc limit 1`,
    )
    .pluck();
  return {
    async unansweredCreate(target, resourceType, key) {
      const body = selectBody.get(targetOf(target).id, resourceType, key) as string | undefined;
      return body === undefined ? undefined : (JSON.parse(body) as FlatResource);
    },
  };
}
