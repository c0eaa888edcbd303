import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { DriftAction, DriftPolicy } from '../../../src/model/target/drift.ts';
import { driftAction, type JudgedDrift } from '../../../src/plan/drift/drift-policy.ts';

const policy = (attributes: DriftPolicy['attributes'] = {}, more: Partial<DriftPolicy> = {}): DriftPolicy => ({
  ...{ attributes, members: undefined, deleted: undefined },
  ...more,
});
const changed = (path: string): JudgedDrift => ({ kind: 'changed', path });
const reactivated: JudgedDrift = { kind: 'reactivated', path: 'active' };
const added = (isEnded: boolean): JudgedDrift => ({
  ...{ kind: 'memberAdded', path: 'members', isEnded },
  member: { id: remoteId('r1'), owner: { resourceType: 'User', key: sourceKey('p1') } },
});
const foreign: JudgedDrift = {
  ...{ kind: 'memberAdded', path: 'members', isEnded: false },
  member: { id: remoteId('r1'), owner: undefined },
};
const removed: JudgedDrift = { ...added(false), kind: 'memberRemoved' };
const deleted: JudgedDrift = { kind: 'deleted', path: '' };
const email = 'emails[type eq "work"].value';

test.each<[string, DriftPolicy, JudgedDrift, DriftAction]>([
  ['a reactivated leaver', policy(), reactivated, 'repair'],
  ['a reactivated leaver, by *', policy({ '*': 'ignore' }), reactivated, 'repair'],
  ['a reactivated leaver, configured', policy({ active: 'report' }), reactivated, 'report'],
  ['a closed account', policy(), changed('active'), 'report'],
  ['a closed account, configured', policy({ active: 'repair' }), changed('active'), 'repair'],
  ['an attribute', policy(), changed('title'), 'report'],
  ['an attribute by its path', policy({ title: 'repair' }), changed('title'), 'repair'],
  ['an attribute by *', policy({ '*': 'repair' }), changed('title'), 'repair'],
  ['a path before *', policy({ '*': 'repair', title: 'ignore' }), changed('title'), 'ignore'],
  ['a whole attribute', policy({ emails: 'repair' }), changed(email), 'repair'],
  ['the longest path', policy({ emails: 'repair', [email]: 'ignore' }), changed(email), 'ignore'],
  ['a member that was removed before', policy(), added(true), 'repair'],
  ['another member', policy(), added(false), 'report'],
  ['a member, configured', policy({}, { members: 'repair' }), added(false), 'repair'],
  ['a member without a record', policy({}, { members: 'repair' }), foreign, 'report'],
  ['a member without a record, ignored', policy({}, { members: 'ignore' }), foreign, 'ignore'],
  ['a lost member', policy(), removed, 'report'],
  ['a lost member, configured', policy({}, { members: 'repair' }), removed, 'repair'],
  ['a deleted account', policy(), deleted, 'report'],
  ['a deleted account, configured', policy({}, { deleted: 'repair' }), deleted, 'repair'],
])('%s', (_, given, drift, expected) => {
  expect(driftAction(given, drift)).toBe(expected);
});
