import { describe, expect, test } from '@jest/globals';
import {
  createCapabilities,
  initialCapabilities,
  nextCapabilities,
  requestStyleOf,
  type CapabilityEvent,
  type CapabilityState,
} from '../../src/scim/capabilities.ts';
import { remoteId } from '../../src/model/ids.ts';
import { profileWith } from '../world/profile.ts';

const discovery = (patch?: boolean, etag?: boolean): CapabilityEvent => ({
  type: 'discovery',
  discovery: { ...(patch === undefined ? {} : { patch }), ...(etag === undefined ? {} : { etag }) },
});
const noDiscovery: CapabilityEvent = { type: 'discovery', discovery: undefined };
const tooLarge = (members: number): CapabilityEvent => ({ type: 'tooLarge', members });
const patchUnsupported = (resourceType: 'User' | 'Group', id = '1'): CapabilityEvent => ({
  type: 'patchUnsupported',
  resourceType,
  id: remoteId(id),
});
const one = remoteId('1');
const two = remoteId('2');
const patchAccepted: CapabilityEvent = { type: 'patchAccepted', resourceType: 'User' };
const putOnly: readonly CapabilityEvent[] = [patchUnsupported('User', '1'), patchUnsupported('User', '2')];
const ifMatchRequired: CapabilityEvent = { type: 'ifMatchRequired' };
const smallerCreate = (isAccepted: boolean): CapabilityEvent => ({ type: 'smallerCreate', isAccepted });

test.each<[readonly CapabilityEvent[], Partial<CapabilityState>]>([
  // the events, how the state differs from the initial one
  [[], {}],
  [[noDiscovery], {}],
  [[discovery()], {}],
  [[discovery(true, true)], { hasEtags: true }],
  [[discovery(false, false)], { isPatchUnsupported: true }],
  [[discovery(false, true), noDiscovery], {}],
  [[patchUnsupported('User')], { patchUnsupportedFor: { User: one } }],
  [[patchUnsupported('User'), patchUnsupported('User')], { patchUnsupportedFor: { User: one } }],
  [putOnly, { patchUnsupportedFor: { User: two }, putOnly: ['User'] }],
  [[...putOnly, patchUnsupported('User', '3')], { patchUnsupportedFor: { User: remoteId('3') }, putOnly: ['User'] }],
  [
    [patchUnsupported('User', '1'), patchAccepted, patchUnsupported('User', '2')],
    { patchUnsupportedFor: { User: two } },
  ],
  [[patchUnsupported('User', '1'), patchUnsupported('Group', '2')], { patchUnsupportedFor: { User: one, Group: two } }],
  [[{ type: 'ifMatchRefused' }], { isIfMatchRefused: true }],
  [[{ type: 'split', isAccepted: false }], { refusedSplits: 1 }],
  [
    [
      { type: 'split', isAccepted: false },
      { type: 'split', isAccepted: true },
    ],
    { refusedSplits: 0 },
  ],
  [[ifMatchRequired], { hasEtags: true }],
  [[ifMatchRequired, discovery(true, false)], {}],
  [[tooLarge(100)], { maxMembers: 50 }],
  [[tooLarge(5)], { maxMembers: 3 }],
  [[tooLarge(1)], { maxMembers: 1 }],
  [[tooLarge(0)], { maxMembers: 1 }],
  [[tooLarge(100), tooLarge(200)], { maxMembers: 50 }],
  [[tooLarge(100), tooLarge(50)], { maxMembers: 25 }],
  [[smallerCreate(false), smallerCreate(false)], { refusedSmallerCreates: 2 }],
  [[smallerCreate(false), smallerCreate(true)], { refusedSmallerCreates: 0 }],
])('after %j', (events, expected) => {
  expect(events.reduce(nextCapabilities, initialCapabilities)).toEqual({ ...initialCapabilities, ...expected });
});

describe('the style of requests', () => {
  type Protocol = Parameters<typeof createCapabilities>[0];
  test.each<[Partial<Protocol>, readonly CapabilityEvent[], object]>([
    // the profile, the events, part of the style for users
    [{ update: 'auto' }, [], { updateMethod: 'patch' }],
    [{ update: 'auto' }, [discovery(false)], { updateMethod: 'getThenPut' }],
    [{ update: 'auto' }, putOnly, { updateMethod: 'getThenPut' }],
    [{ update: 'auto' }, [patchUnsupported('User')], { updateMethod: 'patch' }],
    [{ update: 'auto' }, [patchUnsupported('Group')], { updateMethod: 'patch' }],
    [{ update: 'patch' }, [discovery(false), ...putOnly], { updateMethod: 'patch' }],
    [{ ifMatch: 'auto' }, [], { ifMatch: false }],
    [{ ifMatch: 'auto' }, [ifMatchRequired], { ifMatch: true }],
    [{ ifMatch: 'auto' }, [discovery(true, true), { type: 'ifMatchRefused' }], { ifMatch: false }],
    [{ ifMatch: 'always' }, [{ type: 'ifMatchRefused' }], { ifMatch: true }],
    [{ ifMatch: 'never' }, [discovery(true, true)], { ifMatch: false }],
    [{ ifMatch: 'always' }, [noDiscovery], { ifMatch: true }],
    [{ valuePaths: true, patchPaths: 'nested' }, [], { valuePaths: false }],
  ])('of %j after %j', (settings, events, expected) => {
    const protocol: Protocol = { ...profileWith().protocol, ...settings };
    const state = events.reduce(nextCapabilities, initialCapabilities);
    expect(requestStyleOf(protocol, state, 'User')).toMatchObject(expected);
  });
});

test('smaller creates stop after five in a row that were refused', () => {
  const capabilities = createCapabilities(profileWith().protocol);
  const decisions = [false, false, true, false, false, false, false, false].map((isAccepted) => {
    const mayCreate = capabilities.mayCreateSmaller();
    capabilities.smallerCreateEnded(isAccepted);
    return mayCreate;
  });
  expect([...decisions, capabilities.mayCreateSmaller()]).toEqual([...Array<boolean>(8).fill(true), false]);
});
