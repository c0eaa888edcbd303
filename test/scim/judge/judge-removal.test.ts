import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import { judgeRemoval, type LookupEvidence, type Removal } from '../../../src/scim/judge/judge-removal.ts';
import type { GetResult } from '../../../src/scim/read/get-resource.ts';

const deactivation: Removal = { action: 'deactivate', resourceType: 'User' };
const deletion: Removal = { action: 'delete', resourceType: 'User' };
const groupDeletion: Removal = { action: 'delete', resourceType: 'Group' };
const resource = (active: boolean): GetResult => ({ remoteId: remoteId('7'), body: {}, active });
const unavailable: GetResult = { unavailable: '503' };

describe('judgeRemoval', () => {
  test.each<[string, Removal, GetResult, LookupEvidence, 'readable' | 'notFound', string]>([
    ['active after a deactivation', deactivation, resource(true), 'notLookedUp', 'readable', 'contradicted'],
    ['inactive after a deactivation', deactivation, resource(false), 'notLookedUp', 'readable', 'confirmed'],
    ['404, hidden when inactive', deactivation, 'notFound', 'notLookedUp', 'notFound', 'confirmed'],
    ['404, and no look-up finds it', deactivation, 'notFound', 'absent', 'readable', 'confirmed'],
    ['404, and a look-up proves nothing', deactivation, 'notFound', 'unproven', 'readable', 'unknown'],
    ['404 after a deletion', deletion, 'notFound', 'notLookedUp', 'readable', 'confirmed'],
    ['active after a deletion', deletion, resource(true), 'notLookedUp', 'readable', 'contradicted'],
    ['inactive after a deletion', deletion, resource(false), 'notLookedUp', 'readable', 'confirmed'],
    ['a group after its deletion', groupDeletion, resource(true), 'notLookedUp', 'readable', 'contradicted'],
    ['404 to a deleted group', groupDeletion, 'notFound', 'notLookedUp', 'readable', 'confirmed'],
    ['no answer', deletion, unavailable, 'notLookedUp', 'readable', 'unknown'],
  ])('%s', (_, removal, read, lookup, inactiveUsers, expected) => {
    expect(judgeRemoval(removal, read, lookup, { inactiveUsers }).kind).toBe(expected);
  });
});
