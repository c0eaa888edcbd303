import type { EntryRef, StaleReferences } from '../../../model/record.ts';
import { stageKeyChanges } from '../consistency-check.ts';
import { isMissingFrom } from '../missing-rows.ts';
import type { Db } from '../../database.ts';
import type { BitSet } from '../bit-set.ts';
import type { NewReading } from '../../store.ts';

const partOf: Readonly<Record<string, EntryRef['part']>> = { User: 'users', Group: 'groups', Nested: 'nested' };

/** Time in ms in which a server updates references in other entries. The next full reading finds later updates. */
const referenceUpdateWindowMs = 10 * 60_000;

/** In the mirror, the staged handle `s` does not belong to the record that has it now. */
const hasNewOwner = `
  not exists (
    select 1
    from handle h
    cross join handle_owner b on b.handle = h.id
    cross join record o on o.id = b.record
    where h.text = s.handle
      and o.resource_type = s.resource_type
      and o.key = s.key
      and o.removed_in is null
  )`;

/** Handles whose owner differs from the mirror. */
const reassignedHandles = `
  select h.id
  from staged_handle s
  cross join handle h on h.text = s.handle
  where ${hasNewOwner}
  union
  select h.id
  from staged_record s
  cross join record o on o.resource_type = s.resource_type
    and o.key = s.key
    and o.removed_in is null
  cross join handle_owner b on b.record = o.id
  cross join handle h on h.id = b.handle
  where not exists (
    select 1
    from staged_handle n
    where n.resource_type = s.resource_type
      and n.key = s.key
      and n.handle = h.text
  )`;

/** Handles that were reassigned recently. */
const recentHandles = 'select handle from recently_renamed';

const isPresent = `r.removed_in is null and ${isMissingFrom('staged_removed', 'r', ['resource_type', 'key'])}`;
const identity = `
  cross join handle_owner ib on ib.record = r.id
  cross join handle i on i.id = ib.handle
    and i.text glob 'id:*'`;

const recentlyRenamedEntries = `
  select r.resource_type, i.text
  from recently_renamed u
  cross join handle_owner b on b.handle = u.handle
  cross join record r on r.id = b.record
    and ${isPresent} ${identity}`;

/**
 * Finds entries whose references may be stale. After a rename or a deletion the server updates the members of groups,
 * but does not report the groups as changed, and may update them later.
 *
 *     staged                         mirror                                result
 *     id 7 has dn:robert             id 7 has dn:bob, group 3 has          group 3 is a referrer
 *                                    the member dn:bob
 *     id 9 is new and has dn:bob     group 3 has the member dn:bob         group 3 is a referrer
 *     id 8 has dn:eve; its old DN    no entry refers to dn:eve; group 4    id 8 is renamed; the server is asked
 *     was outside the search base    may refer to the old, unknown DN      which entries refer to it
 *
 * @param seen records that this reading contained, changed or not
 */
export function findStaleReferences(db: Db, seen: BitSet): StaleReferences | undefined {
  stageKeyChanges(db);
  const checksRecent = areFewRecentRenames(db);
  const referrers = db
    .prepare(
      `
      with changed_hands(handle) as (${reassignedHandles} ${checksRecent ? `union ${recentHandles}` : ''})
      select distinct r.id, r.resource_type, i.text as handle
      from changed_hands c
      cross join reference f on f.handle = c.handle
      cross join record r on r.id = f.record
        and ${isPresent}
        and ${isMissingFrom('staged_record', 'r', ['resource_type', 'key'])} ${identity}`,
    )
    .all() as { id: number; resource_type: string; handle: string }[];
  const renamed = db
    .prepare(
      `
      select i.resource_type, i.handle
      from staged_handle i
      cross join staged_handle s on s.resource_type = i.resource_type
        and s.key = i.key
        and s.handle glob 'dn:*'
      where i.handle glob 'id:*'
        and ${hasNewOwner}
      ${checksRecent ? `union ${recentlyRenamedEntries}` : ''}`,
    )
    .all() as { resource_type: string; handle: string }[];
  const all = {
    referrers: referrers.filter(({ id }) => !seen.has(id)).flatMap(toEntryRefs),
    renamedEntries: renamed.flatMap(toEntryRefs),
  };
  return all.referrers.length + all.renamedEntries.length === 0 ? undefined : all;
}

const toEntryRefs = ({
  resource_type: recordType,
  handle,
}: {
  readonly resource_type: string;
  readonly handle: string;
}): readonly EntryRef[] => {
  const part = partOf[recordType];
  return part === undefined ? [] : [{ part, handle }];
};

/** More recent renames, or entries that reference them, are not checked by each reading. */
const maxRecentRenames = 1_000;

/** Whether each reading checks the recent renames again. Otherwise one full reading does, after their window. */
function areFewRecentRenames(db: Db): boolean {
  const isMore = (rows: string): boolean =>
    (db
      .prepare(`select count(*) from (${rows} limit ${maxRecentRenames + 1})`)
      .pluck()
      .get() as number) > maxRecentRenames;
  return (
    !isMore(recentHandles) &&
    !isMore(`select distinct f.record from recently_renamed c cross join reference f on f.handle = c.handle`)
  );
}

/**
 * Records which DNs were reassigned in the reading whose references were just applied. The first reading with a
 * signature is left out, because all its DNs are new.
 *
 *     few recent renames     each reading checks them, for ten minutes
 *     many                   one full reading checks all that are older than ten minutes; at most one in ten minutes
 *
 * @returns false if the next reading must be a full one
 */
export function recordRecentRenames(
  db: Db,
  { at, signature }: Pick<NewReading, 'at' | 'signature'>,
  extent: 'full' | 'incremental',
): boolean {
  if (db.prepare('select 1 from reading where signature = ?').get(signature) === undefined) return true;
  db.exec('delete from recently_renamed where handle not in (select id from handle)');
  if (extent === 'full' || areFewRecentRenames(db))
    db.prepare('delete from recently_renamed where at < ?').run(at - referenceUpdateWindowMs);
  db.prepare(
    `
    insert or replace into recently_renamed (handle, at)
    select s.handle, ?
    from dirty_handle s
    join handle h on h.id = s.handle
      and h.text glob 'dn:*'`,
  ).run(at);
  const oldest = db.prepare('select min(at) from recently_renamed').pluck().get() as number | null;
  return oldest === null || oldest >= at - 2 * referenceUpdateWindowMs || areFewRecentRenames(db);
}
