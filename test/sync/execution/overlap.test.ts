import { expect, test } from '@jest/globals';
import { phases } from '../../../src/plan/phases.ts';
import { mayOverlap } from '../../../src/sync/execution/pages/waves.ts';

const at = (phase: number, wave = 0) => ({ phase, wave });

test.each([
  ['the same wave', at(phases.updateUsers), at(phases.updateUsers), false, true],
  ['the next wave', at(phases.createUsers, 0), at(phases.createUsers, 1), false, false],
  ['the next phase', at(phases.deactivate), at(phases.removeMembers), false, false],
  ['the next wave, by Bulk', at(phases.createUsers, 0), at(phases.createUsers, 1), true, true],
  ['members after users, by Bulk', at(phases.createUsers), at(phases.addMembers), true, true],
  ['leavers before anything else, by Bulk', at(phases.deactivate), at(phases.createUsers), true, false],
  ['updates before creates, by Bulk', at(phases.updateUsers), at(phases.createUsers), true, false],
])('%s', (_, before, after, isBulk, expected) => {
  expect(mayOverlap(before, after, isBulk)).toBe(expected);
});
