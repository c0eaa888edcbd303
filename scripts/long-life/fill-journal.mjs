// Fills the journal of a state with operations of earlier passes, as years of passes would leave them.
//
// usage: node scripts/long-life/fill-journal.mjs STATE ROWS [DAYS]
//
// STATE is a copy of a state with accounts: at least one pass has run. The passes lie evenly within the last DAYS days
// (350 by default), outside of the window of the guard. Nothing but the journal changes.
import { deflateRawSync } from 'node:zlib';
import Database from 'better-sqlite3';

const [state, rows, days = '350'] = process.argv.slice(2);
if (state === undefined || rows === undefined) {
  console.error('usage: node scripts/long-life/fill-journal.mjs STATE ROWS [DAYS]');
  process.exit(4);
}
const total = Number(rows);
const operationsPerPass = 1_000;
const dayMs = 86_400_000;

const db = new Database(state);
db.pragma('foreign_keys = off');
db.pragma('synchronous = off');
db.pragma('journal_mode = memory');
db.pragma('cache_size = -200000');

const accounts = db
  .prepare(`select target, key, name from account where resource_type = 'User' and active = 1 order by id`)
  .all();
const groups = db.prepare(`select target, key, name from account where resource_type = 'Group' order by id`).all();
if (accounts.length === 0) throw new Error(`${state} has no accounts`);

const insertPass = db.prepare(
  `insert into pass (command, started, ended, reading, result) values ('sync', ?, ?, 1, 'done')`,
);
const insertSummary = db.prepare(`insert into pass_target (pass, target, summary) values (?, ?, ?)`);
const insertOperation = db.prepare(`
  insert into operation (
    pass, target, round, phase, action, resource_type, key, name, reason, state, status, detail, requests, sent_at,
    answered_at, evidence
  )
  values (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`);
const insertPayload = db.prepare(`insert into operation_payload (operation, edits, body) values (?, ?, '{}')`);
const insertBlock = db.prepare('insert into payload_block (first_operation, last_operation, content) values (?, ?, ?)');
const operationsPerBlock = 64;
let block = [];
/** As the retention packs what operations set that are done (src/store/retention/payload-blocks.ts). */
const pack = (id, payload) => {
  block.push([id, payload]);
  if (block.length < operationsPerBlock) return;
  insertBlock.run(block[0][0], id, deflateRawSync(JSON.stringify(block)));
  block = [];
};
const insertMember = db.prepare(
  `insert into operation_member (operation, resource_type, key, removed) values (?, 'User', ?, ?)`,
);

const summaries = new Map(db.prepare('select target, summary from pass_target order by pass').raw().all());

const passes = Math.ceil(total / operationsPerPass);
const first = Date.now() - Number(days) * dayMs;
const last = Date.now() - 3 * dayMs;
// Passes are in order of their ids: the existing ones come first, so they get the earliest times.
db.prepare('update pass set started = ?, ended = ?').run(first - dayMs, first - dayMs + 1_000);
db.prepare('update operation set sent_at = ?, answered_at = ? where answered_at is not null').run(
  first - dayMs,
  first - dayMs + 500,
);

let written = 0;
let turn = 0;
for (let pass = 0; pass < passes; pass += 1)
  db.transaction(() => {
    const started = Math.floor(first + ((last - first) * pass) / passes);
    const { lastInsertRowid: id } = insertPass.run(started, started + 60_000);
    const targets = new Set();
    for (let index = 0; index < operationsPerPass && written < total; index += 1, written += 1, turn += 1) {
      const isMembers = turn % 20 === 19 && groups.length > 0;
      const { target, key, name } = isMembers ? groups[turn % groups.length] : accounts[turn % accounts.length];
      const isRefused = turn % 200 === 100;
      const edits = [{ path: 'title', from: `Clerk ${turn - 1}`, to: `Clerk ${turn}` }];
      const { lastInsertRowid: operation } = insertOperation.run(
        ...[id, target, isMembers ? 110 : 60, isMembers ? 'members' : 'update', isMembers ? 'Group' : 'User', key],
        ...[name, isMembers ? 'memberships changed' : 'title changed'],
        ...[isRefused ? 'failed' : 'done', isRefused ? 400 : 200, isRefused ? 'the value is not accepted' : null],
        ...[started + index * 10, started + index * 10 + 5, isRefused ? null : 'answered'],
      );
      if (!isMembers && isRefused) insertPayload.run(operation, JSON.stringify(edits));
      else if (!isMembers) pack(Number(operation), JSON.stringify(edits));
      if (isMembers) insertMember.run(operation, accounts[turn % accounts.length].key, turn % 40 === 19 ? 0 : 1);
      targets.add(target);
    }
    for (const target of targets) insertSummary.run(id, target, summaries.get(target));
  })();
for (const [id, edits] of block) insertPayload.run(id, edits);
db.pragma('journal_mode = delete');
const size = db.pragma('page_count', { simple: true }) * db.pragma('page_size', { simple: true });
console.log(JSON.stringify({ rows: written, passes, megabytes: Math.round(size / 2 ** 20) }));
db.close();
