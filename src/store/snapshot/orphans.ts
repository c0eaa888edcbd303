import { instant, sourceKey, type Instant } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import type { Orphan, OrphanCounts, Orphans, TakenOver } from './orphans-interface.ts';
import type { Snapshot } from './snapshot.ts';

/** Listed accounts whose owner is still to be found, for the duration of one comparison. */
const draftTable = `
  create temp table if not exists orphan_draft (
    target integer not null, remote_id text not null, external_id text, folded_id text, name text not null,
    listed_row integer not null, primary key (target, remote_id)) without rowid;
  create index if not exists temp.orphan_draft_by_external_id on orphan_draft (target, folded_id);
  create index if not exists temp.orphan_draft_by_name on orphan_draft (target, name) where external_id is null;`;

const openOrphan = 'target = ? and external_id is not null and is_foreign = 0';

interface OrphanRow {
  readonly remote_id: string;
  readonly external_id: string;
  readonly name: string;
  readonly active: number;
  readonly listed_at: number;
}

const orphanColumns = 'remote_id, external_id, name, active, listed_at';

const toOrphan = (row: OrphanRow): Orphan => ({
  remoteId: row.remote_id,
  externalId: row.external_id,
  userName: row.name,
  isActive: row.active === 1,
  listedAt: instant(row.listed_at),
});

/** The numbers of one target. */
export function orphanCounts(db: Db, target: number): OrphanCounts {
  const row = db
    .prepare(
      `
      select count(external_id) as orphans, count(*) - count(external_id) as unowned
      from orphan
      where target = ? and is_foreign = 0`,
    )
    .get(target) as OrphanCounts;
  return { orphans: row.orphans, unowned: row.unowned };
}

/** Orphans of one target in order of their id, by page. */
export function orphanPage(db: Db, target: number, after: string, limit: number): readonly Orphan[] {
  const rows = db
    .prepare(`select ${orphanColumns} from orphan where ${openOrphan} and remote_id > ? order by remote_id limit ?`)
    .all(target, after, limit) as OrphanRow[];
  return rows.map(toOrphan);
}

/** Opens the orphans of one target. */
export function openOrphans(db: Db, commits: GroupCommit, target: number, snapshot: Snapshot): Orphans {
  return {
    beginListing: () =>
      commits.write(() => {
        db.exec(draftTable);
        db.prepare('delete from orphan_draft where target = ?').run(target);
        db.prepare(
          `
        insert or ignore into orphan_draft (target, remote_id, external_id, folded_id, name, listed_row)
        select target, remote_id, nullif(trim(external_id), ''), lower(nullif(trim(external_id), '')), name, l.rowid
        from listing_cache l
        where target = :target
          and resource_type = 'User'
          and not exists (
            select 1
            from account a
            where a.target = :target
              and a.resource_type = 'User'
              and a.remote_id = l.remote_id
          )`,
        ).run({ target });
        // Another account of a record that has one. By default, the externalId is the key.
        db.prepare(
          `
        delete from orphan_draft
        where target = :target
          and external_id is not null
          and exists (
            select 1
            from record r
            where r.resource_type = 'User'
              and r.key = external_id
              and r.removed_in is null
          )`,
        ).run({ target });
        db.prepare(
          `
        delete from orphan_draft
        where target = :target
          and folded_id in (
            select lower(json_extract(a.body, '$.externalId'))
            from account a
            join record r on r.resource_type = 'User' and r.key = a.key and r.removed_in is null
            where a.target = :target
              and a.resource_type = 'User'
          )`,
        ).run({ target });
      }),
    leaveOut: (owners) =>
      commits.write(() => {
        const byExternalId = db.prepare('delete from orphan_draft where target = ? and folded_id = ?');
        const byName = db.prepare('delete from orphan_draft where target = ? and external_id is null and name = ?');
        for (const { externalId, userName } of owners) {
          if (externalId !== undefined) byExternalId.run(target, externalId.trim().toLowerCase());
          if (userName !== undefined) byName.run(target, userName.toLowerCase());
        }
      }),
    async candidates(after, limit) {
      const rows = db
        .prepare(
          `
          select l.found
          from orphan_draft d
          join listing_cache l on l.rowid = d.listed_row
          where d.target = ?
            and d.external_id is not null
            and d.remote_id > ?
            and not exists (
              select 1
              from orphan o
              where o.target = d.target
                and o.remote_id = d.remote_id
                and o.is_foreign = 1
            )
          order by d.remote_id
          limit ?`,
        )
        .pluck()
        .all(target, after, limit) as string[];
      return rows.map((row) => JSON.parse(row) as RemoteResource);
    },
    async candidatesWithoutExternalId() {
      return db
        .prepare(
          `
          select count(*)
          from orphan_draft d
          left join orphan o using (target, remote_id)
          where d.target = ?
            and d.external_id is null
            and coalesce(o.is_foreign, 0) = 0`,
        )
        .pluck()
        .get(target) as number;
    },
    leaveOutAccount: (remoteId) =>
      commits.write(() => {
        db.prepare('delete from orphan_draft where target = ? and remote_id = ?').run(target, remoteId);
      }),
    commitListing: (at, isComplete, countsUnowned) =>
      commits.write(() => {
        const hadUnowned = db
          .prepare('select 1 from orphan where target = ? and external_id is null limit 1')
          .get(target);
        db.prepare(
          `
          insert into orphan (target, remote_id, external_id, name, active, resource, listed_at)
          select d.target, d.remote_id, d.external_id, l.name,
            coalesce(json_extract(l.found, '$.active'), 1), iif(d.external_id is null, null, l.found), :at
          from orphan_draft d
          join listing_cache l on l.rowid = d.listed_row
          where d.target = :target
            and (d.external_id is not null or :unowned)
          on conflict (target, remote_id) do update set external_id = excluded.external_id, name = excluded.name,
            active = excluded.active, resource = excluded.resource, listed_at = excluded.listed_at`,
        ).run({ target, at, unowned: countsUnowned || hadUnowned !== undefined ? 1 : 0 });
        if (isComplete) db.prepare('delete from orphan where target = ? and listed_at < ?').run(target, at);
        db.prepare('delete from orphan_draft where target = ?').run(target);
      }),
    async counts() {
      return orphanCounts(db, target);
    },
    async page(after, limit) {
      return orphanPage(db, target, after, limit);
    },
    async find(text) {
      const rows = db
        .prepare(
          `select ${orphanColumns} from orphan
          where ${openOrphan} and (external_id = ? or name = ? or remote_id = ?) order by remote_id`,
        )
        .all(target, text, text.toLowerCase(), text) as OrphanRow[];
      return rows.map(toOrphan);
    },
    async declareForeign(remoteId) {
      db.prepare('update orphan set is_foreign = 1 where target = ? and remote_id = ?').run(target, remoteId);
    },
    async declareAllForeign() {
      const counts = orphanCounts(db, target);
      db.prepare('update orphan set is_foreign = 1 where target = ?').run(target);
      return counts;
    },
    async takeOver(remoteId, at) {
      return takeOver(db, target, snapshot, remoteId, at);
    },
    async giveBackHeld(accounts) {
      let count = 0;
      await commits.write(() => {
        for (const account of accounts) if (giveBackHeld(db, target, snapshot, account)) count += 1;
      });
      return count;
    },
  };
}

/**
 * The key of an orphan is its externalId, as that of every account by default. Where a record or another account has
 * that key, it is the account's id with a prefix.
 */
function takeOver(db: Db, target: number, snapshot: Snapshot, remoteId: string, at: Instant): TakenOver | undefined {
  const row = db
    .prepare(`select ${orphanColumns}, resource from orphan where target = ? and remote_id = ?`)
    .get(target, remoteId) as (OrphanRow & { resource: string }) | undefined;
  if (row === undefined) return undefined;
  const isUsed = db
    .prepare(
      `
      select exists (select 1 from record where resource_type = 'User' and key = :key and removed_in is null)
        or exists (select 1 from account where target = :target and resource_type = 'User' and key = :key)`,
    )
    .pluck()
    .get({ target, key: row.external_id });
  const key = sourceKey(isUsed === 1 ? `orphan:${remoteId}` : row.external_id);
  // The manager is the id of an account, which the snapshot does not compare.
  const { manager: _, ...resource } = JSON.parse(row.resource) as RemoteResource;
  snapshot.apply('User', key, { kind: 'adopt', resource }, at);
  db.prepare(
    `
    insert into requeue (target, resource_type, key, this_pass)
    values (?, 'User', ?, 1)
    on conflict (target, resource_type, key) do update set this_pass = 1`,
  ).run(target, key);
  return { key, orphan: toOrphan(row), resource: row.resource };
}

/** @returns whether the last operation on the account is held */
function giveBackHeld(db: Db, target: number, snapshot: Snapshot, { key, orphan, resource }: TakenOver): boolean {
  const state = db
    .prepare(
      `
      select o.state
      from operation o indexed by operation_by_key
      where o.key = ?
        and o.resource_type = 'User'
        and o.target = ?
        and o.action <> 'members'
      order by o.id desc
      limit 1`,
    )
    .pluck()
    .get(key, target);
  if (state !== 'held') return false;
  const { remoteId, externalId, userName, isActive, listedAt } = orphan;
  snapshot.apply('User', key, { kind: 'forget' }, listedAt);
  db.prepare(
    `
    insert into orphan (target, remote_id, external_id, name, active, resource, listed_at)
    values (?, ?, ?, ?, ?, ?, ?)`,
  ).run(target, remoteId, externalId, userName, isActive ? 1 : 0, resource, listedAt);
  db.prepare(`delete from requeue where target = ? and resource_type = 'User' and key = ?`).run(target, key);
  return true;
}
