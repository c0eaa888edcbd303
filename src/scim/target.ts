import type { RemoteId } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Operation } from '../model/operation.ts';
import type { Found, Outcome } from '../model/outcome.ts';
import type { Profile } from '../model/profile.ts';
import type { Body } from '../model/resource.ts';
import { effort as newEffort, type Addressed, type Effort, type Owner, type Performed } from './addressed.ts';
import { openBulk, type BulkSize } from './bulk.ts';
import { change } from './change.ts';
import { claim } from './claim.ts';
import { create } from './create.ts';
import { discover, type Discovery } from './discovery.ts';
import { openDoubt } from './doubt.ts';
import { readingGroups } from './groups.ts';
import { openHabits } from './habits.ts';
import { openLine, type LineSettings, type LineWorld } from './line.ts';
import { list, type Listing } from './listing.ts';
import { find, type Lookup } from './lookup.ts';
import { changeMembers } from './members.ts';
import { ask, readingOf, type Reading } from './read.ts';
import { openTurns } from './turns.ts';
import type { Voice } from './voice.ts';

export type { Addressed, Discovery, Listing, Lookup, Owner, Performed, Reading };

/** One application's SCIM endpoint. Nothing here throws for what a server or the network does. */
export interface Target {
  readonly name: string;
  /** Why it is not asked any more until it is closed; undefined while it is. */
  readonly unavailable: string | undefined;
  readonly counters: { readonly requests: number; readonly retries: number };
  /**
   * Says one operation, and what the answer means.
   *
   * @param signal ends waiting; a request that is in flight is finished, so that its answer can be recorded
   */
  perform(addressed: Addressed, signal: AbortSignal): Promise<Performed>;
  /** Lists every resource of a kind; what it returns in the end says whether everybody was shown. @param owner as for `find` */
  list(
    kind: Kind,
    paths: readonly string[],
    signal: AbortSignal,
    owner?: Owner,
  ): AsyncGenerator<readonly Found[], Listing>;
  /** Looks one account up by the profile's match attributes. @param owner who owns an account; without it, managers are left out of what is found */
  find(kind: Kind, body: Body, paths: readonly string[], signal: AbortSignal, owner?: Owner): Promise<Lookup>;
  read(kind: Kind, id: RemoteId, paths: readonly string[], signal: AbortSignal, owner?: Owner): Promise<Reading>;
  /** Asks what the target can do, and keeps to it. @returns undefined where it does not say so in a readable way */
  discover(signal: AbortSignal): Promise<Discovery | undefined>;
  /** Keeps to what was discovered earlier. */
  use(discovery: Discovery | undefined): void;
  /** Whether what is said side by side goes together, so that one may point to another who is only being created. */
  readonly sendsTogether: boolean;
  /** Resolves when there is room; the task then runs under the concurrency limit. The higher priority overtakes. */
  submit(task: () => Promise<void>, priority?: number): Promise<void>;
  /** Resolves when all that was submitted has ended. @throws what the first failing task threw */
  idle(): Promise<void>;
  /** Gives up what is in flight and closes the connections. */
  close(): void;
}

export function createTarget(settings: LineSettings, world: LineWorld): Target {
  const { name, profile } = settings;
  const { allows, speaks } = profile;
  const { exchange: plain, health, throttle, counters, close } = openLine(settings, world);
  const bulk = openBulk({
    exchange: readingGroups(plain, speaks),
    throttle,
    clock: world.clock,
    endpoints: speaks.endpoints,
    concurrency: allows.concurrency,
  });
  const { exchange } = bulk;
  const habits = openHabits(speaks);
  const voice: Voice = { exchange, profile, habits, turns: openTurns() };
  const doubt = openDoubt(exchange, health);

  return {
    name,
    counters,
    get unavailable() {
      return health.unavailable;
    },

    async perform(addressed, signal) {
      const { operation } = addressed;
      if (health.unavailable !== undefined)
        return { outcome: { kind: 'unavailable', detail: health.unavailable }, requests: 0, retries: 0 };
      const { kind, key, action } = operation;
      const effort: Effort = {
        ...newEffort(signal, priorityOf(operation)),
        ...(action === 'create' ? { creates: { kind, key } } : {}),
      };
      const outcome = await carryOutTogether(addressed, operation, effort);
      await doubt.consider(outcome, effort);
      return {
        outcome,
        requests: effort.requests,
        retries: effort.retries,
        ...(effort.sentAt === undefined ? {} : { sentAt: effort.sentAt }),
      };
    },

    list: (kind, paths, signal, owner) =>
      list(exchange, { kind, paths, pageSize: allows.pageSize, owner, form: speaks.listing }, newEffort(signal)),
    find: (kind, body, paths, signal, owner) =>
      find(exchange, profile, { kind, body, paths, owner }, newEffort(signal)),
    async read(kind, id, paths, signal, owner) {
      return believable(
        readingOf(await ask(exchange, kind, id, newEffort(signal)), id, paths, owner),
        kind,
        profile.speaks,
      );
    },

    async discover(signal) {
      const discovery = speaks.discovery === 'off' ? undefined : await discover(exchange, newEffort(signal));
      use(discovery);
      return discovery;
    },
    use,
    get sendsTogether() {
      return bulk.isUsed;
    },

    submit: (task, priority = 0) => throttle.submit(task, priority),
    idle: () => throttle.idle(),
    close,
  };

  function use(discovery: Discovery | undefined): void {
    habits.use(discovery);
    bulk.use(bulkSize(profile, discovery));
  }

  /** Who pointed to somebody that could not be created beside them is said again without. */
  async function carryOutTogether(addressed: Addressed, operation: Operation, effort: Effort): Promise<Outcome> {
    const outcome = await carryOut(
      voice,
      { ...addressed, resolve: bulk.resolving(addressed.resolve) },
      operation,
      effort,
    );
    return effort.dangling === true && outcome.kind === 'refused'
      ? carryOut(voice, addressed, operation, effort)
      : outcome;
  }
}

/** @returns undefined where requests are to be sent one by one */
function bulkSize({ speaks, allows }: Profile, discovery: Discovery | undefined): BulkSize | undefined {
  const offer = discovery?.bulk;
  if (speaks.bulk !== 'offered' || offer?.supported !== true) return undefined;
  // Some offer it and give no sizes, or none that make sense.
  const least = (ours: number, theirs: number | undefined): number =>
    theirs === undefined || theirs < 1 ? ours : Math.min(ours, theirs);
  const operations = Math.floor(least(allows.bulkOperations, offer.maxOperations));
  return operations < 2 ? undefined : { operations, bytes: least(allows.bodyBytes, offer.maxPayloadSize) };
}

/** What is said of closed accounts proves nothing where they are hidden or shown under made-up names. */
function believable(reading: Reading, kind: Kind, { inactiveUsers }: Profile['speaks']): Reading {
  if (kind === 'Group' || inactiveUsers === 'readable') return reading;
  if (reading === 'gone')
    return inactiveUsers === 'missing'
      ? { unavailable: '404, which this target also answers for accounts that are closed' }
      : reading;
  return 'unavailable' in reading || reading.active
    ? reading
    : { unavailable: 'it is closed, and this target does not show what such an account holds' };
}

/** Whoever leaves goes before whoever comes, among the requests that wait for their turn as well. */
function priorityOf(operation: Operation): number {
  switch (operation.action) {
    case 'deactivate':
    case 'delete':
      return 1;
    case 'members':
      return operation.remove.length > 0 ? 1 : 0;
    default:
      return 0;
  }
}

function carryOut(voice: Voice, addressed: Addressed, operation: Operation, effort: Effort): Promise<Outcome> {
  switch (operation.action) {
    case 'create':
      return create(voice, addressed, operation, effort);
    case 'claim':
      return claim(voice, addressed, operation, effort);
    case 'members':
      return changeMembers(voice, addressed, operation, effort);
    default:
      return change(voice, addressed, operation, effort);
  }
}
