import Database from 'better-sqlite3';
import { expect, test } from '@jest/globals';
import { ChangeWatch } from '../../../src/store/postgres/change-watch.ts';
import { atEnd } from '../state.ts';

/** A database with each kind of table, and a watch of its changes. */
function watched() {
  const db = new Database(':memory:');
  atEnd(() => void db.close());
  db.pragma('foreign_keys = on');
  db.exec(`
    create table person (id integer primary key, name text not null unique);
    create table child (person integer primary key references person (id) on delete cascade, body blob);
    create table pair (a text, b text, value integer, primary key (a, b)) without rowid;
    create table line (text text);
    create trigger person_added after insert on person begin insert into line values (new.name); end;
    insert into person values (1, 'ada'), (2, 'bob');
    insert into child values (1, x'00'), (2, null);
    insert into pair values ('x', 'y', 1)`);
  const watch = new ChangeWatch(db);
  watch.begin();
  return { db, watch };
}

/** `table -deleted key +row`. */
const noted = (watch: ChangeWatch): readonly string[] => {
  watch.end();
  return [...watch.changes()].flatMap(({ shape, deleted, present }) => [
    ...deleted.map((key) => `${shape.name} -${JSON.stringify(key)}`),
    ...present.map((row) => `${shape.name} +${JSON.stringify(row)}`),
  ]);
};

test.each([
  [
    'an insert, and what its trigger inserts',
    `insert into person values (3, 'cy')`,
    ['line +[3,"cy"]', 'person +[3,"cy"]'],
  ],
  ['an update', `update person set name = 'eve' where id = 1`, ['person +[1,"eve"]']],
  ['a delete, and what it cascades to', 'delete from person where id = 1', ['child -[1]', 'person -[1]']],
  ['a delete of all rows', 'delete from pair', ['pair -["x","y"]']],
  [
    'a row that is replaced by a unique value, without a trigger',
    `update or replace person set name = 'bob' where id = 1`,
    ['child -[2]', 'person -[2]', 'person +[1,"bob"]'],
  ],
  ['a row that replaces another one', `insert or replace into pair values ('x', 'y', 2)`, ['pair +["x","y",2]']],
  ['a changed key', `update pair set b = 'z'`, ['pair -["x","y"]', 'pair +["x","z",1]']],
  [
    'a statement that fires twice for a row',
    `update person set name = name || '!'; update person set name = 'q' where id = 2`,
    ['person +[1,"ada!"]', 'person +[2,"q"]'],
  ],
  ['an upsert', `insert into pair values ('x', 'y', 5) on conflict do update set value = 5`, ['pair +["x","y",5]']],
  ['nothing', 'update person set name = name where id = 99', []],
])('%s is noted', (_, sql, expected) => {
  const { db, watch } = watched();
  db.exec(sql);
  expect(noted(watch)).toEqual(expected);
  watch.clear();
  expect(noted(watch)).toEqual([]);
});

test('what is rolled back is not noted', () => {
  const { db, watch } = watched();
  db.exec(`begin; insert into person values (3, 'cy'); rollback`);
  watch.forget();
  expect(watch.hasChanges()).toBe(false);
  db.exec('delete from pair');
  expect(noted(watch)).toEqual(['pair -["x","y"]']);
});

test('a table that the transaction creates is noted with all its rows', () => {
  const { db, watch } = watched();
  db.exec('create table extra (id integer primary key, text text); insert into extra values (7, null)');
  expect(noted(watch)).toEqual(['extra +[7,null]']);
  expect(watch.createdTables).toEqual(['extra']);
  watch.begin();
  db.exec(`update extra set text = 'x'`);
  expect(noted(watch)).toEqual(['extra +[7,"x"]']);
});
