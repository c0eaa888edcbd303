import type { Named, Unsaid } from '../model/record.ts';
import { freeIdentities } from './contradiction.ts';
import type { Db } from './database.ts';
import type { Seen } from './seen.ts';
import type { NewReading } from './store.ts';

const partOf: Readonly<Record<string, Named['part']>> = { User: 'users', Group: 'groups', Nested: 'nested' };

/** So long a server may take to put names right in other entries. Whatever comes later is found by the next reading of everything. */
const settlingMs = 10 * 60_000;

/** Handles that another record bears now than in the mirror, and those that changed hands a short while ago. */
const changedHands = `
  select h.id from staged_handle s cross join handle h on h.text = s.handle
    where not exists (select 1 from bearer b cross join record o on o.id = b.record where b.handle = h.id and o.kind = s.kind and o.key = s.key and o.gone is null)
  union
  select h.id from staged_record s cross join record o on o.kind = s.kind and o.key = s.key and o.gone is null cross join bearer b on b.record = o.id cross join handle h on h.id = b.handle
    where not exists (select 1 from staged_handle n where n.kind = s.kind and n.key = s.key and n.handle = h.text)
  union
  select handle from unsettled`;

const isThere =
  'r.gone is null and not exists (select 1 from staged_removed d where d.kind = r.kind and d.key = r.key)';
const identity = `cross join bearer ib on ib.record = r.id cross join handle i on i.id = ib.handle and i.text glob 'id:*'`;

/**
 * What may have changed although nobody said so: servers put the new name of an entry into the groups that it is in, and take away the name
 * of one that is gone, without a word to those who ask for changes, and not always at once.
 *
 *     staged: id 7 is dn:robert now         mirror: id 7 bears dn:bob, group 3 names dn:bob   ─▶ group 3 is a namer
 *     staged: id 9, new, is dn:bob          mirror: group 3 still names dn:bob               ─▶ group 3 is a namer
 *     staged: id 8 is dn:eve now, and was   mirror: nobody names dn:eve, and group 4 may      ─▶ id 8 is renamed, and the server
 *             out of sight by another name          name the one that nobody knew                is asked who names it
 *
 * @param seen records that this reading gave, changed or not
 */
export function unsaid(db: Db, seen: Seen): Unsaid | undefined {
  freeIdentities(db);
  const namers = db
    .prepare(
      `with changed_hands(handle) as (${changedHands})
    select distinct r.id, r.kind, i.text as handle from changed_hands c cross join reference f on f.handle = c.handle cross join record r on r.id = f.record and ${isThere}
      and not exists (select 1 from staged_record s where s.kind = r.kind and s.key = r.key) ${identity}`,
    )
    .all() as { id: number; kind: string; handle: string }[];
  const renamed = db
    .prepare(
      `
    select i.kind, i.handle from staged_handle i cross join staged_handle s on s.kind = i.kind and s.key = i.key and s.handle glob 'dn:*'
      where i.handle glob 'id:*' and not exists (select 1 from handle h cross join bearer b on b.handle = h.id cross join record o on o.id = b.record
        where h.text = s.handle and o.kind = s.kind and o.key = s.key and o.gone is null)
    union
    select r.kind, i.text from unsettled u cross join bearer b on b.handle = u.handle cross join record r on r.id = b.record and ${isThere} ${identity}`,
    )
    .all() as { kind: string; handle: string }[];
  const all = { namers: namers.filter(({ id }) => !seen.has(id)).flatMap(named), renamed: renamed.flatMap(named) };
  return all.namers.length + all.renamed.length === 0 ? undefined : all;
}

const named = ({ kind, handle }: { readonly kind: string; readonly handle: string }): readonly Named[] => {
  const part = partOf[kind];
  return part === undefined ? [] : [{ part, handle }];
};

/** More than these are not looked at one by one. */
const mostUnsettled = 1_000;

/**
 * Keeps in mind which names changed hands in the reading whose links were just applied, but for the first of its kind: there all of them did.
 *
 * @returns false where they are too many, so that the next reading must be one of everything
 */
export function rememberUnsettled(db: Db, { at, shape }: Pick<NewReading, 'at' | 'shape'>): boolean {
  if (db.prepare('select 1 from reading where shape = ?').get(shape) === undefined) return true;
  db.prepare('delete from unsettled where at < ? or handle not in (select id from handle)').run(at - settlingMs);
  db.prepare(
    `insert or replace into unsettled (handle, at) select s.handle, ? from stirred_handle s join handle h on h.id = s.handle and h.text glob 'dn:*'`,
  ).run(at);
  if ((db.prepare('select count(*) from unsettled').pluck().get() as number) <= mostUnsettled) return true;
  db.exec('delete from unsettled');
  return false;
}
