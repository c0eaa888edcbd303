import type { Db } from '../../database.ts';
import { identityHandles, maxHandles } from './identity-handles.ts';

/** The handles of the first active users of a staged reading who were inactive or absent in the mirror. */
export function leaversBack(db: Db): readonly string[] {
  const keys = db
    .prepare(
      `
      select s.key
      from staged_record s
      join record r on r.resource_type = s.resource_type
        and r.key = s.key
      where s.resource_type = 'User'
        and s.active = 1
        and (r.active = 0 or r.removed_in is not null)
      limit ${maxHandles}`,
    )
    .pluck()
    .all() as string[];
  return identityHandles(db, ['User'], keys);
}
