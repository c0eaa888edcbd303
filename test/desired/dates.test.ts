import { describe, expect, test } from '@jest/globals';
import { compileExpression, type ExpressionSettings } from '../../src/desired/expression.ts';
import { checkExpression } from '../../src/desired/expressions/check-expression.ts';
import { recordContext } from '../../src/desired/expression-context.ts';
import { compileTargetMapping } from '../../src/desired/target-mapping.ts';
import { profileWith } from '../world/profile.ts';

const { supports } = profileWith();
const berlin = { formats: ['dd.MM.yyyy', 'M/d/yyyy'], zone: 'Europe/Berlin', numbers: 'excel' } as const;

const resultOf = (text: string, start: string | undefined, dates: ExpressionSettings['dates'] = berlin) =>
  compileExpression(text, 'user', { tables: {}, dates }).evaluate(
    recordContext('User', start === undefined ? {} : { start: [start] }),
  );

const iso = "formatDate(user.start, 'yyyy-MM-dd')";

test.each([
  ['31.12.2026', iso, '2026-12-31'],
  ['12/31/2026', iso, '2026-12-31'],
  ['2026-12-31', iso, '2026-12-31'],
  ['46387', iso, '2026-12-31'],
  ['20261231233000Z', iso, '2027-01-01'],
  ['2026-12-31T23:30:00Z', iso, '2027-01-01'],
  ['31.12.2026', "formatDate(user.start, 'd MMM yyyy')", '31 Dec 2026'],
  ['31.12.2026', "formatDate(parseDate(user.start), 'dd/MM/yy')", '31/12/26'],
  ['31.12.2026', "formatDate(parseDate(user.start) + duration('48h'), 'yyyy-MM-dd')", '2027-01-02'],
  ['31.12.2026', 'formatDate(user.start, "yyyy-MM-dd\'T00:00:00Z\'")', '2026-12-31T00:00:00Z'],
  ['31.12.2026', 'parseDate(user.start)', '2026-12-30T23:00:00.000Z'],
  ['31.12.2026', "parseDate(user.start) < parseDate('2027-01-01') ? 'early' : 'late'", 'early'],
  [' 31.12.2026 ', iso, '2026-12-31'],
])('%s: %s', (start, text, value) => {
  const expected = { kind: 'value', value };
  expect([resultOf(text, start), resultOf(text, start)]).toEqual([expected, expected]);
});

test.each([
  ['a value without a date', '0', 'missing'],
  ['the year 9999', '31.12.9999', 'missing'],
  ['no value', undefined, 'missing'],
  ['a day that does not exist', '31.02.2026', 'error'],
  ['a text', 'soon', 'error'],
])('%s', (_, start, kind) => {
  expect(resultOf(iso, start).kind).toBe(kind);
  expect(resultOf('parseDate(user.start)', start).kind).toBe(kind);
});

test('numbers of a directory are days since 1970', () => {
  expect(resultOf(iso, '20818', { ...berlin, numbers: 'shadowDays' })).toEqual({ kind: 'value', value: '2026-12-31' });
});

describe('expressions that are refused', () => {
  test.each([
    ["formatDate(user.start, 'YYYY-MM-DD')", 'user', 'yyyy, MM and dd'],
    ["formatDate(user.start, '')", 'user', 'gives no date'],
    ["formatDate(1, 'yyyy')", 'user', 'formatDate'],
    ['parseDate(user.start)', 'userRow', 'parseDate'],
  ] as const)('%s about %s', (text, subject, message) => {
    expect(checkExpression(text, subject, 'value')).toContain(message);
  });

  test('a format from a column is judged with the value', () => {
    expect(resultOf("formatDate('2026-12-31', user.start)", 'YYYY').kind).toBe('error');
  });
});

test('another zone evaluates all users again where dates are used, and only there', () => {
  const fingerprints = (title: string): ReadonlySet<string> =>
    new Set(
      ['Europe/Berlin', 'UTC'].map(
        (zone) =>
          compileTargetMapping(
            { mapping: { user: { userName: 'user.start', title } }, supports, dates: { ...berlin, zone } },
            { users: ['start'], groups: [] },
          ).fingerprint,
      ),
    );
  expect(fingerprints(iso).size).toBe(2);
  expect(fingerprints('user.start').size).toBe(1);
});
