// Baseline: reads the operations of one user with SQLite alone. usage: query.mjs STATE KEY
import Database from 'better-sqlite3';

const db = new Database(process.argv[2], { readonly: true });
console.log(db.prepare('select * from operation where key = ?').all(process.argv[3]).length);
db.close();
