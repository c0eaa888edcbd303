import { describe, expect, test } from '@jest/globals';
import {
  createCapabilities,
  initialCapabilities,
  nextCapabilities,
  requestStyleOf,
  type CapabilityEvent,
  type CapabilityState,
  type LearnedCapabilities,
  type RefusedWays,
} from '../../src/scim/capabilities.ts';
import { createLearnedFacts } from '../../src/scim/learned/learned-facts.ts';
import { instant, remoteId } from '../../src/model/ids.ts';
import type { Operation, UpdateOperation } from '../../src/model/operation.ts';
import { dayMs } from '../../src/model/time.ts';
import { profileWith } from '../world/profile.ts';
import { members, remove, update } from './fixtures.ts';

type Protocol = Parameters<typeof createCapabilities>[0];

const discovery = (patch?: boolean, etag?: boolean): CapabilityEvent => ({
  type: 'discovery',
  discovery: { ...(patch === undefined ? {} : { patch }), ...(etag === undefined ? {} : { etag }) },
});
const noDiscovery: CapabilityEvent = { type: 'discovery', discovery: undefined };
const smallerCreate = (isAccepted: boolean): CapabilityEvent => ({ type: 'smallerCreate', isAccepted });

test.each<[readonly CapabilityEvent[], Partial<CapabilityState>]>([
  // the events, how the state differs from the initial one
  [[], {}],
  [[noDiscovery], {}],
  [[discovery()], {}],
  [[discovery(true, true)], { hasEtags: true }],
  [[discovery(false, false)], { isPatchUnsupported: true }],
  [[discovery(false, true), noDiscovery], {}],
  [[{ type: 'split', isAccepted: false }], { refusedSplits: 1 }],
  [
    [
      { type: 'split', isAccepted: false },
      { type: 'split', isAccepted: true },
    ],
    { refusedSplits: 0 },
  ],
  [[smallerCreate(false), smallerCreate(false)], { refusedSmallerCreates: 2 }],
  [[smallerCreate(false), smallerCreate(true)], { refusedSmallerCreates: 0 }],
])('after %j', (events, expected) => {
  expect(events.reduce(nextCapabilities, initialCapabilities)).toEqual({ ...initialCapabilities, ...expected });
});

describe('the style of requests', () => {
  test.each<[Partial<Protocol>, readonly CapabilityEvent[], Partial<RefusedWays>, object]>([
    // the profile, the events, what is refused, part of the style for users
    [{ update: 'auto' }, [], {}, { updateMethod: 'patch' }],
    [{ update: 'auto' }, [discovery(false)], {}, { updateMethod: 'getThenPut' }],
    [{ update: 'auto' }, [], { patch: true }, { updateMethod: 'getThenPut' }],
    [{ update: 'patch' }, [discovery(false)], { patch: true }, { updateMethod: 'patch' }],
    [{ ifMatch: 'auto' }, [], {}, { ifMatch: false }],
    [{ ifMatch: 'auto' }, [], { noIfMatch: true }, { ifMatch: true }],
    [{ ifMatch: 'auto' }, [], { noIfMatch: true, ifMatch: true }, { ifMatch: false }],
    [{ ifMatch: 'auto' }, [discovery(true, true)], { ifMatch: true }, { ifMatch: false }],
    [{ ifMatch: 'always' }, [], { ifMatch: true }, { ifMatch: true }],
    [{ ifMatch: 'never' }, [discovery(true, true)], { noIfMatch: true }, { ifMatch: false }],
    [{ ifMatch: 'always' }, [noDiscovery], {}, { ifMatch: true }],
    [{ valuePaths: true, patchPaths: 'nested' }, [], {}, { valuePaths: false }],
    [{ returnsMembers: true }, [], { addedMembers: true }, { memberStyle: { addMembers: 'replace' } }],
    [
      { returnsMembers: false, addMembers: 'list' },
      [],
      { addedMembers: true },
      { memberStyle: { addMembers: 'list' } },
    ],
  ])('of %j after %j, with %j refused', (settings, events, refused, expected) => {
    const protocol: Protocol = { ...profileWith().protocol, ...settings };
    const state = events.reduce(nextCapabilities, initialCapabilities);
    const ways = { patch: false, ifMatch: false, noIfMatch: false, addedMembers: false, ...refused };
    expect(requestStyleOf(protocol, state, ways, 'User')).toMatchObject(expected);
  });
});

/** Capabilities in their second pass: the first one was refused twice by `teach`, the second one once. */
function afterTwoPasses(teach: (capabilities: LearnedCapabilities, resource: string) => void) {
  const clock = { now: 0 };
  const facts = createLearnedFacts(() => instant(clock.now));
  const samples = { isContradicted: () => false, avoids: () => false };
  const capabilities = createCapabilities(profileWith({ protocol: { ifMatch: 'auto' } }).protocol, facts, samples);
  facts.restore([], 1);
  teach(capabilities, 'a');
  teach(capabilities, 'b');
  facts.restore([], 2);
  teach(capabilities, 'c');
  facts.restore([], 3);
  return { capabilities, clock };
}

const deactivation = (key: string): UpdateOperation => ({
  ...update(key, [['active', true, false]]),
  action: 'deactivate',
});

describe('a refused way is tried once a day', () => {
  test.each<[string, (capabilities: LearnedCapabilities, resource: string) => void, object, object]>([
    [
      'PATCH',
      (it, resource) => it.patchUnsupported('User', remoteId(resource), 405),
      { updateMethod: 'getThenPut' },
      { updateMethod: 'patch' },
    ],
    ['If-Match', (it, resource) => it.ifMatchRequired(remoteId(resource), 428), { ifMatch: true }, { ifMatch: false }],
  ])('%s', (_, teach, avoided, tried) => {
    const { capabilities, clock } = afterTwoPasses(teach);
    const operation = update('ada', [['title', 'a', 'b']]);
    expect([capabilities.styleOf(operation), capabilities.requestStyle('User')]).toMatchObject([avoided, avoided]);
    clock.now = dayMs;
    expect(capabilities.requestStyle('User')).toMatchObject(avoided);
    expect([capabilities.styleOf(operation), capabilities.styleOf(operation)]).toMatchObject([tried, avoided]);
  });

  test('a request that is no PATCH does not use up the try', () => {
    const { capabilities, clock } = afterTwoPasses((it, resource) =>
      it.patchUnsupported('User', remoteId(resource), 405),
    );
    clock.now = dayMs;
    capabilities.styleOf(remove('ada'));
    expect(capabilities.styleOf(deactivation('ada'))).toMatchObject({ updateMethod: 'patch' });
  });

  test('DELETE, users and groups by themselves', () => {
    const { capabilities, clock } = afterTwoPasses((it, resource) =>
      it.deletionAnswered('User', remoteId(resource), 405),
    );
    expect(capabilities.deletionRefused('User')).toMatchObject({ status: 405, learnedAt: 0 });
    expect(capabilities.deletionRefused('Group')).toBeUndefined();
    clock.now = dayMs;
    expect([1, 2].map(() => capabilities.deletionRefused('User')?.status)).toEqual([undefined, 405]);
    capabilities.deletionAnswered('User', remoteId('d'), 'ok');
    expect(capabilities.deletionRefused('User')).toBeUndefined();
  });
});

test('a write that may have no effect is tried only where a read follows it', () => {
  const asked: string[] = [];
  const samples = {
    isContradicted: () => true,
    avoids: ({ action }: { readonly action: string }) => {
      asked.push(action);
      return true;
    },
  };
  const facts = createLearnedFacts(() => instant(0));
  const capabilities = createCapabilities(profileWith().protocol, facts, samples);
  const operations: readonly Operation[] = [deactivation('ada'), update('ada', []), members(['ada'])];
  for (const operation of operations) capabilities.styleOf(operation as UpdateOperation);
  expect(asked).toEqual(['update', 'firstMembers']);
});

test('smaller creates stop after five in a row that were refused', () => {
  const facts = createLearnedFacts(() => instant(0));
  const samples = { isContradicted: () => false, avoids: () => false };
  const capabilities = createCapabilities(profileWith().protocol, facts, samples);
  const decisions = [false, false, true, false, false, false, false, false].map((isAccepted) => {
    const mayCreate = capabilities.mayCreateSmaller();
    capabilities.smallerCreateEnded(isAccepted);
    return mayCreate;
  });
  expect([...decisions, capabilities.mayCreateSmaller()]).toEqual([...Array<boolean>(8).fill(true), false]);
});
