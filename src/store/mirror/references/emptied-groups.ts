import type { Db } from '../../database.ts';
import type { BitSet } from '../bit-set.ts';
import { isMissingFrom } from '../missing-rows.ts';
import type { EmptiedGroups, StagingOptions } from '../mirror-interface.ts';
import { identityHandles, maxHandles } from './identity-handles.ts';

const maxNames = 3;

const hasMembersNow = (row: string): string => `
  exists (
    select 1
    from staged_reference n
    where n.resource_type = ${row}.resource_type
      and n.key = ${row}.key
      and n.relation = 'member'
  )`;

const hadMembers = `exists (select 1 from reference f where f.record = r.id and f.relation = 'member')`;

/**
 * Finds the groups that had members and are staged without one; undefined: every group kept some.
 *
 * @param seen records that this reading contained, changed or not
 */
export function findEmptiedGroups(
  db: Db,
  seen: BitSet,
  { extent, referenceOptions }: Pick<StagingOptions, 'extent' | 'referenceOptions'>,
): EmptiedGroups | undefined {
  if (referenceOptions === undefined) return undefined;
  const rows = db
    .prepare(
      `
      select
        r.key,
        (
          select substr(h.handle, 4)
          from staged_handle h
          where h.resource_type = s.resource_type
            and h.key = s.key
            and h.handle glob 'dn:*'
        ) as dn
      from staged_record s
      cross join record r on r.resource_type = s.resource_type
        and r.key = s.key
        and r.removed_in is null
      where s.resource_type in ('Group', 'Nested')
        and ${hadMembers}
        and not ${hasMembersNow('s')}`,
    )
    .all() as { readonly key: string; readonly dn: string | null }[];
  if (rows.length === 0) return undefined;
  const shown = db
    .prepare(
      `select count(*) from staged_record s where s.resource_type in ('Group', 'Nested') and ${hasMembersNow('s')}`,
    )
    .pluck()
    .get() as number;
  return {
    emptied: rows.length,
    names: rows.slice(0, maxNames).map(({ key, dn }) => dn ?? key),
    handles: identityHandles(
      db,
      ['Group', 'Nested'],
      rows.slice(0, maxHandles).map(({ key }) => key),
    ),
    shown,
    remaining: shown + countUnchanged(db, extent === 'full' ? seen : undefined),
  };
}

/** Groups with members whose rows did not change. */
function countUnchanged(db: Db, seen: BitSet | undefined): number {
  const ids = db
    .prepare(
      `
      select r.id
      from record r
      where r.resource_type in ('Group', 'Nested')
        and r.removed_in is null
        and ${hadMembers}
        and ${isMissingFrom('staged_record', 'r', ['resource_type', 'key'])}
        and ${isMissingFrom('staged_removed', 'r', ['resource_type', 'key'])}`,
    )
    .pluck();
  let count = 0;
  for (const id of ids.iterate() as Iterable<number>) if (seen === undefined || seen.has(id)) count += 1;
  return count;
}
