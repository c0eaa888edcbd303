import { expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import { dayMs } from '../../src/model/time.ts';
import { openNextDates } from '../../src/store/next-dates.ts';
import { tables } from './state.ts';

test('the next dates are those of present, active users, and of the inactive accounts of one target', () => {
  const db = tables();
  const addRecord = db.prepare(
    `insert into record (resource_type, key, active, attributes, changed_in, removed_in, valid_from, valid_to)
    values ('User', ?, ?, '{}', 1, ?, ?, ?)`,
  );
  addRecord.run('ada', 1, null, 100, 500);
  addRecord.run('bob', 1, null, null, 400);
  addRecord.run('inactive', 0, null, 110, 410);
  addRecord.run('removed', 1, 7, 120, 420);
  addRecord.run('without dates', 1, null, null, null);
  db.exec(`
    insert into target (id, name) values (1, 'crm'), (2, 'erp');
    insert into account (target, resource_type, key, remote_id, body, name, active, inactive_since, origin,
      deletion_refused_at, changed_at)
    values (1, 'User', 'old', 'r-1', '{}', 'old', 0, 50, 'created', null, 1),
      (1, 'User', 'refused', 'r-2', '{}', 'refused', 0, 40, 'created', 45, 1),
      (2, 'User', 'other', 'r-3', '{}', 'other', 0, 60, 'created', null, 1)`);
  const dates = openNextDates(db);
  const each = (after: number, days = 0): unknown => {
    const moved = { days, zone: 'UTC' };
    return [
      dates.validity({ limit: 'validFrom', ...moved }, instant(after)),
      dates.validity({ limit: 'validTo', ...moved }, instant(after)),
      ...['crm', 'erp', 'unknown'].map((target) => dates.inactiveSince(target, moved, instant(after))),
    ];
  };
  expect(each(0)).toEqual([100, 400, 50, 60, undefined]);
  expect(each(50)).toEqual([100, 400, undefined, 60, undefined]);
  expect(each(100)).toEqual([undefined, 400, undefined, undefined, undefined]);
  expect(each(400)).toEqual([undefined, 500, undefined, undefined, undefined]);
  expect(each(500)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(each(50 + 3 * dayMs, 3)).toEqual([100, 400, undefined, 60, undefined].map((at) => at && at + 3 * dayMs));
});

test('the earliest date is moved in the zone of its user, not the one that is stored first', () => {
  const db = tables();
  // Clocks go forward on 2026-03-29 in Berlin only. Bob starts later than Ada, and 7 calendar days before it earlier.
  const starts = [
    ['ada', 'Europe/Berlin', Date.UTC(2026, 2, 30, 0)],
    ['bob', null, Date.UTC(2026, 2, 30, 0, 30)],
  ] as const;
  const add = db.prepare(
    `insert into record (resource_type, key, active, attributes, changed_in, valid_from, zone)
    values ('User', ?, 1, '{}', 1, ?, ?)`,
  );
  for (const [key, zone, at] of starts) add.run(key, at, zone);
  const dates = openNextDates(db);
  const moved = { limit: 'validFrom', days: -7, zone: 'UTC' } as const;
  const bob = Date.UTC(2026, 2, 23, 0, 30);
  const ada = Date.UTC(2026, 2, 23, 1);
  expect(dates.validity(moved, instant(0))).toBe(bob);
  expect(dates.validity(moved, instant(bob))).toBe(ada);
  expect(dates.validity(moved, instant(ada))).toBeUndefined();
});
