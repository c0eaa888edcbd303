import { describe, expect, test } from '@jest/globals';
import type { FlatResource, Json } from '../../../src/model/resource.ts';
import { isEquivalent, judgeValues } from '../../../src/scim/judge/judge-values.ts';

describe('judgeValues', () => {
  type Verdict = 'shown' | 'answered' | 'contradicted' | 'normalised';
  const verdictOf = (
    path: string,
    from: Json,
    to: Json,
    shown: FlatResource,
    extent: 'partial' | 'complete',
  ): Verdict => {
    const { contradicted, normalised, isShown } = judgeValues([{ path, from, to }], shown, extent);
    if (contradicted.length > 0) return 'contradicted';
    if (normalised.length > 0) return 'normalised';
    return isShown ? 'shown' : 'answered';
  };

  test.each<[string, Json, Json, FlatResource, Verdict, Verdict]>([
    // path, old value, sent value, resource shown, verdict of a response, verdict of a GET
    ['title', 'Nurse', 'Doctor', { title: 'Doctor' }, 'shown', 'shown'],
    ['title', 'Nurse', 'Doctor', { title: ' doctor' }, 'shown', 'shown'],
    ['title', 'Nurse', 'Doctor', { title: 'Nurse' }, 'contradicted', 'contradicted'],
    ['title', 'Nurse', 'Doctor', {}, 'answered', 'contradicted'],
    ['title', 'Nurse', 'Doctor of Medicine', { title: 'Doctor of Med' }, 'normalised', 'normalised'],
    ['title', null, 'Doctor', { title: 'MD' }, 'normalised', 'normalised'],
    ['title', 'Nurse', null, {}, 'shown', 'shown'],
    ['title', 'Nurse', null, { title: 'Nurse' }, 'contradicted', 'contradicted'],
    ['active', true, false, { active: false }, 'shown', 'shown'],
    ['active', true, false, { active: true }, 'contradicted', 'contradicted'],
    ['active', true, false, {}, 'answered', 'contradicted'],
    ['userName', 'ada', 'ada.b', { userName: 'ada.c' }, 'contradicted', 'contradicted'],
    ['externalId', null, '7', { externalId: '8' }, 'contradicted', 'contradicted'],
  ])('%s from %j to %j, shown as %j: %s in a response, %s in a GET', (path, from, to, shown, partial, complete) => {
    expect(verdictOf(path, from, to, shown, 'partial')).toBe(partial);
    expect(verdictOf(path, from, to, shown, 'complete')).toBe(complete);
  });
});

describe('isEquivalent', () => {
  test.each<[Json | undefined, Json, boolean]>([
    ['x', 'x', true],
    ['Ada ', 'ada', true],
    ['+15550100', '+1 (555) 0100', true],
    ['x', 'y', false],
    [undefined, 'y', false],
    [undefined, null, true],
    ['x', null, false],
    ['true', true, true],
    [false, true, false],
    [[{ value: 'a', type: 'work' }], [{ value: 'A' }], true],
    [[{ value: 'a' }], [{ value: 'a' }, { value: 'b' }], false],
    [{ value: 'a' }, 'a', false],
  ])('%j for %j: %p', (actual, wanted, expected) => expect(isEquivalent(actual, wanted)).toBe(expected));
});
