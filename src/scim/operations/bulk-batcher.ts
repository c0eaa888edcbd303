import pLimit from 'p-limit';
import type { Endpoints } from '../../model/profile.ts';
import type { Clock } from '../../model/clock.ts';
import { newExecution, type OperationExecution } from '../transport/execution.ts';
import type { ResolveId } from '../encode/references.ts';
import { parseBulkResponse, bulkOperation, bulkRequest, type BulkRequestItem } from '../encode/bulk-message.ts';
import { createBulkIds } from '../encode/bulk-ids.ts';
import { withRetry, type Transport } from '../transport/transport.ts';
import { toResponse, type HttpResult, type Response, type ScimRequest } from '../transport/message.ts';
import { decide, type Decision } from '../judge/judge-response.ts';
import type { Throttle } from '../transport/throttle.ts';

/** How much one Bulk request may hold. */
export interface BulkLimits {
  readonly operations: number;
  readonly bytes: number;
}

/** An exchange that sends what is said side by side together (RFC 7644 section 3.7), where that is allowed. */
export interface BulkBatcher {
  readonly transport: Transport;
  /** Whether requests are sent together. */
  readonly isEnabled: boolean;
  /** Sends together from now on, or not any more. */
  setLimits(size: BulkLimits | undefined): void;
  /** As `resolve`, and those who are only being created in the Bulk request that is gathered. */
  withBulkIds(resolve: ResolveId): ResolveId;
}

export interface BulkDeps {
  readonly transport: Transport;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly endpoints: Endpoints;
  /** Most requests in flight that are sent one by one. */
  readonly concurrency: number;
}

interface PendingRequest extends BulkRequestItem {
  readonly execution: OperationExecution;
  readonly isHandledByCaller: (response: Response) => boolean;
  readonly bytes: number;
  readonly deliver: (result: HttpResult) => void;
}

/** How long one operation waits for others at most, in milliseconds, and how long between two looks around. */
const maxGatherMs = 100;
const pollMs = 1;
/** What a Bulk request holds besides its operations. */
const envelopeBytes = 200;

const failedDependency = toResponse(
  400,
  {},
  JSON.stringify({ scimType: 'invalidValue', detail: 'whom it points to was not created in the same Bulk request' }),
);

/**
 * Requests that change something are gathered until no operation is under way that could add another one, and sent as one. Each
 * caller gets the answer to its own, so whatever it decides by stays as it is.
 */
export function createBulkBatcher({ transport, throttle, clock, endpoints, concurrency }: BulkDeps): BulkBatcher {
  const bulkIds = createBulkIds();
  const singly = pLimit(concurrency);
  let limits: BulkLimits | undefined;
  /** Who was to be pointed to may still be under way when nothing is sent together any more. */
  let wasEnabled = false;
  let waiting: PendingRequest[] = [];
  /** Who comes into the next Bulk request at the earliest. */
  const nextBatchWaiters: (() => void)[] = [];
  /** Operations whose request was gathered and not answered yet. */
  let blocked = 0;
  let isGathering = false;

  async function send(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller: (response: Response) => boolean = () => false,
  ): Promise<HttpResult> {
    if (request.method === 'GET' || !wasEnabled)
      return singly(() => transport.send(request, execution, isHandledByCaller));
    const creates = request.method === 'POST' ? execution.creates : undefined;
    const bulkId = creates === undefined ? undefined : bulkIds.assign(creates);
    blocked += 1;
    try {
      const result = await enqueue(
        { request, ...(bulkId === undefined ? {} : { bulkId }) },
        execution,
        isHandledByCaller,
      );
      if (bulkId !== undefined) bulkIds.resolve(bulkId, result);
      return result;
    } finally {
      blocked -= 1;
    }
  }

  /**
   * Whoever points to somebody in a Bulk request that has left already waits for that one's id, and whoever points to several
   * waits for all of them: there are servers that put an id in the place of one name in an operation, and keep the others as they stand.
   * Two that do the same at one place go apart, since nothing would tell their results from each other.
   */
  async function enqueue(
    part: BulkRequestItem,
    execution: OperationExecution,
    isHandledByCaller: PendingRequest['isHandledByCaller'],
  ): Promise<HttpResult> {
    for (;;) {
      const pending = bulkIds.pending(part.request);
      const [first, second] = pending;
      if (first !== undefined && (second !== undefined || !waiting.some(({ bulkId }) => bulkId === first))) {
        await Promise.all(pending.map((name) => bulkIds.wait(name)));
        continue;
      }
      if (waiting.some(({ request }) => hasSameTarget(request, part.request))) {
        await new Promise<void>((next) => {
          nextBatchWaiters.push(next);
        });
        continue;
      }
      const request = bulkIds.substituteIds(part.request, execution);
      if (request === undefined) return failedDependency;
      const currentLimits = limits;
      if (currentLimits === undefined) return singly(() => transport.send(request, execution, isHandledByCaller));
      const settled = { ...part, request };
      const bytes = Buffer.byteLength(JSON.stringify(bulkOperation(settled, endpoints)), 'utf8') + 1;
      if (waiting.length > 0 && totalBytes(waiting) + bytes > currentLimits.bytes) {
        flush();
        continue;
      }
      return new Promise((resolve) => {
        // What is sent next may point to it already.
        const deliver = (result: HttpResult): void => {
          if (part.bulkId !== undefined) bulkIds.resolve(part.bulkId, result);
          resolve(result);
        };
        waiting.push({ ...settled, execution, isHandledByCaller, bytes, deliver });
        if (waiting.length >= currentLimits.operations || totalBytes(waiting) >= currentLimits.bytes) flush();
        else if (!isGathering) void flushWhenIdle();
      });
    }
  }

  async function flushWhenIdle(): Promise<void> {
    isGathering = true;
    const since = clock.now();
    let previousLength = 0;
    while (waiting.length > 0 && clock.now() - since < maxGatherMs) {
      await clock.sleep(pollMs);
      const isQuiet = throttle.running <= blocked;
      if (isQuiet && waiting.length === previousLength) break;
      previousLength = waiting.length;
    }
    isGathering = false;
    flush();
  }

  function flush(): void {
    const items = waiting;
    waiting = [];
    if (items.length > 0) void sendBulk(items);
    for (const next of nextBatchWaiters.splice(0)) next();
  }

  async function sendBulk(items: readonly PendingRequest[]): Promise<void> {
    const [only, second] = items;
    if (only === undefined) return;
    if (second === undefined || limits === undefined) return sendSingly(items);
    const execution = newExecution(only.execution.signal);
    const result = await singly(() => transport.send(bulkRequest(items, endpoints), execution));
    const decision = decide(result);
    if (isTimeout(result)) setLimits(halfOf(items));
    if (isRefusal(result)) return afterRefusal(items, decision);
    const results =
      result.kind === 'response' && decision === 'accept' ? parseBulkResponse(result.body, items) : undefined;
    // A success that says nothing may be one: each is looked at as if it had got no answer.
    if (decision === 'accept' && results === undefined) setLimits(undefined);
    const fallbackResult: HttpResult =
      decision === 'accept'
        ? { kind: 'noResponse', detail: 'the Bulk request was answered, but not with results' }
        : result;
    items.forEach((item, index) => {
      const itemResponse = results?.[index] ?? fallbackResult;
      // RFC 7644 section 3.7.2 has 409 for it, which means something else to whoever asked.
      const itemResult =
        isRefusal(itemResponse) && bulkIds.hasFailedReference(item.request) ? failedDependency : itemResponse;
      if (execution.sentAt !== undefined) item.execution.sentAt ??= execution.sentAt;
      item.execution.requests += execution.requests;
      item.execution.retries += execution.retries;
      if (decide(itemResult) !== 'accept' && bulkIds.hasReference(item.request))
        item.execution.hasUnresolvedBulkReference = true;
      // One that came too soon waits for its turn like any other.
      if (itemResult.kind === 'response' && decide(itemResult) === 'rateLimited' && !item.isHandledByCaller(itemResult))
        void sendSingly([item]);
      else item.deliver(itemResult);
    });
  }

  /** Refused as a whole: nothing of it was done. Too large goes in halves, anything else is said one by one from now on. */
  async function afterRefusal(items: readonly PendingRequest[], decision: Decision): Promise<void> {
    const smaller = decision === 'tooLarge' ? halfOf(items) : undefined;
    setLimits(smaller);
    if (smaller === undefined) return sendSingly(items);
    const half = Math.ceil(items.length / 2);
    await sendBulk(items.slice(0, half));
    await sendBulk(items.slice(half).flatMap((item) => settled(item) ?? []));
  }

  async function sendSingly(items: readonly PendingRequest[]): Promise<void> {
    await Promise.all(
      items.map(async (item) => {
        const others = items.flatMap(({ bulkId }) => (bulkId === undefined || bulkId === item.bulkId ? [] : [bulkId]));
        await Promise.all(
          bulkIds
            .pending(item.request)
            .filter((name) => others.includes(name))
            .map((name) => bulkIds.wait(name)),
        );
        const ready = settled(item);
        if (ready !== undefined)
          ready.deliver(await singly(() => transport.send(ready.request, ready.execution, ready.isHandledByCaller)));
      }),
    );
  }

  /** With ids in the place of names; whoever points to somebody who was not created has got that for an answer. */
  function settled(item: PendingRequest): PendingRequest | undefined {
    const request = bulkIds.substituteIds(item.request, item.execution);
    if (request === undefined) item.deliver(failedDependency);
    return request === undefined ? undefined : { ...item, request };
  }

  /** @returns undefined where half of it is no Bulk request any more */
  function halfOf({ length }: readonly PendingRequest[]): BulkLimits | undefined {
    const half = Math.ceil(length / 2);
    return half > 1 && limits !== undefined ? { ...limits, operations: Math.min(limits.operations, half) } : undefined;
  }

  function setLimits(next: BulkLimits | undefined): void {
    limits = next;
    wasEnabled ||= next !== undefined;
    throttle.setConcurrency(next?.operations ?? concurrency);
  }

  return {
    transport: withRetry({ send, backOff: (...about) => transport.backOff(...about) }),
    get isEnabled() {
      return limits !== undefined;
    },
    setLimits: setLimits,
    withBulkIds: (resolve) => (wasEnabled ? bulkIds.withBulkIds(resolve) : resolve),
  };
}

const isRefusal = (result: HttpResult): boolean =>
  result.kind === 'response' && !['accept', 'retry', 'rateLimited'].includes(decide(result));

/** Nobody had the patience for so much at once: we, or a gateway. */
const isTimeout = (result: HttpResult): boolean =>
  result.kind === 'noResponse' || (result.kind === 'response' && (result.status === 408 || result.status === 504));

const hasSameTarget = (one: ScimRequest, other: ScimRequest): boolean =>
  one.method !== 'POST' && one.method === other.method && one.path === other.path;

const totalBytes = (items: readonly PendingRequest[]): number =>
  items.reduce((sum, { bytes }) => sum + bytes, envelopeBytes);
