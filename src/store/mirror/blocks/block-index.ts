import type { Row, RowBlock, SourcePart } from '../../../model/row.ts';
import type { Db } from '../../database.ts';
import { BitSet } from '../bit-set.ts';
import { membershipIndex, recordIndex } from '../digest-index.ts';
import { recordTypeOf } from '../mirror-row.ts';
import { RowMatcher } from '../row-matcher.ts';
import { digestBytes } from './digest-table.ts';
import type { StagingOptions } from '../mirror-interface.ts';
import { decodeIds, encodeIds } from './row-ids.ts';

/**
 * Temporary table for the blocks of a staged reading; empties it. `rows`: the ids of their rows; null: a row is not in
 * the mirror as it is in the file. `digests`: those of the rows then, one after the other.
 */
export const blockStagingTables = `
  create temp table if not exists staged_block (
    id integer primary key, part text not null, digest blob not null, lines integer not null, rows blob, digests blob);
  delete from staged_block;`;

/** The blocks of bytes whose rows the mirror holds. */
export interface BlockIndex {
  /** Whether the last reading had this block, and its rows are as they were then. */
  has(part: SourcePart, digest: Buffer): boolean;
  /**
   * Takes all rows of a block as seen, as if each had been compared with the mirror.
   *
   * @returns the number of its rows and lines; undefined: a row of it was seen before, so that its rows are compared
   */
  see(part: SourcePart, digest: Buffer, seen: BitSet): { readonly rows: number; readonly lines: number } | undefined;
  /**
   * Stages the blocks of rows that were compared one by one.
   *
   * @param ids the row in the mirror that equals each row; undefined: there is none, or another row equals it
   */
  stage(
    part: SourcePart,
    rows: readonly Row[],
    ids: readonly (number | undefined)[],
    blocks: readonly RowBlock[],
  ): void;
  /** Writes the staged blocks to their temporary table. Call it where the connection may be written. */
  flush(): void;
  /** Stores the blocks of the reading. Call it after the reading is in the mirror. */
  commit(): void;
}

type Kind = 'record' | 'membership';

const kindOf = (part: SourcePart): Kind => (part === 'memberships' ? 'membership' : 'record');

interface StoredBlock {
  readonly id: number;
  readonly lines: number;
  readonly rows: Buffer;
}

interface KnownBlock extends StoredBlock {
  readonly ids: readonly number[];
}

interface StagedBlock extends Omit<StoredBlock, 'rows'> {
  readonly part: SourcePart;
  readonly digest: Buffer;
  readonly rows: Buffer | null;
  readonly digests: Buffer | null;
}

const pageSize = 100;

/** Opens the blocks of the last reading, and stages those of a new one. */
export function openBlockIndex(
  db: Db,
  { parseAll, extent, replacesEarlierRow }: Pick<StagingOptions, 'parseAll' | 'extent' | 'replacesEarlierRow'>,
): BlockIndex {
  const isComparable = !parseAll && extent === 'full';
  // Where several rows of a user may count, each reading parses all rows.
  const canBeKnown = replacesEarlierRow === undefined;
  const changedRows = { record: readChanged(db, 'record'), membership: readChanged(db, 'membership') };
  const keptBlocks = new BitSet();
  const keptRows = { record: new BitSet(), membership: new BitSet() };
  let pending: (readonly unknown[])[] = [];
  const find = db.prepare('select id, lines, rows from source_block where part = ? and digest = ?');
  const insertStaged = db.prepare(
    'insert into staged_block (part, digest, lines, rows, digests) values (?, ?, ?, ?, ?)',
  );

  const read = (part: SourcePart, digest: Buffer): KnownBlock | undefined => {
    if (!isComparable) return undefined;
    const block = find.get(part, digest) as StoredBlock | undefined;
    if (block === undefined) return undefined;
    const ids = decodeIds(block.rows);
    const changed = changedRows[kindOf(part)];
    return ids.some((id) => changed.has(id)) ? undefined : { ...block, ids };
  };
  // A block that the mirror has is seen next.
  let last: { readonly part: SourcePart; readonly digest: Buffer; readonly block: KnownBlock | undefined } | undefined;
  const idsOf = (part: SourcePart, digest: Buffer): KnownBlock | undefined => {
    if (last?.part !== part || !last.digest.equals(digest)) last = { part, digest, block: read(part, digest) };
    return last.block;
  };

  const flush = (): void => {
    for (const block of pending) insertStaged.run(...block);
    pending = [];
  };

  return {
    has: (part, digest) => idsOf(part, digest) !== undefined,
    see(part, digest, seen) {
      const block = idsOf(part, digest);
      if (block === undefined || block.ids.some((id) => seen.has(id))) return undefined;
      const kept = keptRows[kindOf(part)];
      for (const id of block.ids) {
        seen.add(id);
        kept.add(id);
      }
      keptBlocks.add(block.id);
      return { rows: block.ids.length, lines: block.lines };
    },
    stage(part, rows, ids, blocks) {
      if (!canBeKnown) return;
      let first = 0;
      for (const { digest, rows: count, lines } of blocks) {
        const end = first + count;
        const known = ids.slice(first, end).filter((id) => id !== undefined);
        if (digest !== undefined && known.length === count) pending.push([part, digest, lines, encodeIds(known), null]);
        else if (digest !== undefined)
          pending.push([part, digest, lines, null, Buffer.concat(rows.slice(first, end).map((row) => row.digest))]);
        first += count;
      }
    },
    flush,
    commit() {
      flush();
      deleteWhere(db, 'select id from source_block', 'delete from source_block where id = ?', (id) =>
        keptBlocks.has(id),
      );
      insertStagedBlocks(db);
      for (const kind of ['record', 'membership'] as const)
        deleteWhere(
          db,
          `select id from changed_row where row_type = '${kind}'`,
          `delete from changed_row where row_type = '${kind}' and id = ?`,
          (id) => keptRows[kind].has(id),
        );
    },
  };
}

function readChanged(db: Db, kind: Kind): ReadonlySet<number> {
  return new Set(db.prepare('select id from changed_row where row_type = ?').pluck().all(kind) as number[]);
}

/** Deletes the rows of a table that are not kept; all of them at once where none is. */
function deleteWhere(db: Db, select: string, remove: string, isKept: (id: number) => boolean): void {
  const ids = (db.prepare(select).pluck().all() as number[]).filter((id) => !isKept(id));
  const run = db.prepare(remove);
  for (const id of ids) run.run(id);
}

/** A block of which a row is not in the mirror as it is in the file, or is there twice, is not stored. */
function insertStagedBlocks(db: Db): void {
  const page = db.prepare(`select * from staged_block where id > ? order by id limit ${pageSize}`);
  const insert = db.prepare('insert or ignore into source_block (part, digest, lines, rows) values (?, ?, ?, ?)');
  const matchers = new Map<SourcePart, RowMatcher>();
  const changed = { record: readChanged(db, 'record'), membership: readChanged(db, 'membership') };
  for (let blocks = page.all(0) as StagedBlock[]; blocks.length > 0;) {
    for (const { part, digest, lines, rows, digests } of blocks) {
      const matcher = matchers.get(part) ?? new RowMatcher(indexOf(db, part));
      matchers.set(part, matcher);
      const encoded = digests === null ? unchangedRows(rows, changed[kindOf(part)]) : matchRows(matcher, digests);
      if (encoded !== undefined) insert.run(part, digest, lines, encoded);
    }
    blocks = page.all(blocks.at(-1)?.id) as StagedBlock[];
  }
}

const indexOf = (db: Db, part: SourcePart) =>
  part === 'memberships' ? membershipIndex(db) : recordIndex(db, recordTypeOf[part]);

/** Ids as the staging found them; undefined: the commit changed one of the rows. */
function unchangedRows(rows: Buffer | null, changed: ReadonlySet<number>): Buffer | undefined {
  if (rows === null) return undefined;
  return changed.size > 0 && decodeIds(rows).some((id) => changed.has(id)) ? undefined : rows;
}

/** The ids of rows by their digests; undefined: one is not in the mirror, or is there twice. */
function matchRows(matcher: RowMatcher, digests: Buffer): Buffer | undefined {
  const ids = new Set<number>();
  for (let at = 0; at < digests.length; at += digestBytes) {
    const id = matcher.match(digests.subarray(at, at + digestBytes));
    if (id === undefined) return undefined;
    ids.add(id);
  }
  return ids.size * digestBytes === digests.length ? encodeIds([...ids]) : undefined;
}
