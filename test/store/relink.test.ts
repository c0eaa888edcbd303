import { expect, test } from '@jest/globals';
import { relinkKeys } from '../../src/store/identity/relink.ts';
import { at, dump, tables } from './state.ts';

/** Columns that hold keys of something else than users, or of no record. */
const otherKeys = [
  'key_change.from_key',
  'key_change.to_key',
  'former_key.key',
  'former_key.now_key',
  // The next reading replaces the rows.
  'rejected_row.key',
  // A record of a joined source.
  'joined_user.joined_key',
];

test('relink covers each column that can hold the key of a user', () => {
  const db = tables();
  const columns = db
    .prepare(
      `
      select m.name || '.' || c.name
      from sqlite_schema m, pragma_table_info(m.name) c
      where m.type = 'table'
        and m.name not like 'sqlite_%'
        and (c.name = 'key' or c.name like '%\\_key' escape '\\' or c.name in ('manager', 'refers_to', 'now_key'))
        and c.name not in ('group_key')`,
    )
    .pluck()
    .all() as string[];
  db.pragma('foreign_keys = off');
  db.pragma('ignore_check_constraints = on');
  const relevant = columns.filter((column) => !otherKeys.includes(column));
  for (const column of relevant) {
    const [table = '', name = ''] = column.split('.');
    const infos = db.prepare(`select name, type, pk from pragma_table_info('${table}')`).all() as {
      name: string;
      type: string;
    }[];
    const values = infos.map((info) => {
      if (info.name === name) return 'old';
      if (info.name === 'resource_type' || info.name === 'member_type') return 'User';
      if (info.name === 'body') return '{}';
      if (info.name === 'side') return 'primary';
      return info.type === 'text' ? `text of ${column}` : info.name === 'id' ? null : 1 + relevant.indexOf(column);
    });
    db.prepare(
      `insert into ${table} (${infos.map((info) => info.name).join()}) values (${infos.map(() => '?').join()})`,
    ).run(values);
  }
  relinkKeys(db, [{ from: 'old', to: 'new' }], at(5));
  const left = Object.entries(dump(db)).flatMap(([table, rows]) =>
    table === 'former_key' ? [] : rows.filter((row) => Object.values(row as object).includes('old')).map(() => table),
  );
  expect(left).toEqual([]);
});

test('keys can change in circles and chains', () => {
  const db = tables();
  const insert = db.prepare(
    `insert into record (resource_type, key, active, attributes, changed_in) values ('User', ?, 1, ?, 1)`,
  );
  for (const key of ['a', 'b', 'c', 'd']) insert.run(key, `{"was":["${key}"]}`);
  relinkKeys(
    db,
    [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
      { from: 'c', to: 'd' },
      { from: 'd', to: 'e' },
    ],
    at(5),
  );
  expect(db.prepare(`select key || ' ' || attributes from record order by key`).pluck().all()).toEqual([
    'a {"was":["b"]}',
    'b {"was":["a"]}',
    'd {"was":["c"]}',
    'e {"was":["d"]}',
  ]);
});
