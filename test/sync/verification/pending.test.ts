import { expect, test } from '@jest/globals';
import type { Evidence } from '../../../src/model/evidence.ts';
import { instant, remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { verificationOf } from '../../../src/sync/verification/pending.ts';

const limits = { removals: 50, removalsShare: 0.05, firstWrites: 3, writesShare: 0.01, secondLookMs: 600_000 };
const deletion = { action: 'delete', resourceType: 'User', key: sourceKey('1'), name: 'ada', reason: 'test' } as const;
const known = { resourceType: 'User', key: sourceKey('1'), remoteId: remoteId('u1'), body: {}, active: true } as const;
const done = (evidence: Evidence): Outcome => ({ kind: 'done', status: 200, evidence });
const notFound: Outcome = { kind: 'notFound', status: 404, detail: 'gone' };

test.each<[string, Outcome, number, 1 | 2 | undefined]>([
  ['answered', done('answered'), 0, 1],
  ['shown', done('shown'), 0, 2],
  ['read', done('read'), 0, 2],
  ['proven missing', notFound, 0, 2],
  ['answered, after one without effect', done('answered'), 1, 1],
  ['shown, after one without effect', done('shown'), 1, 1],
  ['read, after one without effect', done('read'), 1, 2],
  ['refused', { kind: 'rejected', status: 400, detail: 'no' }, 0, undefined],
])('a removal that is %s', (_, outcome, unprovenRemovals, look) => {
  const state = { ...known, origin: 'created', unprovenRemovals } as const;
  const pending = verificationOf(deletion, outcome, state, limits, instant(1000));
  expect(pending?.look).toBe(look);
  if (pending !== undefined) expect(pending).toMatchObject({ due: look === 1 ? 1000 : 601_000, unprovenRemovals });
});

test.each<[string, Outcome, object, 1 | 2]>([
  ['shown', done('shown'), {}, 1],
  ['read', done('read'), {}, 1],
  ['proven missing, which includes the search', notFound, {}, 2],
  ['proven missing, after a create in doubt', notFound, { mayHaveDuplicates: true }, 1],
])('the removal of a user with an externalId that is %s', (_, outcome, changes, look) => {
  const state = { ...known, body: { externalId: 'k1' }, origin: 'created', ...changes } as const;
  const pending = verificationOf(deletion, outcome, state, limits, instant(1000));
  expect(pending).toMatchObject({ look, isSeen: true, externalId: 'k1' });
});
