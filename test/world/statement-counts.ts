import Database from 'better-sqlite3';
import { jest } from '@jest/globals';

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

/** Tables whose rows belong to one target: a search by the target alone walks through all its rows. */
const tablesOfTargets: ReadonlySet<string> = new Set(['membership', 'account']);

type Method = (...parameters: unknown[]) => unknown;

/**
 * Counts the statements that the work prepares on any SQLite connection, and explains each of them once.
 *
 * @param tables that may be large
 */
export async function countStatements(
  tables: readonly string[],
  work: () => Promise<unknown>,
): Promise<StatementCounts> {
  const counts = { statements: 0, rows: 0, changes: 0 };
  const executed = new Map<string, Database.Database>();

  const prepare = Database.prototype.prepare as (this: Database.Database, sql: string) => Database.Statement;
  const spy = jest.spyOn(Database.prototype, 'prepare').mockImplementation(function counted(
    this: Database.Database,
    sql: string,
  ) {
    const statement = prepare.call(this, sql);
    const isAboutTables = tables.some((table) => sql.includes(table));
    const count = (method: 'run' | 'get' | 'all' | 'iterate', rowsOf: (result: unknown) => number): void => {
      const original = statement[method].bind(statement) as Method;
      Object.assign(statement, {
        [method]: (...parameters: unknown[]): unknown => {
          executed.set(sql, this);
          counts.statements += 1;
          const result = original(...parameters);
          if (isAboutTables) counts.rows += rowsOf(result);
          if (method === 'run') counts.changes += (result as Database.RunResult).changes;
          return result;
        },
      });
    };
    count('run', () => 0);
    count('get', (row) => (row === undefined ? 0 : 1));
    count('all', (rows) => (rows as readonly unknown[]).length);
    count('iterate', () => 0);
    return statement;
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
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
  if (!/^\s*(select|with|insert|update|delete)/i.test(sql)) return [];
  const program = db.prepare(`explain ${sql}`).all(...anyParameters(sql)) as Opcode[];
  const names = new Map(
    (db.prepare('select rootpage, tbl_name from sqlite_master').raw().all() as [number, string][]).map(
      ([page, name]) => [page, name],
    ),
  );
  const opened = new Map<number, string | undefined>();
  const found: string[] = [];
  for (const { opcode, p1, p2, p3, p4 } of program) {
    if (opcode === 'OpenRead' || opcode === 'OpenWrite') opened.set(p1, p3 === 0 ? names.get(p2) : undefined);
    const table = opened.get(p1);
    if (table === undefined) continue;
    const isPrefix = opcode === 'SeekGE' && Number(p4) === 1 && tablesOfTargets.has(table);
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
