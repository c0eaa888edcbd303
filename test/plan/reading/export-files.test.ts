import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { judgeAge, judgeEnd, judgeOlderFile, type ExportFile } from '../../../src/plan/reading/export-files.ts';

const hour = 3_600_000;
const now = instant(100 * 24 * hour);
const file = (more: Partial<ExportFile>): ExportFile => ({
  part: 'users',
  name: 'people.csv',
  modifiedAt: now,
  endsWithLineBreak: true,
  ...more,
});
const aged = (hours: number): ExportFile => file({ modifiedAt: instant(now - hours * hour) });

describe('the age of an export', () => {
  test.each<[number, number | undefined, string | undefined]>([
    [0, 36, undefined],
    [36, 36, undefined],
    [36.1, 36, 'source.old'],
    [72, 36, 'source.old'],
    [72.1, 36, 'source.tooOld'],
    [-5, 36, undefined],
    [10_000, undefined, undefined],
  ])('%d hours, with a maximum of %s hours: %s', (hours, maxAge, code) => {
    const [judgement, ...others] = judgeAge([aged(hours)], maxAge === undefined ? undefined : maxAge * hour, now);
    expect([judgement?.code, judgement?.refused, others]).toEqual([code, code && code === 'source.tooOld', []]);
  });

  test('is stated in days', () => {
    expect(judgeAge([aged(30 * 24)], 36 * hour, now)[0]?.reason).toContain('the export is 30 days old (people.csv)');
  });

  test('of each file counts', () => {
    const files = [file({}), { ...aged(100), name: 'teams.csv' }];
    expect(judgeAge(files, hour, now).map(({ subject }) => subject)).toEqual(['teams.csv']);
  });
});

describe('the end of an export', () => {
  test.each<[string, boolean, Readonly<Record<string, boolean>> | undefined, readonly string[]]>([
    ['a line break as before', true, { users: true }, []],
    ['no line break as before', false, { users: false }, []],
    ['a line break is new', true, { users: false }, []],
    ['the line break is missing', false, { users: true }, ['source.truncated']],
    ['a first reading', false, undefined, []],
    ['a part that was not read before', false, { groups: true }, []],
  ])('%s', (_, endsWithLineBreak, before, codes) => {
    expect(judgeEnd([file({ endsWithLineBreak })], before).map(({ code }) => code)).toEqual(codes);
  });
});

test.each<[string, number, number, Readonly<Record<string, ReturnType<typeof instant>>> | undefined, boolean]>([
  ['older, and a leaver is back', 24, 1, { users: now }, true],
  ['older, and no leaver is back', 24, 0, { users: now }, false],
  ['as old', 0, 1, { users: now }, false],
  ['newer', -24, 1, { users: now }, false],
  ['a first reading', 24, 1, undefined, false],
  ['another part', 24, 1, { groups: now }, false],
])('an earlier export: %s', (_, hours, leaversBack, before, refused) => {
  const codes = judgeOlderFile([aged(hours)], before, leaversBack).map(({ code }) => code);
  expect(codes).toEqual(refused ? ['source.wentBack'] : []);
});
