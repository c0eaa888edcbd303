import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { managerPath } from '../../src/model/path.ts';
import type { Db } from '../../src/store/database.ts';
import { target } from './operations.ts';
import { dump, stateFile } from './state.ts';

const migrationsFolder = join(import.meta.dirname, '..', '..', 'src', 'store', 'migrations');

/** The current name of each table and column → its name in schema 2. Columns that kept their name are left out. */
export const renamed: Readonly<Record<string, readonly [table: string, columns: Readonly<Record<string, string>>]>> = {
  reading: ['reading', { signature: 'shape' }],
  record: ['record', { resource_type: 'kind', changed_in: 'changed', removed_in: 'gone', valid_to: 'active_until' }],
  source_membership: ['edge', { changed_in: 'changed', removed_in: 'gone' }],
  handle: ['handle', {}],
  handle_owner: ['bearer', {}],
  reference: ['reference', { relation: 'towards' }],
  recently_renamed: ['unsettled', {}],
  target: ['target', { planned_reading: 'derived', rules_fingerprint: 'rules' }],
  account: ['account', { resource_type: 'kind', in_doubt: 'doubtful' }],
  membership: ['membership', { member_type: 'member_kind' }],
  requeue: ['due', { resource_type: 'kind', this_pass: 'follow_up', verify_first: 'uncertain' }],
  requeue_membership: ['due_edge', { this_pass: 'follow_up', in_doubt: 'doubtful' }],
  pending_manager: ['waiting', {}],
  pass: ['pass', {}],
  pass_target: ['pass_target', {}],
  operation: [
    'operation',
    { resource_type: 'kind', is_rename: 'renames', earlier_edits: 'edits', earlier_body: 'body' },
  ],
  operation_member: ['operation_member', { resource_type: 'kind' }],
  note: ['note', { resource_type: 'kind' }],
  holder: ['holder', {}],
};

/** Totals of the target in the completed pass. */
export const summary = {
  target,
  counts: { create: 1, update: 1, deactivate: 0, reactivate: 0, delete: 0, addMembers: 2, removeMembers: 1 },
  held: { kind: 'hold', parts: ['removals'], reasons: ['too many'], removals: 7, renames: 0 },
  succeeded: 3,
  failed: 1,
  heldOperations: 1,
  skipped: 0,
  requests: 9,
  retries: 2,
  problems: 1,
};
/** The bookmark of the last reading, as schema 2 stored it. */
export const bookmark = { way: 'syncLog', cookies: { 'dc=x': 'YQ==' }, version: '020261125' };

/** Fills a database of schema 2: a directory with nested groups, one target with completed passes, one interrupted. */
function fill(db: Db): void {
  const insert = (table: string, rows: readonly Readonly<Record<string, unknown>>[]): void => {
    for (const row of rows) {
      const columns = Object.keys(row);
      db.prepare(
        `insert into ${table} (${columns.join(', ')}) values (${columns.map((one) => `:${one}`).join(', ')})`,
      ).run(row);
    }
  };
  const digest = Buffer.from('0123456789abcdef');
  insert('reading', [
    {
      id: 1,
      number: 5,
      at: 5000,
      fingerprint: 'print',
      shape: 'meaning',
      columns: JSON.stringify({ users: [], groups: [], mapping: { user: { userName: 'uid' }, group: {} } }),
      rejected: 0,
      bookmark: JSON.stringify(bookmark),
      completed: 4000,
    },
  ]);
  const record = (id: number, kind: string, key: string, more: Readonly<Record<string, unknown>> = {}) => ({
    id,
    kind,
    key,
    active: 1,
    attributes: JSON.stringify({ name: [key] }),
    digest: null,
    changed: 1,
    gone: null,
    active_until: null,
    ...more,
  });
  insert('record', [
    record(1, 'User', 'ada', { attributes: '{"mail":["ada@x"],"manager":["bob"]}', digest, changed: 4 }),
    record(2, 'User', 'bob', { active_until: 9000 }),
    record(3, 'User', 'cy', { active: 0, changed: 5 }),
    record(4, 'User', 'gone', { changed: 5, gone: 5 }),
    record(5, 'Group', 'eng'),
    record(6, 'Nested', 'inner'),
  ]);
  insert('edge', [
    { id: 1, group_key: 'eng', member_key: 'ada', digest, changed: 4, gone: null },
    { id: 2, group_key: 'eng', member_key: 'bob', digest: null, changed: 1, gone: null },
    { id: 3, group_key: 'eng', member_key: 'gone', digest: null, changed: 5, gone: 5 },
  ]);
  insert('handle', [
    { id: 1, text: 'dn:cn=ada' },
    { id: 2, text: 'id:1' },
    { id: 3, text: 'dn:cn=unresolved' },
    { id: 4, text: 'dn:cn=bob' },
  ]);
  insert('bearer', [
    { handle: 1, record: 1 },
    { handle: 2, record: 1 },
    { handle: 4, record: 2 },
  ]);
  insert('reference', [
    { record: 5, towards: 'member', handle: 1 },
    { record: 5, towards: 'member', handle: 3 },
    { record: 1, towards: '@manager', handle: 4 },
  ]);
  insert('unsettled', [{ handle: 1, at: 4900 }]);
  insert('target', [
    {
      id: 1,
      name: target,
      derived: 4,
      rules: 'rules',
      discovery: '{"patch":true,"bulk":{"supported":true,"maxOperations":9},"raw":{}}',
      listed: 77,
    },
    { id: 2, name: 'other', derived: 0, rules: '', discovery: null, listed: null },
  ]);
  const account = (
    id: number,
    kind: string,
    key: string,
    body: object,
    more: Readonly<Record<string, unknown>> = {},
  ) => ({
    id,
    target: 1,
    kind,
    key,
    remote_id: `r-${key}`,
    body: JSON.stringify(body),
    name: key,
    active: 1,
    inactive_since: null,
    version: null,
    manager: null,
    origin: 'created',
    doubtful: null,
    changed_at: 300,
    ...more,
  });
  insert('account', [
    account(
      1,
      'User',
      'ada',
      { userName: 'ada', [managerPath]: 'bob' },
      { manager: 'bob', version: 'W/"1"', doubtful: '["title","active"]' },
    ),
    account(2, 'User', 'bob', { userName: 'bob' }, { origin: 'adopted' }),
    account(3, 'User', 'gone', { userName: 'gone', active: false }, { active: 0, inactive_since: 250 }),
    account(4, 'Group', 'eng', { displayName: 'eng' }),
  ]);
  insert('membership', [
    { target: 1, group_key: 'eng', member_kind: 'User', member_key: 'ada' },
    { target: 1, group_key: 'eng', member_kind: 'User', member_key: 'gone' },
    { target: 1, group_key: 'eng', member_kind: 'Group', member_key: 'inner' },
  ]);
  insert('due', [
    { target: 1, kind: 'User', key: 'ada', follow_up: 0, uncertain: 0 },
    { target: 1, kind: 'User', key: 'bob', follow_up: 1, uncertain: 0 },
    { target: 1, kind: 'User', key: 'cy', follow_up: 0, uncertain: 1 },
    { target: 1, kind: 'Group', key: 'eng', follow_up: 1, uncertain: 1 },
  ]);
  insert('due_edge', [
    { target: 1, group_key: 'eng', member_key: 'ada', follow_up: 0, doubtful: 1 },
    { target: 1, group_key: 'eng', member_key: 'bob', follow_up: 1, doubtful: 0 },
  ]);
  insert('waiting', [{ target: 1, key: 'ada', manager: 'late' }]);
  insert('pass', [
    { id: 1, command: 'sync', started: 100, ended: 400, reading: 4, result: 'failed', note: 'by ops', approved: 0 },
    {
      id: 2,
      command: 'sync --allow-removals 1',
      started: 450,
      ended: 480,
      reading: 4,
      result: 'done',
      note: null,
      approved: 1,
    },
    { id: 3, command: 'daemon', started: 500, ended: null, reading: 5, result: null, note: null, approved: 0 },
  ]);
  insert('pass_target', [{ pass: 1, target: 1, summary: JSON.stringify(summary) }]);
  const operation = (
    id: number,
    pass: number,
    action: string,
    key: string,
    status: string,
    more: Readonly<Record<string, unknown>> = {},
  ) => ({
    id,
    pass,
    target: 1,
    round: 0,
    phase: id * 10,
    wave: 0,
    action,
    kind: 'User',
    key,
    name: `${key}'s name`,
    reason: 'because',
    edits: null,
    body: null,
    refers_to: null,
    renames: 0,
    state: status,
    status: null,
    detail: null,
    requests: 1,
    retries: 0,
    sent_at: 200,
    answered_at: status === 'sent' || status === 'planned' ? null : 300,
    ...more,
  });
  const edits = JSON.stringify([{ path: 'userName', from: 'ada', to: 'ada2' }]);
  const body = JSON.stringify({ userName: 'cy', [managerPath]: 'bob' });
  insert('operation', [
    operation(1, 1, 'create', 'cy', 'unknown', { body, refers_to: 'bob', detail: 'lost' }),
    operation(2, 1, 'update', 'ada', 'failed', {
      edits,
      body: '{"userName":"ada2"}',
      renames: 1,
      status: 400,
      detail: 'taken',
    }),
    operation(3, 1, 'deactivate', 'gone', 'done', {
      edits: '[{"path":"active","from":true,"to":false}]',
      body: '{"active":false}',
      status: 200,
    }),
    operation(4, 1, 'reactivate', 'bob', 'held', { edits: '[]', body: '{}' }),
    operation(5, 1, 'delete', 'old', 'done', { kind: 'Group', status: 204 }),
    operation(6, 1, 'claim', 'zoe', 'done', { body: '{"userName":"zoe"}', status: 404 }),
    operation(7, 1, 'members', 'eng', 'done', { kind: 'Group', status: 204 }),
    operation(8, 3, 'claim', 'cy', 'sent', { body }),
    operation(9, 3, 'members', 'eng', 'sent', { kind: 'Group' }),
    operation(10, 3, 'update', 'ada', 'planned', { edits, body: '{"userName":"ada2"}', renames: 1 }),
  ]);
  insert('operation_member', [
    { operation: 7, kind: 'User', key: 'ada', removed: 0 },
    { operation: 7, kind: 'User', key: 'eve', removed: 1 },
    { operation: 9, kind: 'User', key: 'bob', removed: 0 },
  ]);
  insert('note', [
    { pass: 1, target: 1, kind: 'User', key: 'dan', name: 'Dan', text: 'has no userName', problem: 1 },
    { pass: 1, target: 1, kind: 'Group', key: 'eng', name: 'eng', text: 'is protected', problem: 0 },
  ]);
  insert('holder', [{ id: 1, pid: 4711, host: 'here', command: 'daemon', since: 0 }]);
}

/** A state file of schema 2: the first two migrations created it. `more` adds rows to it. */
export function oldState(more: (db: Db) => void = () => undefined): { readonly file: string; readonly before: Dump } {
  const file = stateFile();
  const db = new Database(file);
  db.pragma('journal_mode = wal');
  db.pragma('foreign_keys = on');
  for (const name of readdirSync(migrationsFolder).sort().slice(0, 2))
    db.exec(readFileSync(join(migrationsFolder, name), 'utf8'));
  db.pragma('user_version = 2');
  fill(db);
  more(db);
  const before = dump(db) as Dump;
  db.close();
  return { file, before };
}

/** The SQL of the migrations that lead from schema 2 to this one. */
export const migrationsUpTo = (schema: number): readonly string[] =>
  readdirSync(migrationsFolder)
    .sort()
    .slice(2, schema)
    .map((name) => readFileSync(join(migrationsFolder, name), 'utf8'));

/** The rows of each table, by the name of the table. */
export type Dump = Readonly<Record<string, Readonly<Record<string, unknown>>[]>>;

/** Words of schema 2 that no table, column, index or constraint of the current schema may contain. */
export const retiredSchemaWords: readonly string[] = [
  'kind',
  'edge',
  'due',
  'waiting',
  'derived',
  'gone',
  'doubtful',
  'uncertain',
  'follow',
  'bearer',
  'towards',
  'unsettled',
  'shape',
  'renames',
];
