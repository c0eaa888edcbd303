import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { LearnedFact } from '../../../src/model/target/learned-fact.ts';
import { dayMs } from '../../../src/model/time.ts';
import { circumstancesOf, factsUnder, isDiscoveryDue } from '../../../src/sync/execution/target-knowledge.ts';
import { profileWith } from '../../world/profile.ts';

const now = instant(10 * dayMs);

test.each<[string, object | undefined, number | undefined, boolean, boolean]>([
  // the case, the stored document, when it was read, --full, whether it is requested
  ['never read', undefined, undefined, false, true],
  ['never readable', undefined, now - 1, false, true],
  ['of an earlier version', { patch: true }, undefined, false, true],
  ['read a moment ago', { patch: true }, now - 1, false, false],
  ['missing, asked a moment ago', {}, now - 1, false, false],
  ['almost a day old', { patch: true }, now - dayMs + 1, false, false],
  ['a day old', { patch: true }, now - dayMs, false, true],
  ['read a moment ago, with --full', { patch: true }, now - 1, true, true],
])('a ServiceProviderConfig %s', (_, discovery, readAt, isFull, expected) => {
  const discoveryReadAt = readAt === undefined ? undefined : instant(readAt);
  expect(isDiscoveryDue({ discovery, discoveryReadAt }, now, isFull)).toBe(expected);
});

const fact: LearnedFact = {
  kind: 'patchRefused',
  subject: 'User',
  status: 405,
  resource: 'a',
  resources: 2,
  passes: 2,
  pass: 2,
  learnedAt: now,
  confirmedAt: now,
};

test('facts count under the profile and the ServiceProviderConfig under which they were learned', () => {
  const profile = profileWith();
  const usual = circumstancesOf(profile, { patch: true });
  const isKept = (other: string): boolean => factsUnder({ facts: [fact], samples: {}, under: usual }, other).length > 0;
  expect(isKept(circumstancesOf(profile, { patch: true }))).toBe(true);
  // Only the features count: some servers write the time of the request into the document.
  expect(isKept(circumstancesOf(profile, { patch: true, raw: { meta: { lastModified: 'now' } } }))).toBe(true);
  expect(isKept(circumstancesOf(profile, { patch: true, etag: true }))).toBe(false);
  expect(isKept(circumstancesOf(profile, undefined))).toBe(false);
  expect(isKept(circumstancesOf(profileWith({ protocol: { update: 'patch' } }), { patch: true }))).toBe(false);
  expect(factsUnder({ facts: [fact], samples: {}, under: undefined }, usual)).toEqual([fact]);
});
