import { isOwnRow } from './own-rows.ts';
import { instant, sourceKey } from '../../model/ids.ts';
import type { Attributes } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { countPresent } from './staging-counts.ts';
import { openStaging } from './staging.ts';
import { doubtColumns, doubtJoin, joinedColumn, toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { Mirror, Reading } from '../store.ts';
import { readMembershipPaths } from '../user-groups/membership-paths.ts';
import { openUserGroupLookup } from '../user-groups/user-group-lookup.ts';
import { readRejectionReport } from './rejection-report.ts';
import { readDangling } from './references/count-references.ts';
import { holdsText, textPattern } from '../search/text-pattern.ts';
import { visitRecords } from './references/visit-records.ts';

/** The columns of a record `r` for a select list, without those of joined sources. */
export const columnsOfRecord = `r.resource_type, r.key, r.active, r.valid_from, r.valid_to, r.zone, r.attributes,
  ${doubtColumns}`;

/**
 * Opens the mirror: the source as last read completely.
 *
 * @param isPrimary whether its users have records in joined sources
 */
export function openMirror(db: Db, isPrimary = true): Mirror {
  const recordColumns = isPrimary ? `${columnsOfRecord}, ${joinedColumn}` : columnsOfRecord;
  const last = db.prepare(
    'select number, at, fingerprint, signature, columns, rejected, bookmark, completed, facts from reading',
  );
  const selectRecord = db.prepare(
    `select ${recordColumns} from record r ${doubtJoin} where resource_type = ? and key = ? and removed_in is null`,
  );
  const byKey = db.prepare(
    `select ${recordColumns} from record r ${doubtJoin}
    where key = ? and removed_in is null and resource_type <> 'Nested'`,
  );
  const byValue = db.prepare(
    `
    select ${recordColumns}
    from record r ${doubtJoin}
    where removed_in is null
      and resource_type <> 'Nested'
      and attributes like ? escape '\\'
    limit 200`,
  );
  const groupsOf = db
    .prepare('select group_key from source_membership where member_key = ? and removed_in is null order by group_key')
    .pluck();
  const membersOf = db
    .prepare(
      `
      select member_key
      from source_membership
      where group_key = ?
        and member_key > ?
        and removed_in is null
      order by member_key
      limit ?`,
    )
    .pluck();

  const unresolvedReferences = `
    from record g
    join reference f on f.record = g.id
      and f.relation = 'member'
    join handle h on h.id = f.handle
    where g.resource_type = 'Group'
      and g.key = ?
      and g.removed_in is null
      and not exists (
        select 1
        from handle_owner b
        join record r on r.id = b.record
          and r.removed_in is null
        where b.handle = f.handle
      )`;
  const selectUnresolved = db.prepare(`select h.text ${unresolvedReferences} order by h.text limit ?`).pluck();
  const countUnresolved = db.prepare(`select count(*) ${unresolvedReferences}`).pluck();

  const textsBeyondAscii = db
    .prepare(
      `select attributes from record
      where removed_in is null and ${isOwnRow()} and attributes glob '*[^ -~]*' order by id limit ?`,
    )
    .pluck();

  return {
    async last() {
      const row = last.get() as
        | (Omit<Reading, 'columns' | 'at' | 'completed' | 'bookmark' | 'facts'> & {
            columns: string;
            at: number;
            completed: number;
            bookmark: string | null;
            facts: string | null;
          })
        | undefined;
      if (row === undefined) return undefined;
      const columns = JSON.parse(row.columns) as Reading['columns'];
      return {
        ...row,
        at: instant(row.at),
        columns,
        completed: instant(row.completed),
        bookmark: row.bookmark ?? undefined,
        facts: row.facts === null ? {} : (JSON.parse(row.facts) as Reading['facts']),
      };
    },
    async openStaging(options) {
      return openStaging(db, options);
    },
    async rejectionReport(limit) {
      return readRejectionReport(db, limit);
    },
    async counts() {
      return countPresent(db);
    },
    async danglingReferences(kind, limit) {
      return readDangling(db, kind, limit);
    },
    async forEachRecord(visit) {
      visitRecords(db, visit);
    },
    async valuesBeyondAscii(limit) {
      return (textsBeyondAscii.all(limit) as string[])
        .flatMap((text) => Object.values(JSON.parse(text) as Attributes).flat())
        .filter((value) => /[^\0-\x7f]/.test(value));
    },
    async report(judgements) {
      db.prepare(`update reading set facts = json_set(coalesce(facts, '{}'), '$.judgements', json(?))`).run(
        JSON.stringify(judgements),
      );
    },
    async saveValidator(validator) {
      db.prepare(`update reading set facts = json_patch(coalesce(facts, '{}'), ?)`).run(
        JSON.stringify({ validator: validator ?? null }),
      );
    },
    async record(resourceType, key) {
      const row = selectRecord.get(resourceType, key) as RecordRow | undefined;
      return row === undefined ? undefined : toRecord(row);
    },
    async search(text) {
      const exact = (byKey.all(text) as RecordRow[]).map(toRecord);
      if (exact.length > 0) return exact;
      return (byValue.all(textPattern(text)) as RecordRow[])
        .map(toRecord)
        .filter(({ attributes }) => holdsText(attributes, text))
        .slice(0, 20);
    },
    async groupsOf(member) {
      return (groupsOf.all(member) as string[]).map(sourceKey);
    },
    openUserGroups: () => openUserGroupLookup(db),
    async membershipPaths(user) {
      return readMembershipPaths(db, user);
    },
    async membersOf(group, after, limit) {
      return (membersOf.all(group, after, limit) as string[]).map(sourceKey);
    },
    async unresolvedMembers(group, limit) {
      return { total: countUnresolved.get(group) as number, handles: selectUnresolved.all(group, limit) as string[] };
    },
  };
}
