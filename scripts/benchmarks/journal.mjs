// A state file with a long history: the operations of a real pass, copied to earlier passes of former employees.
import Database from 'better-sqlite3';

const days = 300;
const dayMs = 86_400_000;
/** Former employees for each employee, so that the operations of one person stay few. */
const formerEach = 50;

/**
 * Copies the operations of the last pass until the journal has this number of rows. Indexes are built again afterwards,
 * which is faster than adding each row to them.
 */
export function extendJournal(file, rows) {
  const db = new Database(file);
  try {
    // Without a log, the copies are written once. A crash ends the benchmark, so the file needs no protection.
    db.pragma('synchronous = off');
    db.pragma('journal_mode = off');
    const indexes = db
      .prepare(
        "select name, sql from sqlite_master where type = 'index' and tbl_name = 'operation' and sql is not null",
      )
      .all();
    db.pragma('cache_size = -200000');
    db.exec('begin');
    for (const { name } of indexes) db.exec(`drop index "${name}"`);
    const { pass, count } = db
      .prepare('select pass, count(*) as count from operation group by pass order by pass desc')
      .get();
    const copies = Math.ceil((rows - total(db)) / count);
    const copyPass = db.prepare(
      copyOf(db, 'pass', { started: earlier('started'), ended: earlier('ended') }, 'id = @pass'),
    );
    const copyOperations = db.prepare(
      copyOf(
        db,
        'operation',
        {
          pass: '@newPass',
          key: "key || '-' || @former",
          name: "name || '-' || @former",
          sent_at: earlier('sent_at'),
          answered_at: earlier('answered_at'),
        },
        'pass = @pass',
      ),
    );
    for (let copy = 1; copy <= copies; copy += 1) {
      const by = { pass, ms: Math.round(((copies - copy + 1) / copies) * days * dayMs) };
      const { lastInsertRowid: newPass } = copyPass.run(by);
      copyOperations.run({ ...by, newPass, former: copy % formerEach });
    }
    for (const { sql } of indexes) db.exec(sql);
    db.exec('commit');
    // The mode of a state that no process has open.
    db.pragma('journal_mode = delete');
    return total(db);
  } finally {
    db.close();
  }
}

const total = (db) => db.prepare('select count(*) from operation').pluck().get();

const earlier = (column) => `${column} - @ms`;

/** Copies rows with all columns that this version of the state has, except the primary key. */
function copyOf(db, table, changes, where) {
  const columns = db
    .pragma(`table_info("${table}")`)
    .filter(({ pk }) => pk === 0)
    .map(({ name }) => name);
  const values = columns.map((name) => changes[name] ?? `"${name}"`);
  return `insert into "${table}" (${columns.map((name) => `"${name}"`).join(', ')})
    select ${values.join(', ')} from "${table}" where ${where}`;
}
