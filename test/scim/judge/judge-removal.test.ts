import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import type { Absence } from '../../../src/scim/absence/judge-absence.ts';
import { judgeRemoval, withControl, type ActiveShown, type Removal } from '../../../src/scim/judge/judge-removal.ts';
import type { GetResult } from '../../../src/scim/read/get-resource.ts';

const deactivation: Removal = { action: 'deactivate', resourceType: 'User' };
const deletion: Removal = { action: 'delete', resourceType: 'User' };
const groupDeletion: Removal = { action: 'delete', resourceType: 'Group' };
const resource = (active: boolean) => ({ remoteId: remoteId('7'), body: {}, active });
const hidden = { ...resource(true), isActiveHidden: true } as const;
const unavailable: GetResult = { unavailable: '503' };

describe('judgeRemoval', () => {
  test.each<[string, Removal, GetResult, Absence | undefined, 'readable' | 'notFound', string]>([
    ['active after a deactivation', deactivation, resource(true), undefined, 'readable', 'contradicted'],
    ['inactive after a deactivation', deactivation, resource(false), undefined, 'readable', 'confirmed'],
    ['404, hidden when inactive', deactivation, 'notFound', undefined, 'notFound', 'confirmed'],
    ['404, and no look-up finds it', deactivation, 'notFound', { kind: 'missing' }, 'readable', 'confirmed'],
    [
      '404, and a look-up proves nothing',
      deactivation,
      'notFound',
      { kind: 'unproven', detail: '400' },
      'readable',
      'unknown',
    ],
    [
      '404, under another id',
      deactivation,
      'notFound',
      { kind: 'moved', resource: resource(true), by: 'userName' },
      'readable',
      'contradicted',
    ],
    [
      '404, and a look-up shows it inactive',
      deactivation,
      'notFound',
      { kind: 'present', resource: resource(false) },
      'readable',
      'confirmed',
    ],
    ['404 after a deletion', deletion, 'notFound', undefined, 'readable', 'confirmed'],
    ['active after a deletion', deletion, resource(true), undefined, 'readable', 'contradicted'],
    ['inactive after a deletion', deletion, resource(false), undefined, 'readable', 'confirmed'],
    ['a group after its deletion', groupDeletion, resource(true), undefined, 'readable', 'contradicted'],
    ['404 to a deleted group', groupDeletion, 'notFound', undefined, 'readable', 'confirmed'],
    ['without `active` after a deactivation', deactivation, hidden, undefined, 'readable', 'unknown'],
    ['without `active` after a deletion', deletion, hidden, undefined, 'readable', 'contradicted'],
    ['no answer', deletion, unavailable, undefined, 'readable', 'unknown'],
  ])('%s', (_, removal, read, absence, inactiveUsers, expected) => {
    expect(judgeRemoval(removal, read, absence, { inactiveUsers }).kind).toBe(expected);
  });
});

test.each<[ActiveShown | undefined, string]>([
  ['active', 'confirmed'],
  ['hidden', 'unreadable'],
  ['both', 'unknown'],
  [undefined, 'unknown'],
])('a read without `active` at a target that shows it of other accounts as: %s', (control, expected) => {
  const options = { inactiveUsers: 'readable' } as const;
  expect(withControl(judgeRemoval(deactivation, hidden, undefined, options), control).kind).toBe(expected);
  const contradicted = judgeRemoval(deactivation, resource(true), undefined, options);
  expect(withControl(contradicted, control)).toBe(contradicted);
});
