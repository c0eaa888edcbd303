import type { Attributes, Links } from '../model/record.ts';
import type { Db } from './database.ts';
import { believe } from './believe.ts';
import { contradictionIn } from './contradiction.ts';
import { linkStaging } from './links.ts';
import { attributesText } from './rows.ts';
import { Seen } from './seen.ts';
import { Sequence } from './sequence.ts';
import { unsaid } from './stale.ts';
import type {
  Counted,
  Intake,
  IntakeOptions,
  ParsedRow,
  IntakeSummary,
  NewReading,
  Part,
  Rejection,
  Row,
} from './store.ts';

/** Past this, a reading is not worth believing row by row, and its messages not worth reading. */
const rejectionsListed = 100;

/** As the table `record` calls them. */
const kindOf = { users: 'User', groups: 'Group', nested: 'Nested' } as const;
type RecordPart = keyof typeof kindOf;
type RowKind = (typeof kindOf)[RecordPart];

const stagingTables = `
  create temp table if not exists staged_record (
    kind text not null, key text not null, line integer not null, active integer not null, attributes text not null,
    digest blob, changed integer not null, active_until integer, primary key (kind, key)) without rowid;
  create temp table if not exists staged_edge (
    group_key text not null, member_key text not null, digest blob, primary key (group_key, member_key)) without rowid;
  delete from staged_record; delete from staged_edge;${linkStaging}`;

/** Stages one reading in temporary tables; the mirror itself is touched by `believe` alone. */
export function openIntake(db: Db, options: IntakeOptions): Intake {
  db.exec(stagingTables);
  const before = countPresent(db);
  const counted = { users: 0, groups: 0, nested: 0, memberships: 0 };
  const seenRecords = new Seen();
  const seenEdges = new Seen();
  const blocked = new Set<string>();
  const blanked = new Map<string, number>();
  const rejections: Rejection[] = [];
  let rejected = 0;

  const sequences = options.parseAll
    ? undefined
    : {
        users: new Sequence(recordIndex(db, 'User')),
        groups: new Sequence(recordIndex(db, 'Group')),
        nested: new Sequence(recordIndex(db, 'Nested')),
        memberships: new Sequence(edgeIndex(db)),
      };
  const findRecord = db.prepare('select id, active, attributes, gone from record where kind = ? and key = ?');
  const stagedLine = db.prepare('select line from staged_record where kind = ? and key = ?').pluck();
  const unstage = db.prepare('delete from staged_record where kind = ? and key = ?');
  const stageRecord =
    db.prepare(`insert into staged_record (kind, key, line, active, attributes, digest, changed, active_until)
    values (?, ?, ?, ?, ?, ?, ?, ?)`);
  const stageHandle = db.prepare('insert or ignore into staged_handle (kind, key, handle) values (?, ?, ?)');
  const stageReference = db.prepare(
    'insert or ignore into staged_reference (kind, key, towards, handle) values (?, ?, ?, ?)',
  );
  const stageRemoval = db.prepare(`insert or ignore into staged_removed (kind, key, handle) select r.kind, r.key, h.text
    from handle h join bearer b on b.handle = h.id join record r on r.id = b.record and r.gone is null where h.text = :handle and r.kind = :kind`);
  const stageEdge = db.prepare('insert or ignore into staged_edge (group_key, member_key, digest) values (?, ?, ?)');
  const findEdge = db.prepare('select id from edge where group_key = ? and member_key = ?').pluck();
  const stagedName = db
    .prepare(`select substr(handle, 4) from staged_handle where kind = ? and key = ? and handle glob 'dn:*'`)
    .pluck();
  const mirroredName = db
    .prepare(
      `select substr(h.text, 4) from bearer b join handle h on h.id = b.handle and h.text glob 'dn:*' where b.record = ?`,
    )
    .pluck();

  const reject = (rejection: Rejection): void => {
    rejected += 1;
    if (rejections.length < rejectionsListed) rejections.push(rejection);
  };

  /** In a directory numbers of entries say nothing to anybody, and names do. */
  const twinsText = (
    kind: RowKind,
    key: string,
    twin: string,
    { handles }: Links,
    previous: MirrorRow | undefined,
  ): string => {
    const own = handles.find((handle) => handle.startsWith('dn:'))?.slice(3);
    const other = (stagedName.get(kind, key) ??
      (previous === undefined ? undefined : mirroredName.get(previous.id))) as string | undefined;
    return `the key ${key} belongs to ${JSON.stringify(own ?? '')} and to ${other === undefined ? twin : JSON.stringify(other)}; neither entry is taken`;
  };

  /** Where another row of this reading for the same key stands, in words. */
  const twinOf = (kind: RowKind, key: string, previous: MirrorRow | undefined): string | undefined => {
    const line = stagedLine.get(kind, key) as number | undefined;
    if (line !== undefined) return `line ${line}`;
    const wasRead = blocked.has(`${kind}:${key}`) || (previous !== undefined && seenRecords.has(previous.id));
    return wasRead ? 'another line' : undefined;
  };

  const stage = (
    part: RecordPart,
    row: Row,
    { record, links, activeUntil }: TakenRecord,
    previous: MirrorRow | undefined,
  ): void => {
    const { key, active, attributes } = record;
    const kind = kindOf[part];
    const text = attributesText(attributes);
    const wasPresent = previous !== undefined && previous.gone === null;
    // Attributes that name others are worked out later, and are compared then.
    const before = wasPresent ? without(previous.attributes, Object.keys(links?.references ?? {})) : undefined;
    const same = wasPresent && before === text && (previous.active === 1) === active;
    if (part === 'users' && wasPresent && !same) countBlanked(before ?? '{}', attributes, options.relevant, blanked);
    stageRecord.run(kind, key, row.line, active ? 1 : 0, text, row.digest, same ? 0 : 1, activeUntil ?? null);
    if (links !== undefined) stageLinks(kind, key, links);
    counted[part] += 1;
  };

  const stageLinks = (kind: RowKind, key: string, { handles, members, groups, references }: Links): void => {
    for (const handle of handles) stageHandle.run(kind, key, handle);
    for (const handle of members) stageReference.run(kind, key, 'member', handle);
    for (const handle of groups) stageReference.run(kind, key, 'group', handle);
    for (const [attribute, handle] of Object.entries(references))
      stageReference.run(kind, key, `@${attribute}`, handle);
  };

  const takeRecord = (part: RecordPart, row: Row, taken: TakenRecord): void => {
    const { key } = taken.record;
    const kind = kindOf[part];
    const previous = findRecord.get(kind, key) as MirrorRow | undefined;
    const twin = twinOf(kind, key, previous);
    if (twin !== undefined) {
      // Two rows for one key: which of them is true cannot be known, so the mirror keeps what it had.
      if (unstage.run(kind, key).changes > 0) counted[part] -= 1;
      blocked.add(`${kind}:${key}`);
      const { links } = taken;
      const reason =
        links === undefined
          ? `the key ${key} stands on ${twin} too; neither row is taken`
          : twinsText(kind, key, twin, links, previous);
      reject({ part, line: row.line, key, reason });
      return;
    }
    if (previous !== undefined) seenRecords.add(previous.id);
    stage(part, row, taken, previous);
    for (const group of taken.groups ?? []) stageEdge.run(group, key, null);
  };

  /** What a row that was taken back said about its groups goes with it. */
  const unstageEdges = (): void => {
    if (options.groupsFromColumn && blocked.size > 0)
      db.exec(`delete from staged_edge where member_key not in (select key from staged_record where kind = 'User')`);
  };

  const takeEdge = (row: Row, group: string, member: string): void => {
    const id = findEdge.get(group, member) as number | undefined;
    // The same membership twice means the same as once.
    const isRepeated = id !== undefined && !seenEdges.add(id);
    if (stageEdge.run(group, member, row.digest).changes > 0 && !isRepeated) counted.memberships += 1;
  };

  return {
    async match(part, rows) {
      if (sequences === undefined) return rows.map((_, index) => index);
      const sequence = sequences[part];
      const seen = part === 'memberships' ? seenEdges : seenRecords;
      const differing: number[] = [];
      for (const [index, row] of rows.entries()) {
        const id = sequence.match(row.digest);
        if (id !== undefined && seen.add(id)) counted[part] += 1;
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
    async remove(part, handles) {
      if (part === 'memberships') return;
      for (const handle of handles) stageRemoval.run({ handle, kind: kindOf[part] });
    },
    async unsaid() {
      if (options.extent === 'all' || options.links === undefined) return undefined;
      unstageLinks();
      return unsaid(db, seenRecords);
    },
    async summary(): Promise<IntakeSummary> {
      unstageEdges();
      unstageLinks();
      const contradiction = options.extent === 'changes' ? contradictionIn(db) : undefined;
      withholdRemovals();
      return { before, after: afterwards(), rejected, rejections, blanked: withHad(db, blanked), contradiction };
    },
    async believe(reading: NewReading) {
      unstageEdges();
      unstageLinks();
      withholdRemovals();
      return believe(db, reading, {
        seenRecords,
        seenEdges,
        rejected,
        groupsFromColumn: options.groupsFromColumn,
        extent: options.extent,
        links: options.links,
      });
    },
    async discard() {
      db.exec(stagingTables);
    },
  };

  function takeRow(part: Part, row: Row, item: ParsedRow): void {
    if (item.kind === 'rejected') reject({ part, line: item.line, key: item.key, reason: item.reason });
    else if (item.kind === 'edge') takeEdge(row, item.edge.group, item.edge.member);
    else if (part !== 'memberships') takeRecord(part, row, item);
  }

  /** Rows that were taken back because of a twin say nothing about others either. */
  function unstageLinks(): void {
    if (options.links === undefined || blocked.size === 0) return;
    for (const table of ['staged_handle', 'staged_reference'])
      db.exec(`delete from ${table} where (kind, key) not in (select kind, key from staged_record)`);
  }

  /** The entry that could not be read may be the new one of somebody whose old one is gone. */
  function withholdRemovals(): void {
    if (rejected > 0) db.exec('delete from staged_removed');
  }

  function afterwards(): Record<Counted, number> {
    const { users, groups, memberships } = options.extent === 'changes' ? countChanged(db, before) : counted;
    if (options.links !== undefined) return { users, groups, memberships: before.memberships };
    return { users, groups, memberships, ...(options.groupsFromColumn ? countDerived(db, before) : {}) };
  }
}

type TakenRecord = Extract<ParsedRow, { kind: 'record' }>;

interface MirrorRow {
  readonly id: number;
  readonly active: number;
  readonly attributes: string;
  readonly gone: number | null;
}

function without(attributes: string, names: readonly string[]): string {
  if (names.length === 0) return attributes;
  return attributesText(
    Object.fromEntries(Object.entries(JSON.parse(attributes) as Attributes).filter(([name]) => !names.includes(name))),
  );
}

/** How many there will be once the staged changes are believed. */
function countChanged(db: Db, before: Record<Counted, number>): Record<Counted, number> {
  const difference = db
    .prepare(
      `select
    (select count(*) from staged_record s where s.kind = :kind and not exists (select 1 from record r where r.kind = s.kind and r.key = s.key and r.gone is null))
    - (select count(distinct key) from staged_removed d where d.kind = :kind and not exists (select 1 from staged_record s where s.kind = d.kind and s.key = d.key))`,
    )
    .pluck();
  const count = (kind: RowKind): number => difference.get({ kind }) as number;
  return {
    users: before.users + count('User'),
    groups: before.groups + count('Group'),
    memberships: before.memberships,
  };
}

export function countPresent(db: Db): Record<Counted, number> {
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
function countDerived(
  db: Db,
  before: Record<Counted, number>,
): Pick<Record<Counted, number>, 'groups' | 'memberships'> {
  // An unchanged reading should not have to walk through all memberships.
  if (db.prepare('select 1 from staged_record limit 1').get() === undefined)
    return { groups: before.groups, memberships: before.memberships };
  return db
    .prepare(
      `select count(distinct group_key) as groups, count(*) as memberships from (
    select group_key from edge where gone is null and member_key not in (select key from staged_record where kind = 'User')
    union all select group_key from staged_edge)`,
    )
    .get() as { groups: number; memberships: number };
}

function recordIndex(db: Db, kind: RowKind) {
  const page = db.prepare(
    'select id, digest from record indexed by record_present where kind = ? and id > ? and gone is null and digest is not null order by id limit ?',
  );
  const find = db.prepare('select id from record where kind = ? and digest = ? and gone is null').pluck();
  return {
    pageAfter: (id: number, limit: number) => page.all(kind, id, limit) as { id: number; digest: Buffer }[],
    find: (digest: Buffer) => find.get(kind, digest) as number | undefined,
  };
}

function edgeIndex(db: Db) {
  const page = db.prepare(
    'select id, digest from edge where id > ? and gone is null and digest is not null order by id limit ?',
  );
  const find = db.prepare('select id from edge where digest = ? and gone is null').pluck();
  return {
    pageAfter: (id: number, limit: number) => page.all(id, limit) as { id: number; digest: Buffer }[],
    find: (digest: Buffer) => find.get(digest) as number | undefined,
  };
}

function countBlanked(
  before: string,
  now: Attributes,
  relevant: ReadonlySet<string> | undefined,
  blanked: Map<string, number>,
): void {
  for (const attribute of Object.keys(JSON.parse(before) as object)) {
    if (relevant !== undefined && !relevant.has(attribute)) continue;
    if (!Object.hasOwn(now, attribute)) blanked.set(attribute, (blanked.get(attribute) ?? 0) + 1);
  }
}

/** How many had a value is counted only for the attributes that lost any, which an ordinary reading has none of. */
function withHad(db: Db, blanked: ReadonlyMap<string, number>): IntakeSummary['blanked'] {
  const had = db
    .prepare(
      `select count(*) from record where kind = 'User' and gone is null and json_extract(attributes, ?) is not null`,
    )
    .pluck();
  return [...blanked].map(([attribute, lost]) => ({
    attribute,
    lost,
    had: had.get(`$.${JSON.stringify(attribute)}`) as number,
  }));
}
