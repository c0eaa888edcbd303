import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { recordRecentRenames } from '../../../src/store/mirror/references/stale-references.ts';

const minuteMs = 60_000;

interface Step {
  /** In minutes. */
  readonly at: number;
  readonly renamed: number;
  /** By default an incremental reading, or a full one where the reading before demanded it. */
  readonly extent?: 'full';
}

/** The state after a first reading, with the temporary table of the handles whose owner a reading changed. */
function stateAfterFirstReading(): Db {
  const db = openDatabase(':memory:');
  db.exec(`
    insert into reading (id, number, at, fingerprint, signature, columns, rejected, completed, facts)
    values (1, 1, 0, '', 's', '{}', 0, 0, '{}');
    create temp table dirty_handle (handle integer primary key)`);
  return db;
}

/** Minutes of the readings that are full because too many entries were renamed. */
function fullReadings(steps: readonly Step[]): readonly number[] {
  const db = stateAfterFirstReading();
  const insert = db.prepare('insert into handle (text) values (?)');
  const full: number[] = [];
  let canContinue = true;
  let next = 0;
  for (const { at, renamed, extent } of steps) {
    if (!canContinue) full.push(at);
    db.exec('delete from dirty_handle');
    for (let index = 0; index < renamed; index += 1) {
      const { lastInsertRowid } = insert.run(`dn:${(next += 1)}`);
      db.prepare('insert into dirty_handle (handle) values (?)').run(lastInsertRowid);
    }
    const reading = { at: instant(at * minuteMs), signature: 's' };
    canContinue = recordRecentRenames(db, reading, extent ?? (canContinue ? 'incremental' : 'full'));
  }
  db.close();
  return full;
}

const everyMinute = (minutes: number, renamed: (minute: number) => number): readonly Step[] =>
  Array.from({ length: minutes }, (_, at) => ({ at, renamed: renamed(at) }));

test.each<[string, readonly Step[], readonly number[]]>([
  ['a few renames', everyMinute(60, () => 20), []],
  ['3,000 renames at once', everyMinute(60, (at) => (at === 1 ? 3_000 : 0)), [23]],
  ['200 renames in each minute', everyMinute(60, () => 200), [22, 34, 46, 58]],
])('%s: a full reading at most once in ten minutes', (_, steps, expected) => {
  expect(fullReadings(steps)).toEqual(expected);
});
