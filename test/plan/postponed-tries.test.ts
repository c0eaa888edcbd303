import { expect, test } from '@jest/globals';
import { instant, sourceKey, type RemoteId } from '../../src/model/ids.ts';
import type { ResourceOperation } from '../../src/model/operation.ts';
import type { KnownState } from '../../src/model/resource.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { loadPostponedTries } from '../../src/plan/postponed-tries.ts';

const key = sourceKey('ada');
const known = (change: Partial<KnownState> = {}, resourceType: ResourceType = 'User'): KnownState => ({
  resourceType,
  key,
  remoteId: 'r1' as RemoteId,
  body: {},
  active: false,
  origin: 'created',
  ...change,
});
const resource = { resourceType: 'User', key, name: 'Ada', reason: '' } as const;
const title: ResourceOperation = {
  ...resource,
  action: 'update',
  edits: [{ path: 'title', from: 'a', to: 'b' }],
  body: {},
};
const deactivation: ResourceOperation = { ...title, action: 'deactivate' };
const deletion: ResourceOperation = { ...resource, action: 'delete' };
const refused = { deletionRefusedAt: instant(1) };

test.each<[string, ResourceOperation, KnownState, boolean, number]>([
  ['an update', title, known({ active: true }), true, 1],
  ['a deactivation', deactivation, known({ active: true }), false, 0],
  ['a deletion', deletion, known(), false, 0],
  ['a refused deletion of an inactive account', deletion, known(refused), true, 0],
  ['a refused deletion of an active account', deletion, known({ ...refused, active: true }), false, 0],
  [
    'a refused deletion of an account that may be active',
    deletion,
    known({ ...refused, inDoubt: ['active'] }),
    false,
    0,
  ],
  [
    'a refused deletion of a group without members',
    { ...deletion, resourceType: 'Group' },
    known({ ...refused, active: true }, 'Group'),
    true,
    0,
  ],
])('%s', async (_, operation, state, isPostponed, count) => {
  const { resourceType } = operation;
  const store = {
    postponed: () => Promise.resolve([{ resourceType, key, member: undefined }]),
    forgetRetry: () => Promise.resolve(),
  };
  const tries = await loadPostponedTries(store, { pass: 1, now: instant(0), after: 0 });
  expect(await tries.isPostponed(resourceType, key, operation, state)).toBe(isPostponed);
  expect(tries.count).toBe(count);
});
