import Database from 'better-sqlite3';

/** What the statements of a piece of work did. */
export interface StatementCounts {
  /** Executed statements. */
  readonly statements: number;
  /** Rows that statements about these tables returned. */
  readonly rows: number;
  /** Rows that they wrote. */
  readonly changes: number;
  /** Statements that walk through a whole table or index of the state: its name, and the beginning of the SQL. */
  readonly scans: readonly string[];
}

interface Opcode {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: string | null;
}

/**
 * Tables whose rows belong to one target, or to one pass of it: a search by this number of columns walks through all
 * its rows.
 */
const columnsOfOwner: ReadonlyMap<string, number> = new Map([
  ['membership', 1],
  ['account', 1],
  ['operation', 2],
]);

const methods = ['run', 'get', 'all', 'iterate'] as const;
type Method = (this: Database.Statement, ...parameters: unknown[]) => unknown;

/** The methods that all statements share, also those that were compiled before the work. */
const statementMethods = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as Record<
  (typeof methods)[number],
  Method
>;

/**
 * Counts the statements that the work executes on any SQLite connection, and explains each of them once.
 *
 * @param tables that may be large
 */
export async function countStatements(
  tables: readonly string[],
  work: () => Promise<unknown>,
): Promise<StatementCounts> {
  const counts = { statements: 0, rows: 0, changes: 0 };
  const executed = new Map<string, Database.Database>();
  const rowsIn: Readonly<Record<(typeof methods)[number], (result: unknown) => number>> = {
    run: () => 0,
    get: (row) => (row === undefined ? 0 : 1),
    all: (rows) => (rows as readonly unknown[]).length,
    iterate: () => 0,
  };
  const originals = methods.map((method) => [method, statementMethods[method]] as const);
  for (const [method, original] of originals) {
    statementMethods[method] = function counted(...parameters) {
      const { source, database } = this;
      executed.set(source, database);
      counts.statements += 1;
      const result = original.apply(this, parameters);
      if (tables.some((table) => source.includes(table))) counts.rows += rowsIn[method](result);
      if (method === 'run') counts.changes += (result as Database.RunResult).changes;
      return result;
    };
  }
  try {
    await work();
  } finally {
    for (const [method, original] of originals) statementMethods[method] = original;
  }
  const scans = [...executed].flatMap(([sql, db]) =>
    scannedTables(db, sql)
      .filter((table) => tables.includes(table))
      .map((table) => `${table}: ${sql.trim().replaceAll(/\s+/g, ' ').slice(0, 200)}`),
  );
  return { ...counts, scans };
}

/** The tables that the program of a statement walks through from the first row on. */
function scannedTables(db: Database.Database, sql: string): readonly string[] {
  // "select exists" ends at the first row.
  if (!/^\s*(select(?! exists)|with|insert|update|delete)/i.test(sql)) return [];
  const program = db.prepare(`explain ${sql}`).all(...anyParameters(sql)) as Opcode[];
  const tables = db
    .prepare(
      `select rootpage as page, tbl_name as name, type = 'index' and sql like '% where %' as isPartial
      from sqlite_master`,
    )
    .all() as readonly { readonly page: number; readonly name: string; readonly isPartial: number | null }[];
  const names = new Map(tables.map(({ page, name }) => [page, name]));
  const partial = new Set(tables.flatMap(({ page, isPartial }) => (isPartial === 1 ? [page] : [])));
  const isPartial = new Map<number, boolean>();
  const opened = new Map<number, string | undefined>();
  const found: string[] = [];
  for (const { opcode, p1, p2, p3, p4 } of program) {
    // The program of a trigger follows that of its statement, with cursors of its own.
    if (opcode === 'Init') opened.clear();
    if (opcode === 'OpenRead' || opcode === 'OpenWrite') {
      opened.set(p1, p3 === 0 ? names.get(p2) : undefined);
      isPartial.set(p1, partial.has(p2));
    } else if (opcode.includes('Open')) opened.delete(p1);
    const table = opened.get(p1);
    if (table === undefined) continue;
    const isPrefix = opcode === 'SeekGE' && Number(p4) === columnsOfOwner.get(table) && isPartial.get(p1) !== true;
    if (opcode === 'Rewind' || isPrefix) found.push(table);
  }
  return found;
}

/** `explain` needs a value for each parameter. */
function anyParameters(sql: string): readonly unknown[] {
  const named = [...sql.matchAll(/(?<![:\w]):(\w+)/g)].map(([, name]) => [name ?? '', null] as const);
  if (named.length > 0) return [Object.fromEntries(named)];
  return Array.from(sql.matchAll(/\?/g), () => null);
}
