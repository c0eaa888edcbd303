import { describe, expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import { dayMs } from '../../src/model/time.ts';
import { createLearnedFacts } from '../../src/scim/learned/learned-facts.ts';
import { createWriteSamples, nameOf, type WriteKind } from '../../src/scim/write-samples.ts';

const patch: WriteKind = { resourceType: 'User', action: 'update', method: 'PATCH', isBulk: false, isBare: false };
const bulkPatch: WriteKind = { ...patch, isBulk: true, isBare: true };

function samplesWith({ firstWrites = 3, writesShare = 0.01, random = 0.5 } = {}) {
  const clock = { now: 0 };
  const facts = createLearnedFacts(() => instant(clock.now));
  const samples = createWriteSamples({ firstWrites, writesShare }, facts, () => random);
  return { samples, clock, facts };
}

/** How many of `count` writes are chosen; each read confirms its write. */
function chosen(samples: ReturnType<typeof createWriteSamples>, kind: WriteKind, count: number): number {
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    if (!samples.isChosen(kind)) continue;
    total += 1;
    samples.record(kind, 'confirmed');
  }
  return total;
}

describe('writes chosen to be read back', () => {
  test('the first of each kind, and then a share', () => {
    const { samples } = samplesWith();
    expect(chosen(samples, patch, 100)).toBe(3);
    expect(chosen(samples, bulkPatch, 100)).toBe(3);
    expect(chosen(samplesWith({ random: 0.005 }).samples, patch, 100)).toBe(100);
  });

  test('none where the operator switched them off', () => {
    expect(chosen(samplesWith({ firstWrites: 0, writesShare: 0, random: 0 }).samples, patch, 100)).toBe(0);
  });

  test('writes whose read is still running count', () => {
    const { samples } = samplesWith();
    expect([1, 2, 3, 4, 5].filter(() => samples.isChosen(patch))).toHaveLength(3);
  });

  test('a read that does not answer leaves the first writes to be read', () => {
    const { samples } = samplesWith({ firstWrites: 1 });
    expect(samples.isChosen(patch)).toBe(true);
    samples.record(patch, 'unknown');
    expect(samples.isChosen(patch)).toBe(true);
  });

  test('the state of earlier passes counts', () => {
    const first = samplesWith().samples;
    chosen(first, patch, 3);
    const { samples } = samplesWith();
    samples.restore(first.state);
    expect(chosen(samples, patch, 10)).toBe(0);
  });
});

describe('a kind that a read contradicted', () => {
  test('is avoided, and tried by one request after a day, which is read back', () => {
    const { samples, clock } = samplesWith();
    chosen(samples, patch, 3);
    samples.record(patch, 'contradicted');
    expect([samples.isContradicted(patch), samples.isContradicted(bulkPatch)]).toEqual([true, false]);
    expect(samples.avoids(patch)).toBe(true);
    clock.now = dayMs;
    expect(samples.isContradicted(patch)).toBe(true);
    expect([samples.avoids(patch), samples.isChosen(patch), samples.avoids(patch)]).toEqual([false, true, true]);
    samples.record(patch, 'confirmed');
    expect([samples.avoids(patch), samples.isContradicted(patch)]).toEqual([false, false]);
  });

  test('inside Bulk is tried by two requests, because one alone is not sent inside Bulk', () => {
    const { samples, clock } = samplesWith();
    samples.record(bulkPatch, 'contradicted');
    clock.now = dayMs;
    expect([1, 2, 3].map(() => samples.avoids(bulkPatch))).toEqual([false, false, true]);
  });

  test('is read back each time where the answer does not show the resource', () => {
    const { samples } = samplesWith({ firstWrites: 1, random: 0.5 });
    samples.record(bulkPatch, 'contradicted');
    expect([1, 2, 3].map(() => samples.isChosen(bulkPatch))).toEqual([true, true, true]);
  });

  test('has a name that an operator reads', () => {
    expect(nameOf(bulkPatch)).toBe('update of users by PATCH inside Bulk, answered without the resource');
    expect(nameOf({ ...patch, resourceType: 'Group', method: 'PUT' })).toBe('update of groups by PUT');
  });
});
