import type Database from 'better-sqlite3';

type Db = Database.Database;
type Statement = Database.Statement;

/** What a statement returns: objects, the first columns, or arrays of all columns. */
type Mode = 'rows' | 'pluck' | 'raw';

/** More than the texts of this program. Texts that contain the names of many joined sources do not fill memory. */
const maxStatements = 2_000;

/**
 * Lets a connection compile a statement when it is first used, and once for each text. A process with 50 targets opens
 * their state in the time of one: the text of a statement is the same for all targets, and most are never used.
 *
 * A statement that `iterate` reads is shared, too: read its rows to the end before the same text is used again.
 */
export function shareStatements(db: Db): void {
  const compile = db.prepare.bind(db) as (sql: string) => Statement;
  const compiled = new Map<string, Statement>();
  const statementOf = (sql: string, mode: Mode): Statement => {
    // The mode belongs to the compiled statement.
    const id = mode === 'rows' ? sql : `${mode} ${sql}`;
    const known = compiled.get(id);
    if (known !== undefined) return known;
    if (compiled.size >= maxStatements) compiled.clear();
    const statement = compile(sql);
    if (mode !== 'rows') statement[mode]();
    compiled.set(id, statement);
    return statement;
  };
  // What the program uses of a statement is what SharedStatement has.
  db.prepare = ((sql: string) => new SharedStatement(sql, statementOf)) as unknown as Db['prepare'];
}

class SharedStatement implements Pick<Statement, 'run' | 'get' | 'all' | 'iterate'> {
  private readonly sql: string;
  private readonly statementOf: (sql: string, mode: Mode) => Statement;
  private mode: Mode = 'rows';
  private statement: Statement | undefined;

  constructor(sql: string, statementOf: (sql: string, mode: Mode) => Statement) {
    this.sql = sql;
    this.statementOf = statementOf;
  }

  pluck(): this {
    this.mode = 'pluck';
    return this;
  }

  raw(): this {
    this.mode = 'raw';
    return this;
  }

  run(...parameters: unknown[]): Database.RunResult {
    return this.opened().run(...parameters);
  }

  get(...parameters: unknown[]): unknown {
    return this.opened().get(...parameters);
  }

  all(...parameters: unknown[]): unknown[] {
    return this.opened().all(...parameters);
  }

  iterate(...parameters: unknown[]): IterableIterator<unknown> {
    return this.opened().iterate(...parameters);
  }

  private opened(): Statement {
    return (this.statement ??= this.statementOf(this.sql, this.mode));
  }
}
