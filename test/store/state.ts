import { duplicateKeyReason } from '../../src/plan/duplicate-key.ts';
import { blankedAttributes } from '../../src/plan/reading/amounts.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { OperatorError } from '../../src/model/errors.ts';
import { instant, sourceKey, type Instant } from '../../src/model/ids.ts';
import type { Attributes, SourceRecord } from '../../src/model/record.ts';
import type { UnknownSubject } from '../../src/model/reading/rejected-subject.ts';
import type { RowChoice, RowsPolicy } from '../../src/model/reading/row-choice.ts';
import { replacesEarlierRow } from '../../src/plan/reading/choose-row.ts';
import { createRejectedRows } from '../../src/plan/reading/rejected-rows.ts';
import { openDatabase, openReadOnlyDatabase, type Db } from '../../src/store/database.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import type {
  CommandTarget,
  CommandTransaction,
  CountedPart,
  DryRunTransaction,
  Mirror,
  ParsedRow,
  PlanningTarget,
  ServingTarget,
  SourcePart,
  StagingSummary,
  Store,
} from '../../src/store/store.ts';

/** The schema of this version: the number of its migrations. */
export const currentSchema = readdirSync(join(import.meta.dirname, '..', '..', 'src', 'store', 'migrations')).filter(
  (name) => name.endsWith('.sql'),
).length;

const endings: (() => void)[] = [];

afterEach(() => {
  for (const end of endings.splice(0).reverse()) end();
});

/** Runs at the end of the test. */
export function atEnd(end: () => void): void {
  endings.push(end);
}

export function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-store-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state.db');
}

/** The store of SQLite has all sides at once. The tests of its tables call them in any order. */
export type EverySide = Omit<Store, 'target'> &
  Omit<CommandTransaction, 'target'> &
  Omit<DryRunTransaction, 'target'> & {
    target(name: string): Promise<ServingTarget & PlanningTarget & CommandTarget>;
  };

/** @see openStore */
export const openEverySide = (file: string): EverySide => openStore(file) as EverySide;

export interface State {
  readonly file: string;
  readonly store: EverySide;
  /** A separate connection, for queries of the tables. */
  readonly db: Db;
  /** The first column of every row of a query. */
  ask(sql: string, ...parameters: unknown[]): unknown[];
}

export function state(file = stateFile()): State {
  const store = openEverySide(file);
  const db = openReadOnlyDatabase(file);
  if (db === undefined) throw new Error('there is no state');
  atEnd(() => {
    db.close();
    store.close();
  });
  return {
    file,
    store,
    db,
    ask: (sql, ...parameters) =>
      db
        .prepare(sql)
        .pluck()
        .all(...parameters),
  };
}

/** A database in memory with all tables. */
export function tables(): Db {
  const db = openDatabase(':memory:');
  atEnd(() => db.close());
  return db;
}

/** The error that a call throws. */
export function errorOf(call: () => unknown): OperatorError {
  try {
    call();
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('the call throws no error');
}

/** All rows, by table. */
export function dump(db: Db): Record<string, unknown[]> {
  const names = db
    .prepare(`select name from sqlite_schema where type = 'table' order by name`)
    .pluck()
    .all() as string[];
  // Without an order, SQLite may read any index that has all columns.
  const rows = (name: string): unknown[] => {
    const columns = db.prepare(`select name from pragma_table_info('${name}') where pk > 0 order by pk`).pluck().all();
    return db.prepare(`select * from ${name} order by ${[...columns, 1].join(', ')}`).all();
  };
  return Object.fromEntries(names.map((name) => [name, rows(name)]));
}

// Readings ---------------------------------------------------------------------------------------------------------

/** A row of a source. All its fields are part of its digest. */
export interface RowText {
  readonly key: string;
  readonly attributes?: Attributes;
  readonly active?: boolean;
  /** Groups in a column of the user. */
  readonly groups?: readonly string[];
  /** The cell that orders several rows of one user. */
  readonly order?: string;
  readonly rejected?: string;
  /** The text of a rejected row whose key is not certain. */
  readonly text?: string;
  /** The configuration leaves the rejected row out. */
  readonly isExcluded?: boolean;
  /** A column of the row without a mapping. */
  readonly unused?: string;
}

export interface Tables {
  readonly users?: readonly RowText[];
  readonly groups?: readonly RowText[];
  /** `group>member`, or a rejected row. */
  readonly memberships?: readonly (string | Pick<RowText, 'rejected' | 'text'>)[];
}

export const person = (key: string, mail?: string, groups?: readonly string[]): RowText => ({
  key,
  ...(mail === undefined ? {} : { attributes: { mail: [mail] } }),
  ...(groups === undefined ? {} : { groups }),
});

export interface ReadOptions {
  readonly parseAll?: boolean;
  readonly column?: boolean;
  readonly relevant?: ReadonlySet<string>;
  /** Which of several rows of one user counts. */
  readonly rows?: RowsPolicy;
  /** The time of the reading, in ms. */
  readonly at?: number;
  /** Rows in one batch. */
  readonly batch?: number;
  /** The attribute with the keys of managers; by default no target maps managers. */
  readonly managers?: string | undefined;
}

export interface Read {
  readonly summary: StagingSummary;
  readonly number: number;
  /** Number of parsed rows. */
  readonly parsed: number;
}

interface ReadableStore {
  readonly mirror: Mirror;
  readingAndPlanning<T>(work: () => Promise<T>): Promise<T>;
}

/** Stages and commits a reading as a pass does. */
export function read(
  { store }: { readonly store: ReadableStore },
  given: Tables,
  options: ReadOptions = {},
): Promise<Read> {
  return store.readingAndPlanning(() => stageAndCommit(store, given, options));
}

async function stageAndCommit(
  store: { readonly mirror: Mirror },
  given: Tables,
  { parseAll = false, column = false, relevant, batch = 2, at: time = 1000, rows: policy, managers }: ReadOptions,
): Promise<Read> {
  const intake = await store.mirror.openStaging({
    parseAll: parseAll || policy !== undefined,
    groupsFromColumn: column,
    blankedAttributes: (_part, before, now) => blankedAttributes(before, now, relevant),
    duplicateKeyReason,
    ...rejectionOptions(column),
    ...(policy === undefined
      ? {}
      : { replacesEarlierRow: (row: RowChoice, earlier: RowChoice) => replacesEarlierRow(policy, row, earlier) }),
    extent: 'full',
    referenceOptions: undefined,
    ...(managers === undefined
      ? {}
      : { managers: { rules: managers, namesOf: ({ attributes }: SourceRecord) => attributes[managers] ?? [] } }),
  });
  let parsed = 0;
  for (const part of ['users', 'groups', 'memberships'] as const) {
    const all = rowsOf(part, given);
    for (let at = 0; at < all.length; at += batch) {
      const rows = all.slice(at, at + batch);
      const differing = await intake.changedRows(part, rows);
      parsed += differing.length;
      const picked = differing.map((index) => rows[index]).filter((row) => row !== undefined);
      await intake.stage(
        part,
        picked,
        picked.map(({ parsedRow }) => parsedRow),
      );
    }
  }
  const summary = await intake.summary();
  const { number } = await intake.commit({
    at: instant(time),
    fingerprint: 'f',
    signature: 's',
    columns: { users: ['id', 'mail'], groups: ['id'] },
    bookmark: undefined,
    facts: {},
  });
  await intake.discard();
  return { summary, number, parsed };
}

function rowsOf(part: CountedPart, given: Tables): { line: number; digest: Buffer; parsedRow: ParsedRow }[] {
  return (given[part] ?? []).map((row, index) => {
    const line = index + 2;
    return {
      line,
      digest: createHash('sha256').update(JSON.stringify(row)).digest().subarray(0, 16),
      parsedRow: typeof row === 'string' ? membershipOf(row) : recordOf(part, line, { key: '', ...row }),
    };
  });
}

function membershipOf(text: string): ParsedRow {
  const [group = '', member = ''] = text.split('>');
  return { kind: 'membership', membership: { group: sourceKey(group), member: sourceKey(member) } };
}

function recordOf(
  part: SourcePart,
  line: number,
  { key, attributes = {}, active = true, groups, rejected, text, isExcluded, order }: RowText,
): ParsedRow {
  if (rejected !== undefined) {
    const subject = text === undefined ? ({ kind: 'record' } as const) : { ...unknownSubject(text), isExcluded };
    return { kind: 'rejected', line, key, reason: rejected, subject };
  }
  return {
    kind: 'record',
    record: { resourceType: part === 'users' ? 'User' : 'Group', key: sourceKey(key), active, attributes },
    groups,
    order,
  };
}

const unknownSubject = (text: string): UnknownSubject => ({ kind: 'unknown', text, keyCells: [], memberCells: [] });

/** All values of a record could name it in a text. */
export const namesOf = ({ attributes }: SourceRecord): readonly string[] => Object.values(attributes).flat();

/** The options of a reading about rejected rows. */
export const rejectionOptions = (groupsFromColumn = false) => ({
  rejectedRows: createRejectedRows(namesOf, groupsFromColumn),
  nameOf: (record: SourceRecord): string | undefined => namesOf(record)[0],
});

/** A line for each record and membership in the mirror: `User ada active {"mail":["a@x"]}`, `eng>ada`. */
export function present({ ask }: Pick<State, 'ask'>): unknown[] {
  return [
    ...ask(`
      select resource_type || ' ' || key || iif(active, '', ' inactive') || ' ' || attributes
      from record
      where removed_in is null
      order by resource_type desc, key`),
    ...ask(`
      select group_key || '>' || member_key
      from source_membership
      where removed_in is null
      order by group_key, member_key`),
  ];
}

/** The changes of a reading: `User ada`, `eng>ada`, and `-User bob` for a removal. */
export function changed({ ask }: Pick<State, 'ask'>, number: number): unknown[] {
  return [
    ...ask(
      `
        select iif(removed_in is null, '', '-') || resource_type || ' ' || key
        from record
        where changed_in = ?
        order by resource_type desc, key`,
      number,
    ),
    ...ask(
      `
        select iif(removed_in is null, '', '-') || group_key || '>' || member_key
        from source_membership
        where changed_in = ?
        order by group_key, member_key`,
      number,
    ),
  ];
}

export const at = (milliseconds: number): Instant => instant(milliseconds);
