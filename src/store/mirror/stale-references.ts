import type { EntryRef, StaleReferences } from '../../model/record.ts';
import { stageKeyChanges } from './consistency-check.ts';
import type { Db } from '../database.ts';
import type { BitSet } from './bit-set.ts';
import type { NewReading } from '../store.ts';

const partOf: Readonly<Record<string, EntryRef['part']>> = { User: 'users', Group: 'groups', Nested: 'nested' };

/** So long a server may take to put names right in other entries. Whatever comes later is found by the next reading of everything. */
const referenceUpdateWindowMs = 10 * 60_000;

/** Handles that another record bears now than in the mirror, and those that changed hands a short while ago. */
const reassignedHandles = `
  select h.id
  from staged_handle s
  cross join handle h on h.text = s.handle
  where not exists (
    select 1
    from handle_owner b
    cross join record o on o.id = b.record
    where b.handle = h.id
      and o.resource_type = s.resource_type
      and o.key = s.key
      and o.removed_in is null
  )
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
  )
  union
  select handle
  from recently_renamed`;

const isPresent = `
    r.removed_in is null
      and not exists (select 1 from staged_removed d where d.resource_type = r.resource_type and d.key = r.key)`;
const identity = `
  cross join handle_owner ib on ib.record = r.id
  cross join handle i on i.id = ib.handle
    and i.text glob 'id:*'`;

/**
 * What may have changed although nobody said so: servers put the new name of an entry into the groups that it is in, and take away the name
 * of one that is gone, without a word to those who ask for changes, and not always at once.
 *
 *     staged: id 7 is dn:robert now         mirror: id 7 bears dn:bob, group 3 names dn:bob   ─▶ group 3 is a referrer
 *     staged: id 9, new, is dn:bob          mirror: group 3 still names dn:bob               ─▶ group 3 is a referrer
 *     staged: id 8 is dn:eve now, and was   mirror: nobody names dn:eve, and group 4 may      ─▶ id 8 is renamed, and the server
 *             out of sight by another name          name the one that nobody knew                is asked who names it
 *
 * @param seen records that this reading gave, changed or not
 */
export function findStaleReferences(db: Db, seen: BitSet): StaleReferences | undefined {
  stageKeyChanges(db);
  const referrers = db
    .prepare(
      `
      with changed_hands(handle) as (${reassignedHandles})
      select distinct r.id, r.resource_type, i.text as handle
      from changed_hands c
      cross join reference f on f.handle = c.handle
      cross join record r on r.id = f.record
        and ${isPresent}
        and not exists (
          select 1 from staged_record s where s.resource_type = r.resource_type and s.key = r.key
        ) ${identity}`,
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
        and not exists (
          select 1
          from handle h
          cross join handle_owner b on b.handle = h.id
          cross join record o on o.id = b.record
          where h.text = s.handle
            and o.resource_type = s.resource_type
            and o.key = s.key
            and o.removed_in is null
        )
      union
      select r.resource_type, i.text
      from recently_renamed u
      cross join handle_owner b on b.handle = u.handle
      cross join record r on r.id = b.record
        and ${isPresent} ${identity}`,
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

/** More than these are not looked at one by one. */
const maxRecentRenames = 1_000;

/**
 * Keeps in mind which names changed hands in the reading whose links were just applied, but for the first of its kind: there all of them did.
 *
 * @returns false where they are too many, so that the next reading must be one of everything
 */
export function recordRecentRenames(db: Db, { at, signature }: Pick<NewReading, 'at' | 'signature'>): boolean {
  if (db.prepare('select 1 from reading where signature = ?').get(signature) === undefined) return true;
  db.prepare('delete from recently_renamed where at < ? or handle not in (select id from handle)').run(
    at - referenceUpdateWindowMs,
  );
  db.prepare(
    `
    insert or replace into recently_renamed (handle, at)
    select s.handle, ?
    from dirty_handle s
    join handle h on h.id = s.handle
      and h.text glob 'dn:*'`,
  ).run(at);
  if ((db.prepare('select count(*) from recently_renamed').pluck().get() as number) <= maxRecentRenames) return true;
  db.exec('delete from recently_renamed');
  return false;
}
