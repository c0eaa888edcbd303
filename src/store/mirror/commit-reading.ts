import { isOwnRow } from './own-rows.ts';
import type { Db } from '../database.ts';
import { fillTable, isEmpty } from '../sqlite/fill-table.ts';
import { resolveMemberships } from './references/resolve-memberships.ts';
import type { BitSet } from './bit-set.ts';
import { recordRecentRenames } from './references/stale-references.ts';
import type { Rejections } from './rejections.ts';
import { knownMemberships } from './staging-counts.ts';
import { isMissingFrom } from './missing-rows.ts';
import { unseen } from './unseen-rows.ts';
import { countEntryReferences, countKeyReferences, updateUnresolved } from './references/count-references.ts';
import { markLoginsUnread } from '../identity/new-user-logins.ts';
import { updateManagers } from './references/manager-names.ts';
import { readAmbiguousHandles } from './references/ambiguous-handles.ts';
import type { ReferenceReport } from '../../model/reading/references.ts';
import type { CommittedReading, NewReading, StagingOptions } from '../store.ts';

/** What the staging counted and saw, beside its temporary tables. */
export interface StagedRows {
  readonly seenRecords: BitSet;
  readonly seenMemberships: BitSet;
  readonly rejections: Rejections;
  readonly options: StagingOptions;
  /** By which rules logins of new users are kept; undefined: it is the mirror of a joined source. */
  readonly loginRules: string | undefined;
}

/**
 * Commits the staged reading to the mirror.
 *
 * The seen records include those that a rejected row could be: they do not count as removed.
 *
 * If an incremental reading contains no change, the mirror keeps its number, so that the targets need no comparison.
 */
export function commitReading(db: Db, reading: NewReading, staged: StagedRows): CommittedReading {
  const last = db.prepare('select number from reading').pluck().get() as number | undefined;
  const number = 1 + (last ?? 0);
  const { extent, referenceOptions, managers } = staged.options;
  const { memberships, lost, isFirst } = writeChanges(db, number, staged);
  const canContinue = referenceOptions === undefined || recordRecentRenames(db, reading, extent);
  staged.rejections.commit(number, reading.at);
  const isChanged = last === undefined || extent === 'full' || hasChanges(db, number);
  const managerNames = updateManagers(db, number, managers, isFirst);
  if (staged.loginRules !== undefined) markLoginsUnread(db, number, staged.loginRules);
  const references = referencesAfter(db, number, { memberships, managerNames }, staged.options, lost);
  db.prepare(
    `insert into reading (id, number, at, fingerprint, signature, columns, rejected, bookmark, completed, facts,
      memberships, managers, manager_rules, login_rules)
    values (1, :number, :at, :fingerprint, :signature, :columns, :rejected, :bookmark, :at, :facts, :memberships,
      :managers, :managerRules, :loginRules)
    on conflict (id) do update set number = :number, at = :at, fingerprint = :fingerprint, signature = :signature,
      columns = :columns, rejected = :rejected, bookmark = :bookmark, facts = :facts,
      memberships = :memberships, managers = :managers, manager_rules = :managerRules, login_rules = :loginRules,
      completed = iif(:isFull, :at, completed)`,
  ).run({
    number: isChanged ? number : last,
    at: reading.at,
    fingerprint: reading.fingerprint,
    signature: reading.signature,
    columns: JSON.stringify(reading.columns),
    rejected: staged.rejections.total,
    bookmark: canContinue ? (reading.bookmark ?? null) : null,
    facts: JSON.stringify(factsOf(reading, references)),
    isFull: extent === 'full' ? 1 : 0,
    memberships,
    managers: managerNames ?? 0,
    managerRules: managers?.rules ?? null,
    loginRules: staged.loginRules ?? null,
  });
  return { number: isChanged ? number : last, isChanged, memberships, references };
}

/** @returns how many memberships the mirror holds, which references it lost, and whether it held no record before */
function writeChanges(
  db: Db,
  number: number,
  staged: StagedRows,
): { readonly memberships: number; readonly lost: ReferenceReport['lost']; readonly isFirst: boolean } {
  const { extent, referenceOptions, groupsFromColumn } = staged.options;
  const before = knownMemberships(db);
  let growth = 0;
  if (extent === 'incremental') applyReportedRemovals(db, number);
  else growth -= removeUnseen(db, number, staged);
  const isFirst = upsertRecords(db, number);
  let lost: ReferenceReport['lost'] = { members: 0, groups: 0, managers: 0 };
  if (referenceOptions !== undefined) {
    const resolved = resolveMemberships(db, number, referenceOptions);
    lost = resolved.lost;
    growth += resolved.growth;
  } else {
    if (groupsFromColumn) growth -= endMemberships(db, number);
    growth += upsertMemberships(db, number, groupsFromColumn);
  }
  if (groupsFromColumn) deriveGroups(db, number, staged.rejections);
  else if (referenceOptions === undefined) updateUnresolved(db, before === undefined ? undefined : number);
  return { memberships: before === undefined ? countMemberships(db) : before + growth, lost, isFirst };
}

const countMemberships = (db: Db): number =>
  db
    .prepare(`select count(*) from source_membership where ${isOwnRow()} and removed_in is null`)
    .pluck()
    .get() as number;

/** Whether the mirror counted the references of an earlier reading. */
const hasCounts = (db: Db): boolean =>
  db.prepare(`select json_extract(facts, '$.references') is not null from reading`).pluck().get() === 1;

/** The references of the mirror; undefined: no record changed, so they are those of the last reading. */
function referencesAfter(
  db: Db,
  number: number,
  { memberships, managerNames }: { readonly memberships: number; readonly managerNames: number | undefined },
  { extent, referenceOptions, groupsFromColumn, parseAll }: StagingOptions,
  lost: ReferenceReport['lost'],
): ReferenceReport | undefined {
  if (!parseAll && !hasChanges(db, number) && hasCounts(db)) return undefined;
  if (referenceOptions === undefined)
    return {
      counts: countKeyReferences(db, groupsFromColumn ? undefined : memberships, managerNames),
      lost,
      ambiguous: { total: 0, first: [] },
    };
  // The count reads all references, which an incremental reading must not.
  const counts = extent === 'full' ? countEntryReferences(db) : undefined;
  return { counts, lost, ambiguous: readAmbiguousHandles(db) };
}

const factsOf = ({ facts }: NewReading, references: ReferenceReport | undefined): NewReading['facts'] =>
  references?.counts === undefined ? facts : { ...facts, references: references.counts };

/** @returns the number of memberships that left */
function removeUnseen(
  db: Db,
  number: number,
  { options: { groupsFromColumn, referenceOptions }, seenRecords, seenMemberships }: StagedRows,
): number {
  const recordTypes = groupsFromColumn ? ['User'] : ['User', 'Group', 'Nested'];
  for (const recordType of recordTypes)
    markUnseenRows(db, 'record', `resource_type = '${recordType}'`, seenRecords, number);
  if (groupsFromColumn || referenceOptions !== undefined) return 0;
  return markUnseenRows(db, 'source_membership', 'true', seenMemberships, number);
}

/** Marks the records that the source reported as removed, except those that the same reading contains. */
function applyReportedRemovals(db: Db, number: number): void {
  db.prepare(
    `
    update record
    set removed_in = :number, changed_in = :number
    where removed_in is null
      and (resource_type, key) in (select resource_type, key from staged_removed)
      and (resource_type, key) not in (select resource_type, key from staged_record)`,
  ).run({ number });
}

/** @returns whether the mirror held no record before */
function upsertRecords(db: Db, number: number): boolean {
  const insert = db.prepare(
    `
    insert into record (resource_type, key, active, attributes, digest, changed_in, valid_from, valid_to, zone,
      signs)
    select resource_type, key, active, attributes, digest, ?, valid_from, valid_to, zone, signs
    from staged_record
    where is_changed = 1
    on conflict (resource_type, key) do update set active = excluded.active, attributes = excluded.attributes,
      digest = excluded.digest, changed_in = excluded.changed_in, removed_in = null,
      valid_from = excluded.valid_from, valid_to = excluded.valid_to, zone = excluded.zone,
      signs = excluded.signs`,
  );
  if (fillTable(db, 'record', ['record_by_digest'], () => insert.run(number))) return true;
  db.prepare(
    `update record set digest = s.digest, signs = s.signs
    from staged_record s
    where s.is_changed = 0 and s.resource_type = record.resource_type and s.key = record.key`,
  ).run();
  return false;
}

/**
 * Memberships of a file keep its order, in which the next reading compares them.
 *
 * @returns the number of memberships that the mirror did not hold
 */
function upsertMemberships(db: Db, number: number, groupsFromColumn: boolean): number {
  const added = db
    .prepare(
      `select count(*)
      from staged_membership s
      where ${isMissingFrom('source_membership', 's', ['group_key', 'member_key'], 'x.removed_in is null')}`,
    )
    .pluck()
    .get() as number;
  const insert = db.prepare(
    `insert into source_membership (group_key, member_key, digest, changed_in)
    select group_key, member_key, digest, ?
    from staged_membership
    where true
    order by ${groupsFromColumn ? 'group_key, member_key' : 'id'}
    on conflict (group_key, member_key) do update set digest = excluded.digest,
      changed_in = iif(removed_in is null, changed_in, excluded.changed_in), removed_in = null`,
  );
  const indexes = ['source_membership_by_digest', 'source_membership_by_member'];
  fillTable(db, 'source_membership', indexes, () => insert.run(number));
  return added;
}

function hasChanges(db: Db, number: number): boolean {
  const any = (table: string): boolean =>
    db.prepare(`select 1 from ${table} indexed by ${table}_by_change where changed_in = ? limit 1`).get(number) !==
    undefined;
  return any('record') || any('source_membership');
}

function markUnseenRows(
  db: Db,
  table: 'record' | 'source_membership',
  where: string,
  seen: BitSet,
  number: number,
): number {
  const mark = db.prepare(`update ${table} set removed_in = ?, changed_in = ? where id = ?`);
  let count = 0;
  for (const id of unseen(db, table, where, seen)) count += mark.run(number, number, id).changes;
  return count;
}

/**
 * Ends the memberships of users that left, and those that the column of a user no longer names.
 *
 * @returns how many
 */
function endMemberships(db: Db, number: number): number {
  if (isEmpty(db, 'source_membership')) return 0;
  // Without the index hints SQLite scans all users, and all memberships.
  const leftUsers = `
    select key
    from record indexed by record_by_change
    where changed_in = :number
      and removed_in = :number
      and resource_type = 'User'`;
  return db
    .prepare(
      `
      update source_membership indexed by source_membership_by_member
      set removed_in = :number, changed_in = :number
      where removed_in is null
        and ${isOwnRow()}
        and member_key in (${leftUsers} union select key from staged_record where resource_type = 'User')
        and (
          member_key in (${leftUsers})
            or not exists (
              select 1
              from staged_membership s
              where s.group_key = source_membership.group_key
                and s.member_key = source_membership.member_key
            )
        )`,
    )
    .run({ number }).changes;
}

/**
 * Derives groups from a column of the users: a group exists while it has at least one member. The cost depends on the
 * changed rows.
 */
function deriveGroups(db: Db, number: number, rejections: Rejections): void {
  db.prepare(
    `
    insert into record (resource_type, key, active, attributes, changed_in)
    select distinct 'Group', group_key, 1, json_object('name', json_array(group_key)), :number
    from staged_membership
    where true
    order by group_key
    on conflict (resource_type, key) do update set changed_in = excluded.changed_in, removed_in = null,
      attributes = excluded.attributes, digest = null
    where removed_in is not null
      or attributes <> excluded.attributes`,
  ).run({ number });
  const empty = db
    .prepare(
      `
      select id, key
      from record
      where resource_type = 'Group'
        and ${isOwnRow()}
        and removed_in is null
        and key in (
          select group_key from source_membership indexed by source_membership_by_change where changed_in = :number
          union
          select r.key from record_in_doubt x cross join record r on r.id = x.record
        )
        and not exists (select 1 from source_membership where group_key = record.key and removed_in is null)`,
    )
    .all({ number }) as { readonly id: number; readonly key: string }[];
  const remove = db.prepare('update record set removed_in = ?, changed_in = ? where id = ?');
  for (const { id, key } of empty) if (!rejections.keepsEmptyGroup(id, key)) remove.run(number, number, id);
}
