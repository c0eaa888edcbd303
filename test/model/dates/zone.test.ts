import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, endOfDay, startOfDay } from '../../../src/model/dates/zone.ts';
import { instant, type Instant } from '../../../src/model/ids.ts';
import { dayMs } from '../../../src/model/time.ts';

const at = (text: string): Instant => instant(Date.parse(text));
const iso = (moment: number | undefined): string | undefined =>
  moment === undefined ? undefined : new Date(moment).toISOString().replace(':00.000Z', 'Z');

const calendarDay = (text: string) => {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return { year, month, day };
};

describe('the start of a day moves to the start of a day', () => {
  test.each([
    ['no clock change', 'UTC', '2026-12-08', -7, '2026-12-01T00:00Z'],
    ['over the month of February', 'UTC', '2028-02-28', 2, '2028-03-01T00:00Z'],
    ['clocks go forward', 'Europe/Berlin', '2026-04-01', -7, '2026-03-24T23:00Z'],
    ['clocks go back', 'Europe/Berlin', '2026-10-28', -7, '2026-10-20T22:00Z'],
    ['to a day without midnight', 'America/Sao_Paulo', '2018-11-11', -7, '2018-11-04T03:00Z'],
    ['from a day without midnight', 'America/Sao_Paulo', '2018-11-04', 7, '2018-11-11T02:00Z'],
    ['to a day without midnight', 'Asia/Beirut', '2026-04-05', -7, '2026-03-28T22:00Z'],
    ['from a day without midnight', 'Africa/Cairo', '2026-04-24', -7, '2026-04-16T22:00Z'],
    ['to a day with two midnights: the first', 'America/Havana', '2026-11-08', -7, '2026-11-01T04:00Z'],
    ['from a day with two midnights', 'America/Havana', '2026-11-01', 7, '2026-11-08T05:00Z'],
    ['the easternmost zone', 'Pacific/Kiritimati', '2026-01-08', -7, '2025-12-31T10:00Z'],
    ['the westernmost zone', 'Etc/GMT+12', '2026-01-08', -7, '2026-01-01T12:00Z'],
    ['half an hour beside the others', 'Asia/Kolkata', '2026-04-08', -7, '2026-03-31T18:30Z'],
    ['a clock change of half an hour', 'Australia/Lord_Howe', '2026-04-08', -7, '2026-03-31T13:00Z'],
    ['a quarter of an hour', 'Asia/Kathmandu', '2026-04-08', 1, '2026-04-08T18:15Z'],
    ['over a day that a zone left out', 'Pacific/Apia', '2012-01-02', -4, '2011-12-29T10:00Z'],
    ['a fixed offset', 'UTC+2', '2026-04-01', -7, '2026-03-24T22:00Z'],
  ])('%s: %s %s %d', (_, zone, day, days, expected) => {
    const start = startOfDay(calendarDay(day), zone);
    expect(iso(start === undefined ? undefined : addDays(start, days, zone))).toBe(expected);
  });
});

test.each([
  ['keeps its local time', 'Europe/Berlin', '2026-04-01T16:00Z', -7, '2026-03-25T17:00Z'],
  ['moves past the gap', 'Europe/Berlin', '2026-04-05T00:30Z', -7, '2026-03-29T01:30Z'],
  ['keeps its local time in winter', 'America/New_York', '2026-11-05T14:00Z', -7, '2026-10-29T13:00Z'],
])('another moment %s', (_, zone, moment, days, expected) => {
  expect(iso(addDays(at(moment), days, zone))).toBe(expected);
});

test('a part of a day is a part of 24 hours', () => {
  expect(iso(addDays(at('2026-03-27T23:00Z'), 1.5, 'Europe/Berlin'))).toBe('2026-03-29T11:00Z');
  expect(iso(addDays(at('2026-12-01T00:00Z'), -0.25, 'UTC'))).toBe('2026-11-30T18:00Z');
});

test('no day is the moment itself', () => {
  expect(addDays(instant(12_345), 0, 'Europe/Berlin')).toBe(12_345);
});

const zones = [
  ...['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Beirut', 'Africa/Cairo', 'America/Havana', 'Atlantic/Azores'],
  ...['Pacific/Apia', 'Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Santiago'],
];

test('the days of a policy are the days of the calendar, in any zone and year', () => {
  const days = fc.record({
    zone: fc.constantFrom(...zones),
    offset: fc.integer({ min: 0, max: 60 * 365 }),
    days: fc.integer({ min: -400, max: 400 }),
  });
  fc.assert(
    fc.property(days, ({ zone, offset, days }) => {
      const dayOf = (index: number) => {
        const date = new Date(Date.UTC(1975, 0, 1) + index * dayMs);
        return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
      };
      const start = startOfDay(dayOf(offset), zone);
      const other = startOfDay(dayOf(offset + days), zone);
      // A day that the zone left out begins where the next day does, and that one is counted from.
      if (start === undefined || endOfDay(dayOf(offset), zone) === start) return;
      expect(addDays(start, days, zone)).toBe(other);
    }),
    { numRuns: 500 },
  );
});
