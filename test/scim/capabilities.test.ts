import { describe, expect, test } from '@jest/globals';
import {
  createCapabilities,
  initialCapabilities,
  nextCapabilities,
  requestStyleOf,
  type CapabilityEvent,
  type CapabilityState,
} from '../../src/scim/capabilities.ts';
import { profileWith } from '../world/profile.ts';

const discovery = (patch?: boolean, etag?: boolean): CapabilityEvent => ({
  type: 'discovery',
  discovery: { ...(patch === undefined ? {} : { patch }), ...(etag === undefined ? {} : { etag }) },
});
const noDiscovery: CapabilityEvent = { type: 'discovery', discovery: undefined };
const tooLarge = (members: number): CapabilityEvent => ({ type: 'tooLarge', members });
const patchUnsupported = (resourceType: 'User' | 'Group'): CapabilityEvent => ({
  type: 'patchUnsupported',
  resourceType,
});
const ifMatchRequired: CapabilityEvent = { type: 'ifMatchRequired' };
const minimalRetryFailed: CapabilityEvent = { type: 'minimalRetryFailed' };

test.each<[readonly CapabilityEvent[], Partial<CapabilityState>]>([
  // the events, how the state differs from the initial one
  [[], {}],
  [[noDiscovery], {}],
  [[discovery()], {}],
  [[discovery(true, true)], { hasEtags: true }],
  [[discovery(false, false)], { isPatchUnsupported: true }],
  [[discovery(false, true), noDiscovery], {}],
  [[patchUnsupported('User')], { putOnly: ['User'] }],
  [[patchUnsupported('User'), patchUnsupported('User')], { putOnly: ['User'] }],
  [[patchUnsupported('User'), patchUnsupported('Group')], { putOnly: ['User', 'Group'] }],
  [[patchUnsupported('Group'), discovery(true)], { putOnly: ['Group'] }],
  [[ifMatchRequired], { hasEtags: true }],
  [[ifMatchRequired, discovery(true, false)], {}],
  [[tooLarge(100)], { maxMembers: 50 }],
  [[tooLarge(5)], { maxMembers: 3 }],
  [[tooLarge(1)], { maxMembers: 1 }],
  [[tooLarge(0)], { maxMembers: 1 }],
  [[tooLarge(100), tooLarge(200)], { maxMembers: 50 }],
  [[tooLarge(100), tooLarge(50)], { maxMembers: 25 }],
  [[minimalRetryFailed, minimalRetryFailed], { failedMinimalRetries: 2 }],
])('after %j', (events, expected) => {
  expect(events.reduce(nextCapabilities, initialCapabilities)).toEqual({ ...initialCapabilities, ...expected });
});

describe('the style of requests', () => {
  type Protocol = Parameters<typeof createCapabilities>[0];
  test.each<[Partial<Protocol>, readonly CapabilityEvent[], object]>([
    // the profile, the events, part of the style for users
    [{ update: 'auto' }, [], { updateMethod: 'patch' }],
    [{ update: 'auto' }, [discovery(false)], { updateMethod: 'put' }],
    [{ update: 'auto' }, [patchUnsupported('User')], { updateMethod: 'put' }],
    [{ update: 'auto' }, [patchUnsupported('Group')], { updateMethod: 'patch' }],
    [{ update: 'patch' }, [discovery(false), patchUnsupported('User')], { updateMethod: 'patch' }],
    [{ ifMatch: 'auto' }, [], { ifMatch: false }],
    [{ ifMatch: 'auto' }, [ifMatchRequired], { ifMatch: true }],
    [{ ifMatch: 'never' }, [discovery(true, true)], { ifMatch: false }],
    [{ ifMatch: 'always' }, [noDiscovery], { ifMatch: true }],
    [{ valuePaths: true, patchPaths: 'nested' }, [], { valuePaths: false }],
  ])('of %j after %j', (settings, events, expected) => {
    const protocol: Protocol = { ...profileWith().protocol, ...settings };
    const state = events.reduce(nextCapabilities, initialCapabilities);
    expect(requestStyleOf(protocol, state, 'User')).toMatchObject(expected);
  });
});

test('minimal creates stop after three that failed', () => {
  const capabilities = createCapabilities(profileWith().protocol);
  const decisions = [1, 2, 3].map(() => {
    const mayRetry = capabilities.mayRetryMinimal();
    capabilities.minimalRetryFailed();
    return mayRetry;
  });
  expect([...decisions, capabilities.mayRetryMinimal()]).toEqual([true, true, true, false]);
});
