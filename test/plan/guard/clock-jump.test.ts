import { describe, expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { Verdict } from '../../../src/model/plan.ts';
import { clockDoubt, isSetRight, withDeletionsInDoubt, type ClockDoubt } from '../../../src/plan/guard/clock-jump.ts';
import { dayMs } from '../../../src/model/time.ts';

const onDay = (day: number) => instant(day * dayMs);

describe('the clock is in doubt', () => {
  test.each<[string, readonly number[], number, number, ClockDoubt['kind'] | undefined]>([
    ['no pass before', [], 900, 900, undefined],
    ['one pass, one day later', [0], 1, 1, undefined],
    ['one pass, more than a day later', [0], 1.01, 1.01, 'ahead'],
    ['the second week', [0], 7, 7, 'ahead'],
    ['the third week: one gap shows the interval', [7, 0], 14, 14, undefined],
    ['a weekly pass', [14, 7, 0], 21, 21, undefined],
    ['a weekly pass, a day late', [14, 7, 0], 22, 22, undefined],
    ['a weekly pass, more than a day late', [14, 7, 0], 22.01, 22.01, 'ahead'],
    ['the longest gap counts, not the last', [8, 7, 0], 16, 16, undefined],
    ['hourly passes', [0.08, 0.04, 0], 1.2, 1.2, 'ahead'],
    ['daily passes, two days ahead', [2, 1, 0], 5, 5, 'ahead'],
    ['a daily pass, one missing', [2, 1, 0], 4, 4, undefined],
    ['working days', [7, 4, 3, 2, 1, 0], 10, 10, undefined],
    ['an outage of a year shows no interval', [366, 365, 1, 0], 369, 369, 'ahead'],
    ['passes of every quarter do', [270, 180, 90, 0], 360, 360, undefined],
    ['only the recent gaps count', [27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 0], 30, 30, 'ahead'],
    ['the clock went back within the passes', [5, 60, 4], 7, 60, 'back'],
    ['the clock is back', [60, 1, 0], 2, 60, 'back'],
    ['the clock is back by a day', [60, 1, 0], 59, 60, undefined],
    ['the gap before a contradicted pass shows no interval', [5, 30, 4, 3], 25, 25, 'ahead'],
  ])('%s', (_, passes, clock, judged, expected) => {
    const doubt = clockDoubt({ passes: passes.map(onDay) }, { clock: onDay(clock), judged: onDay(judged) });
    expect(doubt?.kind).toBe(expected);
  });

  test.each([
    ['other passes went on', 10, 10.04, undefined],
    ['the clock jumped between other passes', 10, 14, { kind: 'ahead', certain: onDay(10), judged: onDay(20) }],
  ])('after a pause of the target: %s', (_, from, until, expected) => {
    const passes = [1.08, 1.04, 1].map(onDay);
    const pause = { from: onDay(from), until: onDay(until) };
    expect(clockDoubt({ passes, pause }, { clock: onDay(20), judged: onDay(20) })).toEqual(expected);
  });
});

describe('a clock that was ahead was set right', () => {
  test.each([
    ['before the next daily pass', [63, 2, 1, 0], 3, true],
    ['after some days ahead', [67, 66, 65, 64, 63, 2, 1, 0], 7, true],
    ['hourly passes', [365.04, 365, 0.08, 0.04, 0], 0.2, true],
    ['after a jump of two days', [4.04, 4, 2, 1.96, 1.92], 2.1, true],
    ['a year, after the first pass', [365, 0], 0.1, true],
    ['the clock was set to another wrong time', [63, 2, 1, 0], 20, false],
    ['the clock is before all passes', [63, 2, 1, 0], -3, false],
    ['the passes were regular, so the clock is wrong now', [21, 14, 7, 0], 8, false],
    ['the second of two passes was a week later', [7, 0], 0.5, false],
    ['the clock is not behind', [2, 1, 0], 3, false],
    ['no pass', [], 3, false],
  ])('%s', (_, passes, clock, expected) => {
    expect(isSetRight(passes.map(onDay), onDay(clock))).toBe(expected);
  });
});

describe('deletions that are due by time only are held', () => {
  const doubt: ClockDoubt = { kind: 'ahead', certain: onDay(0), judged: onDay(60) };
  const known = { users: 40, activeUsers: 30, groups: 2, memberships: 9 };
  const hold = (kind: 'usersRemoved' | 'groupsRemoved'): Verdict => ({
    ...{ kind: 'hold', parts: ['removals'], reasons: ['app: …'], removals: 5, renames: 0 },
    violations: [{ code: 'guard.groupRemovals', kind, planned: 5, count: 5, known: 9, limit: undefined }],
  });
  test.each<[string, Verdict, readonly string[], readonly string[], number]>([
    ['no deletion', { kind: 'allow' }, [], [], 0],
    ['two', { kind: 'allow' }, ['ada', 'bob'], ['guard.clockJump'], 2],
    ['beside another hold', hold('groupsRemoved'), ['ada'], ['guard.groupRemovals', 'guard.clockJump'], 6],
    ['the guard holds all removals of users', hold('usersRemoved'), ['ada'], ['guard.groupRemovals'], 5],
  ])('%s', (_, verdict, keys, codes, removals) => {
    const users = new Set(keys.map(sourceKey));
    const result = withDeletionsInDoubt(verdict, { doubt, users }, { target: 'app', known });
    const held = result.kind === 'hold' ? result : { violations: [], reasons: [], removals: 0 };
    expect(held.violations.map(({ code }) => code)).toEqual(codes);
    expect([held.reasons.length, held.removals]).toEqual([codes.length, removals]);
  });
});
