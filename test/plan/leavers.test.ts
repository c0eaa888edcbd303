import { describe, expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import type { LeaverAction, LeaverPolicy } from '../../src/model/resource.ts';
import type { LeaverReason } from '../../src/model/resource.ts';
import { dayMs } from '../../src/model/time.ts';
import { leaverOperation, describeLeaverReason, leaverAction, effectiveLeaverPolicy } from '../../src/plan/leavers.ts';

const now = instant(1_000 * dayMs);
const daysAgo = (days: number) => instant(now - days * dayMs);
const leavers = (action: LeaverAction, deleteAfterDays?: number, outOfScope?: LeaverAction): LeaverPolicy => ({
  action,
  deleteAfterDays,
  outOfScope,
  groups: 'delete',
});
const active = { active: true };
const inactive = (days: number) => ({ active: false, inactiveSince: daysAgo(days) });
const inactiveSomehow = { active: false };

test.each<[string, LeaverPolicy, Parameters<typeof leaverOperation>[1], ReturnType<typeof leaverOperation>]>([
  ['deactivate, active', leavers('deactivate'), active, 'deactivate'],
  ['deactivate, inactive', leavers('deactivate'), inactive(4000), 'nothing'],
  ['deactivate, active, to be deleted at once', leavers('deactivate', 0), active, 'deactivate'],
  ['deactivate, inactive, to be deleted at once', leavers('deactivate', 0), inactive(0), 'delete'],
  [
    'deactivate, just before the day',
    leavers('deactivate', 30),
    { active: false, inactiveSince: instant(daysAgo(30) + 1) },
    'nothing',
  ],
  ['deactivate, at the day', leavers('deactivate', 30), inactive(30), 'delete'],
  [
    'deactivate, just after the day',
    leavers('deactivate', 30),
    { active: false, inactiveSince: instant(daysAgo(30) - 1) },
    'delete',
  ],
  [
    'deactivate, active again since',
    leavers('deactivate', 30),
    { active: true, inactiveSince: daysAgo(99) },
    'deactivate',
  ],
  [
    'deactivate, inactive, and active is in doubt',
    leavers('deactivate', 30),
    { ...inactive(99), inDoubt: ['active'] },
    'deactivate',
  ],
  [
    'deactivate, inactive, and another path is in doubt',
    leavers('deactivate'),
    { ...inactive(99), inDoubt: ['title'] },
    'nothing',
  ],
  ['deactivate, inactive since an unknown time', leavers('deactivate', 30), inactiveSomehow, 'nothing'],
  ['delete, active', leavers('delete'), active, 'delete'],
  ['delete, inactive', leavers('delete'), inactive(1), 'delete'],
  ['delete, deleteAfterDays is ignored', leavers('delete', 30), active, 'delete'],
  ['keep, active', leavers('keep'), active, 'nothing'],
  ['keep, inactive', leavers('keep'), inactive(1), 'nothing'],
  ['keep, deleteAfterDays is ignored', leavers('keep', 30), inactive(4000), 'nothing'],
])('%s', (_, policy, known, expected) => {
  expect(leaverOperation('left', known, policy, now)).toBe(expected);
});

test.each<[LeaverReason, LeaverAction | undefined, LeaverAction]>([
  ['left', 'keep', 'delete'],
  ['inactive', 'keep', 'delete'],
  ['outOfScope', 'keep', 'keep'],
  ['outOfScope', 'deactivate', 'deactivate'],
  ['outOfScope', undefined, 'delete'],
])('%s, with %s for those out of scope: %s', (reason, outOfScope, expected) => {
  const policy = leavers('delete', undefined, outOfScope);
  expect(leaverAction(reason, policy)).toBe(expected);
  expect(leaverOperation(reason, active, policy, now)).toBe(expected === 'keep' ? 'nothing' : expected);
});

test.each<[LeaverReason, string]>([
  ['left', 'left the source'],
  ['inactive', 'is inactive in the source'],
  ['outOfScope', 'is out of scope'],
])('%s as text', (reason, text) => {
  expect(describeLeaverReason(reason)).toBe(text);
});

describe('at an application without deletion', () => {
  test.each<[LeaverPolicy, LeaverPolicy]>([
    [leavers('delete'), leavers('deactivate')],
    [leavers('deactivate', 30, 'delete'), leavers('deactivate', undefined, 'deactivate')],
    [leavers('keep', undefined, 'keep'), leavers('keep', undefined, 'keep')],
  ])('%j becomes %j', (configured, expected) => {
    expect(effectiveLeaverPolicy(configured, 'never')).toEqual(expected);
    expect(effectiveLeaverPolicy(configured, 'deletes')).toBe(configured);
  });
});
