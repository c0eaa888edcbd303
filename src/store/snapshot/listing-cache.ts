import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { toKnown, type AccountRow } from '../sqlite/rows.ts';
import { accountColumns, foldedName } from './account-columns.ts';
import type { ListingCache } from '../store.ts';

const table = `
  create temp table if not exists listing_cache (
    target integer not null, resource_type text not null, remote_id text not null, name text not null,
    external_id text, found text not null);
  create index if not exists temp.listing_cache_by_name on listing_cache (target, resource_type, name);
  create index if not exists temp.listing_cache_by_external_id on listing_cache (target, resource_type, external_id);`;

/** Only `has` and `unlisted` need it, so other passes do not pay for it. */
const indexById = `
  create index if not exists temp.listing_cache_by_remote_id on listing_cache (target, resource_type, remote_id)`;

const selectUnlisted = `
  select a.id, ${accountColumns}
  from account a
  where a.target = :target
    and a.resource_type = :resourceType
    and a.id > :after
    and a.missing_since is null
    and not exists (
      select 1 from listing_cache l
      where l.target = :target and l.resource_type = :resourceType and l.remote_id = a.remote_id)
  order by a.id
  limit :limit`;

/** Opens the cache of listed accounts: a temporary table, indexed by unique name and externalId. */
export function openListingCache(db: Db, commits: GroupCommit, target: number): ListingCache {
  db.exec(table);
  const insert = db.prepare(
    'insert into listing_cache (target, resource_type, remote_id, name, external_id, found) values (?, ?, ?, ?, ?, ?)',
  );
  const byName = db
    .prepare('select found from listing_cache where target = ? and resource_type = ? and name = ? limit 2')
    .pluck();
  const byExternalId = db
    .prepare('select found from listing_cache where target = ? and resource_type = ? and external_id = ? limit 2')
    .pluck();
  const read = (rows: unknown[]): readonly RemoteResource[] =>
    (rows as string[]).map((row) => JSON.parse(row) as RemoteResource);
  return {
    clear: (resourceType) =>
      commits.write(() => {
        db.prepare('delete from listing_cache where target = ? and resource_type = ?').run(target, resourceType);
      }),
    add: (resourceType, resources) =>
      commits.write(() => {
        for (const resource of resources) {
          const externalId = resource.body['externalId'];
          insert.run(
            target,
            resourceType,
            resource.remoteId,
            foldedName(resourceType, resource.body),
            typeof externalId === 'string' ? externalId : null,
            JSON.stringify(resource),
          );
        }
      }),
    find(resourceType: ResourceType, attribute: string, value: string) {
      // Only these two are indexed. If a profile matches by another attribute, each account needs a lookup request.
      if (attribute === 'externalId') return read(byExternalId.all(target, resourceType, value));
      if (attribute === 'userName' || attribute === 'displayName')
        return read(byName.all(target, resourceType, value.toLowerCase()));
      return [];
    },
    has(resourceType, id) {
      db.exec(indexById);
      return (
        db
          .prepare('select 1 from listing_cache where target = ? and resource_type = ? and remote_id = ?')
          .get(target, resourceType, id) !== undefined
      );
    },
    async unlisted(resourceType, after, limit) {
      db.exec(indexById);
      const rows = db.prepare(selectUnlisted).all({ target, resourceType, after, limit }) as (AccountRow & {
        id: number;
      })[];
      return { page: rows.map(toKnown), next: rows.at(-1)?.id };
    },
  };
}
