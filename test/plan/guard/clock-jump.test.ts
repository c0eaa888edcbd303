import { describe, expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { Verdict } from '../../../src/model/plan.ts';
import { clockDoubt, withDeletionsInDoubt, type ClockDoubt } from '../../../src/plan/guard/clock-jump.ts';
import { dayMs } from '../../../src/model/time.ts';

const onDay = (day: number) => instant(day * dayMs);

describe('the clock is in doubt', () => {
  test.each<[string, readonly number[], number, number, ClockDoubt['kind'] | undefined]>([
    ['no pass before', [], 900, 900, undefined],
    ['one pass, one day later', [0], 1, 1, undefined],
    ['one pass, more than a day later', [0], 1.01, 1.01, 'ahead'],
    ['one gap counts as 0', [7, 0], 14, 14, 'ahead'],
    ['a weekly pass', [14, 7, 0], 21, 21, undefined],
    ['a weekly pass, a day late', [14, 7, 0], 22, 22, undefined],
    ['a weekly pass, more than a day late', [14, 7, 0], 22.01, 22.01, 'ahead'],
    ['the longest gap counts, not the last', [8, 7, 0], 16, 16, undefined],
    ['hourly passes', [0.08, 0.04, 0], 1.2, 1.2, 'ahead'],
    ['the clock went back within the passes', [5, 60, 4], 7, 60, 'back'],
    ['the clock is back', [60, 1, 0], 2, 60, 'back'],
    ['the clock is back by a day', [60, 1, 0], 59, 60, undefined],
  ])('%s', (_, passes, clock, judged, expected) => {
    const doubt = clockDoubt({ passes: passes.map(onDay), clock: onDay(clock), judged: onDay(judged) });
    expect(doubt?.kind).toBe(expected);
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
