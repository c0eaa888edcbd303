import { describe, expect, test } from '@jest/globals';
import { formatProblem } from '../../../src/model/dates/date-format.ts';
import { createMomentParser, parseMoment } from '../../../src/model/dates/parse-moment.ts';
import type { DateSettings } from '../../../src/model/dates/read-date.ts';
import { endOfDay, startOfDay } from '../../../src/model/dates/zone.ts';

const files: DateSettings = {
  formats: ['yyyy-MM-dd', 'dd.MM.yyyy', 'M/d/yyyy', 'd MMM yyyy', "dd.MM.yyyy 'um' HH:mm"],
  zone: 'Europe/Berlin',
  numbers: 'excel',
};
const directory: DateSettings = { formats: [], zone: 'UTC', numbers: 'shadowDays' };
const iso = (at: ReturnType<typeof parseMoment>): unknown =>
  typeof at === 'number' ? new Date(at).toISOString() : at === undefined ? 'no limit' : 'unreadable';

const endOf2026 = '2026-12-31T23:00:00.000Z';

describe('the last day 2026-12-31 in Berlin', () => {
  test.each([
    '2026-12-31',
    '20261231',
    '31.12.2026',
    ' 31.12.2026 ',
    '12/31/2026',
    '31 Dec 2026',
    '46387',
    '2027-01-01T00:00',
    '2027-01-01 00:00:00',
    '2026-12-31T23:00:00Z',
    '2027-01-01T01:00:00+02:00',
    '20261231230000Z',
    '134432316000000000',
    '01.01.2027 um 00:00',
  ])('is written %s', (text) => {
    expect(iso(parseMoment(text, 'end', files))).toBe(endOf2026);
  });
});

test.each([
  ['a day begins', '2026-12-31', '2026-12-30T23:00:00.000Z'],
  ['summer time begins', '29.03.2026', '2026-03-28T23:00:00.000Z'],
  ['summer time ends', '25.10.2026', '2026-10-24T22:00:00.000Z'],
  ['in the leap year', '2/29/2028', '2028-02-28T23:00:00.000Z'],
])('%s at midnight in the zone', (_, text, expected) => {
  expect(iso(parseMoment(text, 'start', files))).toBe(expected);
});

test.each([
  ['1', '1900-01-02'],
  ['59', '1900-03-01'],
  // The spreadsheet has 1900-02-29 as day 60.
  ['61', '1900-03-02'],
  ['46387.75', '2026-12-31T18:00:00'],
  ['46387,5', '2026-12-31T12:00:00'],
  ['2958465', 'never'],
])('a serial number %s', (text, expected) => {
  const end = iso(parseMoment(text, 'end', { ...files, zone: 'UTC' }));
  expect(String(end).startsWith(expected === 'never' ? 'no limit' : expected)).toBe(true);
});

test.each(['', '   ', '0', '9223372036854775807', '9999-12-31', '31.12.9999'])('%j is no limit', (text) => {
  expect(parseMoment(text, 'end', files)).toBeUndefined();
});

test.each(['', '0', '9223372036854775807'])('a start %j is no limit', (text) => {
  expect(parseMoment(text, 'start', files)).toBeUndefined();
});

test.each(['9999-12-31', '31.12.9999', '2958465', '9999-01-01T00:00:00Z'])('a start %s never comes', (text) => {
  expect(iso(parseMoment(text, 'start', files))).toMatch(/^9999-12-3/);
});

test.each([
  '60',
  '60.0',
  '46.387',
  '46,387',
  '2026',
  '2026.0',
  '2958466',
  '-1',
  '31.02.2026',
  '29.02.2027',
  '12/31/26',
  '1.2.2026',
  '0202-12-31',
  '2026-W53',
  '2026-12',
  'until further notice',
  '2026-12-31T25:00',
])('%s is unreadable', (text) => {
  expect(parseMoment(text, 'end', files)).toEqual({ error: expect.stringContaining(JSON.stringify(text)) });
});

test.each([
  ['20818', '2026-12-31T00:00:00.000Z'],
  ['-1', 'no limit'],
  ['0', 'no limit'],
  ['134432316000000000', endOf2026],
])('in a directory, %s', (text, expected) => {
  expect(iso(parseMoment(text, 'end', directory))).toBe(expected);
});

describe('days whose midnight is special', () => {
  test.each([
    ['clocks go forward at midnight', 'Africa/Cairo', [2026, 4, 24], '2026-04-23T22:00:00.000Z'],
    ['midnight comes twice', 'America/Havana', [2025, 11, 2], '2025-11-02T04:00:00.000Z'],
    ['clocks went forward at midnight', 'America/Sao_Paulo', [2018, 11, 4], '2018-11-04T03:00:00.000Z'],
  ] as const)('%s', (_, zone, [year, month, day], expected) => {
    expect(iso(startOfDay({ year, month, day }, zone))).toBe(expected);
  });

  test('the day after is missing in the zone', () => {
    expect(iso(endOfDay({ year: 2011, month: 12, day: 29 }, 'Pacific/Apia'))).toBe('2011-12-30T10:00:00.000Z');
  });
});

test('a parser with a memory keeps zones and edges apart', () => {
  const parser = createMomentParser(files);
  for (let round = 0; round < 2; round += 1) {
    expect(iso(parser.parse('2026-12-31', 'end'))).toBe(endOf2026);
    expect(iso(parser.parse('2026-12-31', 'start'))).toBe('2026-12-30T23:00:00.000Z');
    expect(iso(parser.parse('2026-12-31', 'end', 'Asia/Tokyo'))).toBe('2026-12-31T15:00:00.000Z');
  }
});

test.each(['dd.MM.yyyy', 'd.M.yy', 'yyyyMMdd', 'd MMM yyyy', 'dd/MM/yyyy HH:mm', "yyyy-MM-dd'T'HH:mm", 'yyyy-ooo'])(
  'the format %s is complete',
  (format) => {
    expect(formatProblem(format)).toBeUndefined();
  },
);

test.each(['DD.MM.YYYY', 'yyyy-mm-dd', 'MM/yyyy', 'D', 'X', 'HH:mm', "'yyyy'-MM-dd", ''])(
  'the format %s is not',
  (format) => {
    expect(formatProblem(format)).toEqual(expect.any(String));
  },
);
