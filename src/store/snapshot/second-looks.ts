import { instant, sourceKey, type Instant, type SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';

/** Removals of one target that are looked at once more. */
export interface SecondLooks {
  readonly removals: number;
  /** Those that no answer and no read has shown. */
  readonly unseen: number;
  /** When the first of them is due; undefined: there are none. */
  readonly first: Instant | undefined;
  /** Some of those that rest on a search, which may be late: the account was not found, or may have duplicates. */
  readonly searched: readonly {
    readonly key: SourceKey;
    readonly name: string;
    readonly detail: string;
    readonly due: Instant;
  }[];
}

/** No removal is looked at once more. */
export const noSecondLooks: SecondLooks = { removals: 0, unseen: 0, first: undefined, searched: [] };

const maxSearched = 5;

/** Reads the removals of one target that are looked at once more. */
export function secondLooks(db: Db, target: number): SecondLooks {
  const row = db
    .prepare(
      `
      select count(*) as removals, coalesce(sum(is_seen = 0), 0) as unseen, min(not_before) as first
      from verification
      where target = ?`,
    )
    .get(target) as { readonly removals: number; readonly unseen: number; readonly first: number | null };
  const searched = db
    .prepare(
      `
      select v.key, o.name, coalesce(o.detail, 'a create of it was in doubt') as detail, v.not_before as due
      from verification v
      join operation o on o.id = v.operation
      where v.target = ?
        and (o.status in (404, 410) or v.may_have_duplicates = 1)
      order by v.not_before, v.id
      limit ${maxSearched}`,
    )
    .all(target) as { readonly key: string; readonly name: string; readonly detail: string; readonly due: number }[];
  return {
    ...row,
    first: row.first === null ? undefined : instant(row.first),
    searched: searched.map((one) => ({ ...one, key: sourceKey(one.key), due: instant(one.due) })),
  };
}
