import { describe, expect, test } from '@jest/globals';
import { instant, remoteId, type Instant } from '../../../src/model/ids.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import type { PerformOutcome, PreparedOperation } from '../../../src/scim/operation-context.ts';
import type { WorkPage } from '../../../src/store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../../../src/sync/context.ts';
import {
  lookAgain,
  lookUpSchedule,
  waitUntilShown,
  withDoubt,
  type UnansweredCreate,
} from '../../../src/sync/execution/unanswered-creates.ts';
import { waitWithNews } from '../../../src/sync/rounds/wait-with-news.ts';
import { create, hurriedClock, never, profile } from '../../scim/fixtures.ts';

test.each([
  [0, [2, 5, 15]],
  [1, [1]],
  [4, [2, 4]],
  [15, [2, 5, 15]],
  [40, [2, 5, 15, 40]],
])('a delay of %i s is looked up after %j s', (delay, schedule) => {
  expect(lookUpSchedule(delay)).toEqual(schedule);
});

const emptyPage: WorkPage = {
  ...{ operations: [], known: new Map(), ids: new Map(), names: new Map(), unansweredCreates: new Map() },
  ...{ lastCreates: new Map(), failedBefore: new Set(), memberships: new Map(), remainingMemberships: new Set() },
};

const unanswered = (key: string): UnansweredCreate => ({
  stored: { id: 1, phase: 70, wave: 0, isRenaming: false, state: 'unknown', operation: create(key) },
  result: { outcome: { kind: 'unknown', detail: 'sent', lookAgain: true }, requests: 3, retries: 1 },
});

/** Looks creates up at a target that shows each of them after this number of seconds. */
async function looking(
  shownAfter: Readonly<Record<string, number>>,
  { protocol = {}, stop = never }: { protocol?: Partial<Protocol>; stop?: AbortSignal } = {},
) {
  const clock = hurriedClock();
  const start = clock.now();
  const lookUps: string[] = [];
  const recorded: unknown[] = [];
  const outcomes: Record<string, Outcome['kind']> = {};
  const running: Promise<void>[] = [];
  const deps = {
    clock,
    serving: { owners: async (accounts: readonly unknown[]) => accounts.map(() => undefined) },
    ledger: {
      record(result: unknown, saved: (owner: undefined) => void) {
        recorded.push(result);
        saved(undefined);
      },
      flush: async () => undefined,
    },
    target: {
      unavailableReason: undefined,
      submit: async (task: () => Promise<void>) => void running.push(task()),
      idle: () => Promise.all(running),
      async perform({ operation: { action, key } }: PreparedOperation) {
        const seconds = (clock.now() - start) / 1000;
        lookUps.push(`${action} ${key} ${seconds}`);
        const resource = { remoteId: remoteId(`r-${key}`), body: {}, active: true };
        const outcome: PerformOutcome =
          seconds >= (shownAfter[key] ?? Infinity)
            ? { kind: 'existing', status: 200, resource, by: 'externalId', origin: 'ownCreate' }
            : { kind: 'notFound', status: 404, detail: '' };
        return { outcome, requests: 1, retries: 0 };
      },
    },
  } as unknown as ExecutionDeps;
  const round = {
    pass: 1,
    round: 0,
    spec: {
      name: 'app',
      profile: profile({ protocol }),
      adopt: false,
      verification: { firstWrites: 0, writesShare: 0 },
    },
    mapping: { paths: () => ['userName'] },
  } as unknown as ExecutionRound;
  const noNews = { isPending: () => false, execute: () => Promise.resolve() };
  const wait = (until: Instant): Promise<boolean> => waitWithNews(clock, until, noNews, stop);
  const work = { of: async () => emptyPage };
  const creates = Object.keys(shownAfter).map(unanswered);
  await lookAgain(deps, round, work, creates, { stop, wait }, ({ stored }, outcome) => {
    outcomes[stored.operation.key] = outcome.kind;
  });
  return { lookUps, recorded, outcomes, seconds: (clock.now() - start) / 1000 };
}

describe('unanswered creates', () => {
  test('are looked up together, after 2, 5 and 15 seconds', async () => {
    const { lookUps, outcomes, seconds } = await looking({ ada: 1, bob: 4, cy: Infinity });
    expect(lookUps).toEqual([
      'verifyCreate ada 2',
      'verifyCreate bob 2',
      'verifyCreate cy 2',
      'verifyCreate bob 5',
      'verifyCreate cy 5',
      'verifyCreate cy 15',
    ]);
    expect(outcomes).toEqual({ ada: 'adopted', bob: 'adopted', cy: 'unknown' });
    expect(seconds).toBe(15);
  });

  test('that are found are recorded with all their requests; the others stay as they are', async () => {
    const { recorded } = await looking({ ada: 1, bob: Infinity });
    expect(recorded).toMatchObject([{ state: 'adopted', requests: 4, retries: 1, change: { kind: 'adopt' } }]);
  });

  test('wait for the delay that the profile states', async () => {
    const { lookUps, seconds } = await looking({ ada: 30 }, { protocol: { consistencyDelaySeconds: 30 } });
    expect(lookUps.at(-1)).toBe('verifyCreate ada 30');
    expect(seconds).toBe(30);
  });

  test('cost nothing where there is none, or the pass is stopped', async () => {
    expect(await looking({})).toMatchObject({ lookUps: [], seconds: 0 });
    const stopped = await looking({ ada: 1 }, { stop: AbortSignal.abort() });
    expect(stopped).toMatchObject({ lookUps: [], outcomes: { ada: 'unknown' } });
  });
});

test.each([
  ['create', true, true],
  ['create', false, false],
  ['update', true, false],
] as const)('%s, in doubt: %s, may have made several accounts: %s', (action, isInDoubt, expected) => {
  const change = { kind: 'remember', body: {}, active: true } as const;
  const operation = { ...create('ada'), action } as Parameters<typeof withDoubt>[0];
  expect('mayHaveDuplicates' in withDoubt(operation, change, isInDoubt)).toBe(expected);
});

describe('a create of an interrupted pass', () => {
  async function waiting(secondsAgo: number | undefined, protocol: Partial<Protocol>): Promise<readonly number[]> {
    const clock = hurriedClock();
    const since = secondsAgo === undefined ? undefined : instant(clock.now() - secondsAgo * 1000);
    const deps = {
      clock,
    } as unknown as ExecutionDeps;
    const round = { spec: { name: 'app', profile: profile({ protocol }) } } as ExecutionRound;
    await waitUntilShown(deps, round, 'User', { sentAt: since }, never);
    return clock.waits;
  }

  test.each<[number | undefined, Partial<Protocol>, readonly number[]]>([
    [1, {}, []],
    [1, { allowsDuplicates: ['User'] }, [14_000]],
    [1, { allowsDuplicates: ['Group'] }, []],
    [1, { consistencyDelaySeconds: 4 }, [3000]],
    [4, { consistencyDelaySeconds: 4 }, []],
    [undefined, { consistencyDelaySeconds: 4 }, []],
  ])('sent %p s ago, with %j, waits %j ms', async (secondsAgo, protocol, waits) => {
    expect(await waiting(secondsAgo, protocol)).toEqual(waits);
  });
});
