import type { EarlierUse } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { commitReading } from './commit-reading.ts';
import { findInconsistency } from './consistency-check.ts';
import { findKeyChanges, relinkAllFoundChanges, withholdFoundChanges } from '../identity/find-key-changes.ts';
import { attributesText } from '../sqlite/rows.ts';
import { BitSet } from './bit-set.ts';
import { openBlockIndex } from './blocks/block-index.ts';
import { openGroupSpellings } from './group-spellings.ts';
import { membershipIndex, recordIndex } from './digest-index.ts';
import { openRejections } from './rejections.ts';
import {
  isSameValidity,
  keyedRow,
  orNull,
  periodColumns,
  recordTypeOf,
  textOfSigns,
  withoutAttributes,
} from './mirror-row.ts';
import type { MirrorRow, ParsedRecord, RecordPart, RecordType } from './mirror-row.ts';
import { RowMatcher } from './row-matcher.ts';
import { openReferenceStaging } from './references/stage-references.ts';
import { stagingTables } from './staging-tables.ts';
import { managersText } from './references/manager-names.ts';
import { openDnLookup } from './references/dn-lookup.ts';
import { findEmptiedGroups } from './references/emptied-groups.ts';
import { countAfterChanges, countDerived, countPresent, countReportedDeletions } from './staging-counts.ts';
import { leaversBack } from './references/leavers-back.ts';
import { findStaleReferences } from './references/stale-references.ts';
import { openRepeatedRows } from './repeated-rows.ts';
import { countStagedValues } from './staged-values.ts';
import { openValueCounts } from './value-counts.ts';
import type {
  CountedPart,
  StagedReading,
  StagingOptions,
  ParsedRow,
  StagingSummary,
  NewReading,
  SourcePart,
  Row,
} from '../store.ts';

/** Stages one reading in temporary tables. Only `commit` writes the mirror. */
export function openStaging(db: Db, options: StagingOptions): StagedReading {
  db.exec(stagingTables(options.groupsFromColumn));
  const before = countPresent(db);
  const counted = { users: 0, groups: 0, nested: 0, memberships: 0 };
  const seenRecords = new BitSet();
  const seenMemberships = new BitSet();
  const duplicateKeys = new Set<string>();
  const groupSpellings = openGroupSpellings(db);
  const valueCounts = openValueCounts(db, options);
  const rejections = openRejections(db, options, { seenRecords, seenMemberships });
  const blockIndex = openBlockIndex(db, options);
  const seenIn = (part: SourcePart): BitSet => (part === 'memberships' ? seenMemberships : seenRecords);

  const matchers = options.parseAll
    ? undefined
    : {
        users: new RowMatcher(recordIndex(db, 'User')),
        groups: new RowMatcher(recordIndex(db, 'Group')),
        nested: new RowMatcher(recordIndex(db, 'Nested')),
        memberships: new RowMatcher(membershipIndex(db)),
      };
  const findRecord = db.prepare(
    `select id, active, valid_from, valid_to, zone, attributes, signs, removed_in
    from record
    where resource_type = ? and key = ?`,
  );
  const stagedLine = db.prepare('select line from staged_record where resource_type = ? and key = ?').pluck();
  const stagedIdentity = db
    .prepare(`select handle from staged_handle where resource_type = ? and key = ? and handle glob 'id:*'`)
    .pluck();
  const unstage = db.prepare('delete from staged_record where resource_type = ? and key = ?');
  const insertRecord = db.prepare(`
    insert into staged_record (resource_type, key, line, active, attributes, digest, is_changed, valid_from, valid_to,
      zone, signs, order_value, managers)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const stageReferences = openReferenceStaging(db);
  const insertRemoval = db.prepare(`
    insert or ignore into staged_removed (resource_type, key, handle)
    select r.resource_type, r.key, h.text
    from handle h
    join handle_owner b on b.handle = h.id
    join record r on r.id = b.record
      and r.removed_in is null
    where h.text = :handle
      and r.resource_type = :resourceType`);
  const insertMembership = db.prepare(
    'insert or ignore into staged_membership (group_key, member_key, digest) values (?, ?, ?)',
  );
  const insertExcluded = db.prepare('insert or ignore into staged_excluded (resource_type, key) values (?, ?)');
  const unstageGroups = db.prepare('delete from staged_membership where member_key = ?');
  /** Of several rows with one key, the chosen one is counted at the end. */
  const countsAtOnce = options.replacesEarlierRow === undefined;
  const repeatedRows = openRepeatedRows(db, options);
  const findMembership = db.prepare('select id from source_membership where group_key = ? and member_key = ?').pluck();
  const dnOf = openDnLookup(db);
  const { extent, groupsFromColumn } = options;
  let loginRules: string | undefined;
  const stagedKeys = { extent, groupsFromColumn, seenRecords, seenMemberships };

  const earlierUseOf = (recordType: RecordType, key: string, previous: MirrorRow | undefined): EarlierUse => ({
    stagedLine: stagedLine.get(recordType, key) as number | undefined,
    isRejected: duplicateKeys.has(`${recordType}:${key}`),
    isSeen: previous !== undefined && seenRecords.has(previous.id),
    dn: () => dnOf(recordType, key, previous?.id),
  });

  const insertStaged = (
    part: RecordPart,
    row: Row,
    { record, entryReferences, signs, order }: ParsedRecord,
    previous: MirrorRow | undefined,
  ): void => {
    const { key, active, attributes } = record;
    const recordType = recordTypeOf[part];
    const text = attributesText(attributes);
    const wasPresent = previous !== undefined && previous.removed_in === null;
    // Attributes that refer to other records are resolved later, and are compared then.
    const before = wasPresent
      ? withoutAttributes(previous.attributes, Object.keys(entryReferences?.attributeReferences ?? {}))
      : undefined;
    const isSame =
      wasPresent && before === text && (previous.active === 1) === active && isSameValidity(previous, record);
    const signsText = textOfSigns(signs);
    if (part !== 'nested' && countsAtOnce && !(isSame && previous.signs === signsText))
      valueCounts.count(part, wasPresent ? { ...previous, attributes: before ?? '' } : undefined, { ...record, signs });
    const flags = [Number(active), text, row.digest, Number(!isSame)];
    const managers = managersText(record, options.managers);
    insertRecord.run(recordType, key, row.line, ...flags, ...periodColumns(record), signsText, orNull(order), managers);
    if (entryReferences !== undefined) stageReferences(recordType, key, entryReferences);
    counted[part] += 1;
  };

  const stageGroups = ({ record: { key }, groups = [] }: ParsedRecord): void => {
    for (const group of groups) insertMembership.run(groupSpellings.keyOf(group), key, null);
  };

  /** Whether a row with the key of an earlier row is the same, or `rows` decides between the two. */
  const isResolved = (part: RecordPart, row: Row, parsed: ParsedRecord, previous: MirrorRow | undefined): boolean => {
    const { key } = parsed.record;
    if (duplicateKeys.has(`${recordTypeOf[part]}:${key}`)) return false;
    const isSeen = previous !== undefined && seenRecords.has(previous.id);
    const repeated = repeatedRows.compare(parsed, isSeen ? previous : undefined);
    if (repeated === 'replaces') {
      if (unstage.run(recordTypeOf[part], key).changes > 0) counted[part] -= 1;
      unstageGroups.run(key);
      insertStaged(part, row, parsed, previous);
      stageGroups(parsed);
    }
    return repeated !== 'conflict';
  };

  const stageRecord = (part: RecordPart, row: Row, parsed: ParsedRecord): void => {
    if (parsed.mayContain !== undefined) rejections.add(part, row, parsed.mayContain);
    const { key } = parsed.record;
    const recordType = recordTypeOf[part];
    const previous = findRecord.get(recordType, key) as MirrorRow | undefined;
    const reason = options.duplicateKeyReason(
      keyedRow(key, parsed.entryReferences),
      earlierUseOf(recordType, key, previous),
    );
    if (reason !== undefined && isResolved(part, row, parsed, previous)) return;
    if (reason !== undefined) {
      if (unstage.run(recordType, key).changes > 0) counted[part] -= 1;
      duplicateKeys.add(`${recordType}:${key}`);
      const handles = [
        ...(parsed.entryReferences?.handles ?? []),
        ...(stagedIdentity.all(recordType, key) as string[]),
      ];
      const subject = { kind: 'record', handles: handles.filter((handle) => handle.startsWith('id:')) } as const;
      rejections.add(part, row, { line: row.line, key, reason, subject });
      return;
    }
    if (previous !== undefined) seenRecords.add(previous.id);
    insertStaged(part, row, parsed, previous);
    stageGroups(parsed);
  };

  /** Removes the memberships of rows that were rejected after they were staged. */
  const unstageMemberships = (): void => {
    if (options.groupsFromColumn && duplicateKeys.size > 0)
      db.exec(`
        delete from staged_membership
        where member_key not in (select key from staged_record where resource_type = 'User')`);
  };

  const stageMembership = (row: Row, group: string, member: string): void => {
    const id = findMembership.get(group, member) as number | undefined;
    // A repeated membership counts once.
    const isRepeated = id !== undefined && !seenMemberships.add(id);
    if (insertMembership.run(group, member, row.digest).changes > 0 && !isRepeated) counted.memberships += 1;
  };

  return {
    blocks: {
      has: (part, digest) => blockIndex.has(part, digest),
      async skip(part, digest) {
        const block = blockIndex.see(part, digest, seenIn(part));
        if (block !== undefined) counted[part] += block.rows;
        return block?.lines;
      },
    },
    async changedRows(part, rows, blocks) {
      const matcher = matchers?.[part];
      const seen = seenIn(part);
      const ids = rows.map((row) => {
        const id = matcher?.match(row.digest);
        return id !== undefined && seen.add(id) ? id : undefined;
      });
      if (blocks !== undefined) blockIndex.stage(part, rows, ids, blocks);
      const changedIndices = [...ids.keys()].filter((index) => ids[index] === undefined);
      counted[part] += rows.length - changedIndices.length;
      return changedIndices;
    },
    async stage(part, rows, parsed) {
      blockIndex.flush();
      for (const [index, item] of parsed.entries()) {
        const row = rows[index];
        if (row !== undefined) stageRow(part, row, item);
      }
    },
    async stageRemovals(part, handles) {
      if (part === 'memberships') return;
      for (const handle of handles) insertRemoval.run({ handle, resourceType: recordTypeOf[part] });
    },
    async staleReferences() {
      if (options.extent === 'full' || options.referenceOptions === undefined) return undefined;
      unstageReferences();
      return findStaleReferences(db, seenRecords);
    },
    async findKeyChanges(rules) {
      loginRules = rules.rules;
      unstageMemberships();
      unstageReferences();
      return findKeyChanges(db, stagedKeys, rules);
    },
    async withholdKeyChanges(at) {
      counted.users -= withholdFoundChanges(db, stagedKeys, at);
    },
    async relinkKeyChanges(at) {
      relinkAllFoundChanges(db, stagedKeys, at);
    },
    async summary(): Promise<StagingSummary> {
      unstageMemberships();
      unstageReferences();
      const inconsistency = options.extent === 'incremental' ? findInconsistency(db) : undefined;
      rejections.settle();
      const values = countsAtOnce ? valueCounts : countStagedValues(db, openValueCounts(db, options));
      return {
        before,
        after: expectedCounts(),
        reportedDeletions: countReportedDeletions(db),
        rejected: rejections.total,
        rejections: rejections.list,
        undecodable: rejections.undecodable,
        ...values.summary(seenRecords),
        chooseAgainAt: repeatedRows.chooseAgainAt(),
        leaversBack: options.referenceOptions === undefined ? [] : leaversBack(db),
        emptiedGroups: findEmptiedGroups(db, seenRecords, options),
        groupSpellings: groupSpellings.found(),
        inconsistency,
      };
    },
    async commit(reading: NewReading) {
      unstageMemberships();
      unstageReferences();
      rejections.settle();
      const committed = commitReading(db, reading, { seenRecords, seenMemberships, rejections, options, loginRules });
      blockIndex.commit();
      return committed;
    },
    remember: () => rejections.remember(counted),
    discard: async () => void db.exec(stagingTables(options.groupsFromColumn)),
  };

  function stageRow(part: SourcePart, row: Row, item: ParsedRow): void {
    if (item.kind === 'rejected') rejections.add(part, row, item);
    else if (item.kind === 'membership') stageMembership(row, item.membership.group, item.membership.member);
    else if (part === 'memberships') return;
    else if (item.kind === 'record') stageRecord(part, row, item);
    else if (item.key !== undefined) insertExcluded.run(recordTypeOf[part], item.key);
  }

  /** Removes the references of rows that were rejected because of a duplicate key. */
  function unstageReferences(): void {
    if (options.referenceOptions === undefined || duplicateKeys.size === 0) return;
    for (const table of ['staged_handle', 'staged_reference'])
      db.exec(`delete from ${table} where (resource_type, key) not in (select resource_type, key from staged_record)`);
  }

  function expectedCounts(): Record<CountedPart, number> {
    const { users, groups, memberships } = options.extent === 'incremental' ? countAfterChanges(db, before) : counted;
    if (options.referenceOptions !== undefined) return { users, groups, memberships: before.memberships };
    return { users, groups, memberships, ...(options.groupsFromColumn ? countDerived(db, before) : {}) };
  }
}
