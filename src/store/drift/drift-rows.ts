import { instant, remoteId, sourceKey } from '../../model/ids.ts';
import type { Json } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Drift, DriftHold, DriftMember } from '../../model/target/drift.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { DriftRecord } from './drift-interface.ts';

/** A row of the table `drift` with the name of its target. */
export interface DriftRow {
  readonly id: number;
  readonly target: string;
  readonly difference: Drift['kind'];
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly name: string;
  readonly remote_id: string;
  readonly path: string;
  readonly member_id: string;
  readonly member_type: ResourceType | null;
  readonly member_key: string | null;
  readonly acknowledged: string;
  readonly shown: string;
  readonly policy: Drift['policy'];
  readonly held: DriftHold | null;
  readonly found_at: number;
  readonly seen_at: number;
  readonly repair_at: number | null;
  readonly closed_at: number | null;
}

/** The columns of a `DriftRow`, of the tables `drift d` and `target t`. */
export const driftColumns =
  'd.id, t.name as target, d.difference, d.resource_type, d.key, d.name, d.remote_id, d.path, d.member_id, ' +
  'd.member_type, d.member_key, d.acknowledged, d.shown, d.policy, d.held, d.found_at, d.seen_at, d.repair_at, ' +
  'd.closed_at';

/** The difference of a row. */
export function toDriftRecord(row: DriftRow): DriftRecord {
  const member = memberOf(row);
  return {
    target: row.target,
    kind: row.difference,
    resourceType: row.resource_type,
    key: sourceKey(row.key),
    name: row.name,
    remoteId: remoteId(row.remote_id),
    path: row.path,
    ...(member === undefined ? {} : { member }),
    acknowledged: JSON.parse(row.acknowledged) as Json,
    shown: JSON.parse(row.shown) as Json,
    policy: row.policy,
    ...(row.held === null ? {} : { held: row.held }),
    foundAt: instant(row.found_at),
    seenAt: instant(row.seen_at),
    repairAt: optionalInstant(row.repair_at),
    closedAt: optionalInstant(row.closed_at),
  };
}

function memberOf({ member_id, member_type, member_key }: DriftRow): DriftMember | undefined {
  if (member_id === '') return undefined;
  const isOwned = member_type !== null && member_key !== null;
  return {
    id: remoteId(member_id),
    owner: isOwned ? { resourceType: member_type, key: sourceKey(member_key) } : undefined,
  };
}

/** Restricts the differences that a reader asks for; a missing field does not restrict them. */
export interface DriftFilter {
  readonly target?: string | undefined;
  /** Keys of users, or of groups. */
  readonly keys?: readonly string[] | undefined;
  readonly resourceType?: ResourceType | undefined;
  /** Only what no read has shown to be gone. */
  readonly isOpen?: boolean;
}

const pageSize = 500;

/** Differences in the order in which they were found, read page by page. */
export function* allDrift(db: Db, filter: DriftFilter): Generator<DriftRecord> {
  const select = db.prepare(`
    select ${driftColumns}
    from drift d
    join target t on t.id = d.target
    where d.id > :after
      and (:target is null or t.name = :target)
      and (:keys is null or d.key in (select value from json_each(:keys)))
      and (:resourceType is null or d.resource_type = :resourceType)
      and (:isOpen = 0 or d.closed_at is null)
    order by d.id
    limit ${pageSize}`);
  const parameters = {
    target: filter.target ?? null,
    keys: filter.keys === undefined ? null : JSON.stringify(filter.keys),
    resourceType: filter.resourceType ?? null,
    isOpen: filter.isOpen === true ? 1 : 0,
  };
  for (let after = 0; ;) {
    const rows = select.all({ ...parameters, after }) as DriftRow[];
    yield* rows.map(toDriftRecord);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
