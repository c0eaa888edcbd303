import { expect, test } from '@jest/globals';
import { needsCount, visibleContradiction } from '../../../src/plan/reading/visible-entries.ts';

test.each([
  [0, false],
  [10, false],
  [11, true],
])('%d reported deletions: counted %s', (deletions, expected) => {
  expect(needsCount(deletions)).toBe(expected);
});

test.each([
  ['equal', { users: 80, groups: 3 }, true],
  ['deleted entries are visible', { users: 100, groups: 3 }, false],
  ['more entries are invisible than were reported', { users: 60, groups: 3 }, false],
  ['groups differ', { users: 80, groups: 2 }, false],
])('%s', (_, visible, isAccepted) => {
  const reason = visibleContradiction(20, { users: 80, groups: 3 }, visible);
  expect(reason === undefined).toBe(isAccepted);
  if (reason !== undefined) expect(reason).toContain(`${visible.users} users and ${visible.groups} groups`);
});
