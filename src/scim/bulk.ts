import type { Endpoints } from '../model/profile.ts';
import type { Clock } from '../model/world.ts';
import { effort as newEffort, type Effort, type Resolve } from './addressed.ts';
import { bulkAnswers, bulkOperation, bulkRequest, type BulkPart } from './bulk-message.ts';
import { openBulkNames } from './bulk-names.ts';
import { insisting, type Exchange } from './exchange.ts';
import { openGate } from './gate.ts';
import { replyOf, type Answer, type Reply, type ScimRequest } from './message.ts';
import { decide, type Decision } from './response.ts';
import type { Throttle } from './throttle.ts';

/** How much one Bulk request may hold. */
export interface BulkSize {
  readonly operations: number;
  readonly bytes: number;
}

/** An exchange that sends what is said side by side together (RFC 7644 section 3.7), where that is allowed. */
export interface Bulk {
  readonly exchange: Exchange;
  /** Whether requests are sent together. */
  readonly isUsed: boolean;
  /** Sends together from now on, or not any more. */
  use(size: BulkSize | undefined): void;
  /** As `resolve`, and those who are only being created in the Bulk request that is gathered. */
  resolving(resolve: Resolve): Resolve;
}

export interface BulkIo {
  readonly exchange: Exchange;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly endpoints: Endpoints;
  /** Most requests in flight that are sent one by one. */
  readonly concurrency: number;
}

interface Item extends BulkPart {
  readonly effort: Effort;
  readonly taken: (reply: Reply) => boolean;
  readonly bytes: number;
  readonly answer: (answer: Answer) => void;
}

/** How long one operation waits for others at most, in milliseconds, and how long between two looks around. */
const longestWait = 100;
const pause = 1;
/** What a Bulk request holds besides its operations. */
const envelopeBytes = 200;

const failedDependency = replyOf(
  400,
  {},
  JSON.stringify({ scimType: 'invalidValue', detail: 'whom it points to was not created in the same Bulk request' }),
);

/**
 * Requests that change something are gathered until no operation is under way that could add another one, and sent as one. Each
 * caller gets the answer to its own, so whatever it decides by stays as it is.
 */
export function openBulk({ exchange, throttle, clock, endpoints, concurrency }: BulkIo): Bulk {
  const names = openBulkNames();
  const gate = openGate(concurrency);
  let size: BulkSize | undefined;
  /** Who was to be pointed to may still be under way when nothing is sent together any more. */
  let wasUsed = false;
  let waiting: Item[] = [];
  /** Who comes into the next Bulk request at the earliest. */
  const later: (() => void)[] = [];
  /** Operations whose request was gathered and not answered yet. */
  let blocked = 0;
  let gathering = false;

  async function once(
    request: ScimRequest,
    effort: Effort,
    taken: (reply: Reply) => boolean = () => false,
  ): Promise<Answer> {
    if (request.method === 'GET' || !wasUsed) return gate.pass(() => exchange.once(request, effort, taken));
    const creates = request.method === 'POST' ? effort.creates : undefined;
    const bulkId = creates === undefined ? undefined : names.nameFor(creates);
    blocked += 1;
    try {
      const answer = await gathered({ request, ...(bulkId === undefined ? {} : { bulkId }) }, effort, taken);
      if (bulkId !== undefined) names.answered(bulkId, answer);
      return answer;
    } finally {
      blocked -= 1;
    }
  }

  /**
   * Whoever points to somebody in a Bulk request that has left already waits for that one's id, and whoever points to several
   * waits for all of them: there are servers that put an id in the place of one name in an operation, and keep the others as they stand.
   * Two that do the same at one place go apart, since nothing would tell their results from each other.
   */
  async function gathered(part: BulkPart, effort: Effort, taken: Item['taken']): Promise<Answer> {
    for (;;) {
      const pending = names.pending(part.request);
      const [first, second] = pending;
      if (first !== undefined && (second !== undefined || !waiting.some(({ bulkId }) => bulkId === first))) {
        await Promise.all(pending.map((name) => names.wait(name)));
        continue;
      }
      if (waiting.some(({ request }) => isSamePlace(request, part.request))) {
        await new Promise<void>((next) => {
          later.push(next);
        });
        continue;
      }
      const request = names.settled(part.request, effort);
      if (request === undefined) return failedDependency;
      const room = size;
      if (room === undefined) return gate.pass(() => exchange.once(request, effort, taken));
      const settled = { ...part, request };
      const bytes = Buffer.byteLength(JSON.stringify(bulkOperation(settled, endpoints)), 'utf8') + 1;
      if (waiting.length > 0 && bytesOf(waiting) + bytes > room.bytes) {
        sendAll();
        continue;
      }
      return new Promise((resolve) => {
        // What is sent next may point to it already.
        const answer = (given: Answer): void => {
          if (part.bulkId !== undefined) names.answered(part.bulkId, given);
          resolve(given);
        };
        waiting.push({ ...settled, effort, taken, bytes, answer });
        if (waiting.length >= room.operations || bytesOf(waiting) >= room.bytes) sendAll();
        else if (!gathering) void gather();
      });
    }
  }

  async function gather(): Promise<void> {
    gathering = true;
    const since = clock.now();
    let before = 0;
    while (waiting.length > 0 && clock.now() - since < longestWait) {
      await clock.sleep(pause);
      const isQuiet = throttle.running <= blocked;
      if (isQuiet && waiting.length === before) break;
      before = waiting.length;
    }
    gathering = false;
    sendAll();
  }

  function sendAll(): void {
    const items = waiting;
    waiting = [];
    if (items.length > 0) void together(items);
    for (const next of later.splice(0)) next();
  }

  async function together(items: readonly Item[]): Promise<void> {
    const [only, second] = items;
    if (only === undefined) return;
    if (second === undefined || size === undefined) return alone(items);
    const effort = newEffort(only.effort.signal, Math.max(...items.map((item) => item.effort.priority)));
    const answer = await gate.pass(() => exchange.once(bulkRequest(items, endpoints), effort));
    const decision = decide(answer);
    if (isTooSlow(answer)) resize(halfOf(items));
    if (isRefusal(answer)) return afterRefusal(items, decision);
    const answers = answer.kind === 'reply' && decision === 'accept' ? bulkAnswers(answer.body, items) : undefined;
    // A success that says nothing may be one: each is looked at as if it had got no answer.
    if (decision === 'accept' && answers === undefined) resize(undefined);
    const instead: Answer =
      decision === 'accept'
        ? { kind: 'noAnswer', detail: 'the Bulk request was answered, but not with results' }
        : answer;
    items.forEach((item, index) => {
      const given = answers?.[index] ?? instead;
      // RFC 7644 section 3.7.2 has 409 for it, which means something else to whoever asked.
      const own = isRefusal(given) && names.pointsToNobody(item.request) ? failedDependency : given;
      if (effort.sentAt !== undefined) item.effort.sentAt ??= effort.sentAt;
      item.effort.requests += effort.requests;
      item.effort.retries += effort.retries;
      if (decide(own) !== 'accept' && names.pointsToNew(item.request)) item.effort.dangling = true;
      // One that came too soon waits for its turn like any other.
      if (own.kind === 'reply' && decide(own) === 'wait' && !item.taken(own)) void alone([item]);
      else item.answer(own);
    });
  }

  /** Refused as a whole: nothing of it was done. Too large goes in halves, anything else is said one by one from now on. */
  async function afterRefusal(items: readonly Item[], decision: Decision): Promise<void> {
    const smaller = decision === 'tooLarge' ? halfOf(items) : undefined;
    resize(smaller);
    if (smaller === undefined) return alone(items);
    const half = Math.ceil(items.length / 2);
    await together(items.slice(0, half));
    await together(items.slice(half).flatMap((item) => settled(item) ?? []));
  }

  async function alone(items: readonly Item[]): Promise<void> {
    await Promise.all(
      items.map(async (item) => {
        const others = items.flatMap(({ bulkId }) => (bulkId === undefined || bulkId === item.bulkId ? [] : [bulkId]));
        await Promise.all(
          names
            .pending(item.request)
            .filter((name) => others.includes(name))
            .map((name) => names.wait(name)),
        );
        const ready = settled(item);
        if (ready !== undefined)
          ready.answer(await gate.pass(() => exchange.once(ready.request, ready.effort, ready.taken)));
      }),
    );
  }

  /** With ids in the place of names; whoever points to somebody who was not created has got that for an answer. */
  function settled(item: Item): Item | undefined {
    const request = names.settled(item.request, item.effort);
    if (request === undefined) item.answer(failedDependency);
    return request === undefined ? undefined : { ...item, request };
  }

  /** @returns undefined where half of it is no Bulk request any more */
  function halfOf({ length }: readonly Item[]): BulkSize | undefined {
    const half = Math.ceil(length / 2);
    return half > 1 && size !== undefined ? { ...size, operations: Math.min(size.operations, half) } : undefined;
  }

  function resize(next: BulkSize | undefined): void {
    size = next;
    wasUsed ||= next !== undefined;
    throttle.widen(next?.operations ?? concurrency);
  }

  return {
    exchange: insisting({ once, waitAfter: (...about) => exchange.waitAfter(...about) }),
    get isUsed() {
      return size !== undefined;
    },
    use: resize,
    resolving: (resolve) => (wasUsed ? names.resolving(resolve) : resolve),
  };
}

const isRefusal = (answer: Answer): boolean =>
  answer.kind === 'reply' && !['accept', 'again', 'wait'].includes(decide(answer));

/** Nobody had the patience for so much at once: we, or a gateway. */
const isTooSlow = (answer: Answer): boolean =>
  answer.kind === 'noAnswer' || (answer.kind === 'reply' && (answer.status === 408 || answer.status === 504));

const isSamePlace = (one: ScimRequest, other: ScimRequest): boolean =>
  one.method !== 'POST' && one.method === other.method && one.path === other.path;

const bytesOf = (items: readonly Item[]): number => items.reduce((sum, { bytes }) => sum + bytes, envelopeBytes);
