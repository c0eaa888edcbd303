import { sourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Attributes, SourceRecord } from '../model/record.ts';
import type { Db } from './database.ts';
import { believe } from './believe.ts';
import { attributesText } from './rows.ts';
import { Seen } from './seen.ts';
import { Sequence } from './sequence.ts';
import type { Intake, IntakeOptions, IntakeRow, IntakeSummary, NewReading, Part, Rejection, RowDigest } from './store.ts';

/** Past this, a reading is not worth believing row by row, and its messages not worth reading. */
const rejectionsListed = 100;

const kindOf = { users: 'User', groups: 'Group' } as const;

const stagingTables = `
  create temp table if not exists staged_record (
    kind text not null, key text not null, line integer not null, active integer not null, attributes text not null,
    digest blob, changed integer not null, primary key (kind, key)) without rowid;
  create temp table if not exists staged_edge (
    group_key text not null, member_key text not null, digest blob, primary key (group_key, member_key)) without rowid;
  delete from staged_record; delete from staged_edge;`;

/** Stages one reading in temporary tables; the mirror itself is touched by `believe` alone. */
export function openIntake(db: Db, options: IntakeOptions): Intake {
  db.exec(stagingTables);
  const before = countPresent(db);
  const after = { users: 0, groups: 0, memberships: 0 };
  const seenRecords = new Seen();
  const seenEdges = new Seen();
  const blocked = new Set<string>();
  const blanked = new Map<string, number>();
  const rejections: Rejection[] = [];
  let rejected = 0;

  const sequences = options.parseAll ? undefined : {
    users: new Sequence(recordIndex(db, 'User')),
    groups: new Sequence(recordIndex(db, 'Group')),
    memberships: new Sequence(edgeIndex(db)),
  };
  const findRecord = db.prepare('select id, active, attributes, gone from record where kind = ? and key = ?');
  const stagedLine = db.prepare('select line from staged_record where kind = ? and key = ?').pluck();
  const unstage = db.prepare('delete from staged_record where kind = ? and key = ?');
  const stageRecord = db.prepare(`insert into staged_record (kind, key, line, active, attributes, digest, changed)
    values (?, ?, ?, ?, ?, ?, ?)`);
  const stageEdge = db.prepare('insert or ignore into staged_edge (group_key, member_key, digest) values (?, ?, ?)');
  const findEdge = db.prepare('select id from edge where group_key = ? and member_key = ?').pluck();

  const reject = (rejection: Rejection): void => {
    rejected += 1;
    if (rejections.length < rejectionsListed) rejections.push(rejection);
  };

  /** Where another row of this reading for the same key stands, in words. */
  const twinOf = (kind: Kind, key: string, previous: MirrorRow | undefined): string | undefined => {
    const line = stagedLine.get(kind, key) as number | undefined;
    if (line !== undefined) return `line ${line}`;
    const wasRead = blocked.has(`${kind}:${key}`) || (previous !== undefined && seenRecords.has(previous.id));
    return wasRead ? 'another line' : undefined;
  };

  const stage = (part: 'users' | 'groups', row: RowDigest, { kind, key, active, attributes }: SourceRecord, previous: MirrorRow | undefined): void => {
    const text = attributesText(attributes);
    const wasPresent = previous !== undefined && previous.gone === null;
    const same = wasPresent && previous.attributes === text && (previous.active === 1) === active;
    if (part === 'users' && wasPresent && !same) countBlanked(previous.attributes, attributes, options.relevant, blanked);
    stageRecord.run(kind, key, row.line, active ? 1 : 0, text, row.digest, same ? 0 : 1);
    after[part] += 1;
  };

  const takeRecord = (part: 'users' | 'groups', row: RowDigest, record: SourceRecord, groups: readonly string[] | undefined): void => {
    const { kind, key } = record;
    const previous = findRecord.get(kind, key) as MirrorRow | undefined;
    const twin = twinOf(kind, key, previous);
    if (twin !== undefined) {
      // Two rows for one key: which of them is true cannot be known, so the mirror keeps what it had.
      if (unstage.run(kind, key).changes > 0) after[part] -= 1;
      blocked.add(`${kind}:${key}`);
      reject({ part, line: row.line, key, reason: `the key ${key} stands on ${twin} too; neither row is taken` });
      return;
    }
    if (previous !== undefined) seenRecords.add(previous.id);
    stage(part, row, record, previous);
    for (const group of groups ?? []) stageEdge.run(group, key, null);
  };

  /** What a row that was taken back said about its groups goes with it. */
  const unstageEdges = (): void => {
    if (options.groupsFromColumn && blocked.size > 0) db.exec(`delete from staged_edge where member_key not in (select key from staged_record where kind = 'User')`);
  };

  const takeEdge = (row: RowDigest, group: string, member: string): void => {
    const id = findEdge.get(group, member) as number | undefined;
    // The same membership twice means the same as once.
    const isRepeated = id !== undefined && !seenEdges.add(id);
    if (stageEdge.run(group, member, row.digest).changes > 0 && !isRepeated) after.memberships += 1;
  };

  return {
    async match(part, rows) {
      if (sequences === undefined) return rows.map((_, index) => index);
      const sequence = sequences[part];
      const seen = part === 'memberships' ? seenEdges : seenRecords;
      const differing: number[] = [];
      for (const [index, row] of rows.entries()) {
        const id = sequence.match(row.digest);
        if (id !== undefined && seen.add(id)) after[part] += 1;
        else differing.push(index);
      }
      return differing;
    },
    async take(part, rows, parsed) {
      for (const [index, item] of parsed.entries()) {
        const row = rows[index];
        if (row === undefined) continue;
        takeRow(part, row, item);
      }
    },
    async summary(): Promise<IntakeSummary> {
      unstageEdges();
      return { before, after: options.groupsFromColumn ? { ...after, ...countDerived(db, before) } : { ...after }, rejected, rejections, blanked: withHad(db, blanked) };
    },
    async believe(reading: NewReading) {
      unstageEdges();
      return believe(db, reading, { seenRecords, seenEdges, rejected, groupsFromColumn: options.groupsFromColumn });
    },
    async discard() {
      db.exec(stagingTables);
    },
  };

  function takeRow(part: Part, row: RowDigest, item: IntakeRow): void {
    if (item.kind === 'rejected') reject({ part, line: item.line, key: item.key, reason: item.reason });
    else if (item.kind === 'edge') takeEdge(row, item.edge.group, item.edge.member);
    else if (part !== 'memberships') takeRecord(part, row, { ...item.record, kind: kindOf[part], key: sourceKey(item.record.key) }, item.groups);
  }
}

interface MirrorRow {
  readonly id: number;
  readonly active: number;
  readonly attributes: string;
  readonly gone: number | null;
}

export function countPresent(db: Db): Record<Part, number> {
  const count = (sql: string): number => db.prepare(sql).pluck().get() as number;
  return {
    users: count(`select count(*) from record where kind = 'User' and gone is null`),
    groups: count(`select count(*) from record where kind = 'Group' and gone is null`),
    memberships: count('select count(*) from edge where gone is null'),
  };
}

/**
 * The groups and memberships that a column of the people would make: those of the rows that were taken, and those of everybody
 * else as they were. Whoever is missing is counted as a person, not a second time by memberships.
 */
function countDerived(db: Db, before: Record<Part, number>): Pick<Record<Part, number>, 'groups' | 'memberships'> {
  // An unchanged reading should not have to walk through all memberships.
  if (db.prepare('select 1 from staged_record limit 1').get() === undefined) return { groups: before.groups, memberships: before.memberships };
  return db.prepare(`select count(distinct group_key) as groups, count(*) as memberships from (
    select group_key from edge where gone is null and member_key not in (select key from staged_record where kind = 'User')
    union all select group_key from staged_edge)`).get() as { groups: number; memberships: number };
}

function recordIndex(db: Db, kind: Kind) {
  const page = db.prepare('select id, digest from record indexed by record_present where kind = ? and id > ? and gone is null and digest is not null order by id limit ?');
  const find = db.prepare('select id from record where kind = ? and digest = ? and gone is null').pluck();
  return {
    pageAfter: (id: number, limit: number) => page.all(kind, id, limit) as { id: number; digest: Buffer }[],
    find: (digest: Buffer) => find.get(kind, digest) as number | undefined,
  };
}

function edgeIndex(db: Db) {
  const page = db.prepare('select id, digest from edge where id > ? and gone is null and digest is not null order by id limit ?');
  const find = db.prepare('select id from edge where digest = ? and gone is null').pluck();
  return {
    pageAfter: (id: number, limit: number) => page.all(id, limit) as { id: number; digest: Buffer }[],
    find: (digest: Buffer) => find.get(digest) as number | undefined,
  };
}

function countBlanked(before: string, now: Attributes, relevant: ReadonlySet<string> | undefined, blanked: Map<string, number>): void {
  for (const attribute of Object.keys(JSON.parse(before) as object)) {
    if (relevant !== undefined && !relevant.has(attribute)) continue;
    if (!Object.hasOwn(now, attribute)) blanked.set(attribute, (blanked.get(attribute) ?? 0) + 1);
  }
}

/** How many had a value is counted only for the attributes that lost any, which an ordinary reading has none of. */
function withHad(db: Db, blanked: ReadonlyMap<string, number>): IntakeSummary['blanked'] {
  const had = db.prepare(`select count(*) from record where kind = 'User' and gone is null and json_extract(attributes, ?) is not null`).pluck();
  return [...blanked].map(([attribute, lost]) => ({ attribute, lost, had: had.get(`$.${JSON.stringify(attribute)}`) as number }));
}
