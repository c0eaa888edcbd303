import type { Db } from '../database.ts';
import { hasMirrorTables } from './mirror-tables.ts';

/** Finds users of the primary source by what they have in joined sources. */
export interface JoinedSearch {
  /** Keys of users whose joined record has this key, or a whole value like this one, in any case. */
  byValue(text: string): readonly string[];
  /** Keys of users whose joined record has this handle: a DN, for example. */
  byHandle(handle: string): readonly string[];
}

const maxFound = 200;

/** Opens the search. It reads each joined record once, so it is for single questions of operators. */
export function openJoinedSearch(db: Db): JoinedSearch {
  return {
    byValue(text) {
      const rows = db
        .prepare(
          `select distinct j.key
          from joined_user j
          where j.joined_key = :text
            or exists (
              select 1
              from json_each(j.attributes) a
              join json_each(a.value) v
              where lower(v.value) = lower(:text)
            )
          order by j.key
          limit ${maxFound}`,
        )
        .pluck();
      return rows.all({ text }) as string[];
    },
    byHandle(handle) {
      const sources = db.prepare('select id from joined_source order by id').pluck().all() as number[];
      return sources.flatMap((id) => {
        const prefix = `joined_${id}_`;
        if (!hasMirrorTables(db, prefix)) return [];
        return db
          .prepare(
            `select j.key
            from ${prefix}handle h
            join ${prefix}handle_owner o on o.handle = h.id
            join ${prefix}record r on r.id = o.record
              and r.resource_type = 'User'
              and r.removed_in is null
            join joined_user j on j.source = :id
              and j.joined_key = r.key
            where h.text = :handle`,
          )
          .pluck()
          .all({ id, handle }) as string[];
      });
    },
  };
}
