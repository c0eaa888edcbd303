import pLimit from 'p-limit';
import type { BulkMethod, Endpoints } from '../../model/profile.ts';
import type { Clock } from '../../model/clock.ts';
import { newExecution, type OperationExecution } from '../transport/execution.ts';
import type { ResolveId } from '../encode/references.ts';
import { parseBulkResponse, bulkOperation, bulkRequest, type BulkRequestItem } from '../encode/bulk-message.ts';
import { createBulkIds } from '../encode/bulk-ids.ts';
import type { BulkLimits, LearnedBulk } from '../learned/bulk-limits.ts';
import { withRetry, type Transport } from '../transport/transport.ts';
import { toResponse, type HttpResult, type Response, type ScimRequest } from '../transport/message.ts';
import { decide, isAccepted, type Decision } from '../judge/judge-response.ts';
import type { Throttle } from '../transport/throttle.ts';

/**
 * A transport that combines concurrent write requests into Bulk requests (RFC 7644 section 3.7), where the target
 * allows it.
 */
export interface BulkBatcher {
  readonly transport: Transport;
  /** Whether requests are currently combined. */
  readonly isEnabled: boolean;
  /** Starts a pass with the limits that the target offers; undefined: it offers no Bulk. */
  start(offered: BulkLimits | undefined): void;
  /** As `resolve`, and in addition a bulkId for records whose create is in a Bulk request. */
  withBulkIds(resolve: ResolveId): ResolveId;
}

/** What the batcher needs from its target. */
export interface BulkDeps {
  readonly transport: Transport;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly endpoints: Endpoints;
  /** Maximum number of concurrent requests. */
  readonly concurrency: number;
  /** Methods that work inside Bulk at this target; a request with another method is sent by itself. */
  readonly methods: readonly BulkMethod[];
  readonly learned: LearnedBulk;
}

interface PendingRequest extends BulkRequestItem {
  readonly execution: OperationExecution;
  readonly isHandledByCaller: (response: Response) => boolean;
  readonly bytes: number;
  readonly deliver: (result: HttpResult) => void;
}

/** Longest time that an operation waits for others, and the interval between two checks; both in milliseconds. */
const maxGatherMs = 100;
const pollMs = 1;
/** Bytes of a Bulk request besides its operations. */
const envelopeBytes = 200;

const failedDependency = toResponse(
  400,
  {},
  JSON.stringify({
    scimType: 'invalidValue',
    detail: 'the resource that it references was not created in the same Bulk request',
  }),
);

/**
 * Collects write requests until no running operation could add another one, and sends them as one Bulk request. Each
 * caller receives the result of its own request, so its decisions do not depend on Bulk.
 */
export function createBulkBatcher({
  transport,
  throttle,
  clock,
  endpoints,
  concurrency,
  methods,
  learned,
}: BulkDeps): BulkBatcher {
  const bulkIds = createBulkIds();
  const singly = pLimit(concurrency);
  let limits: BulkLimits | undefined;
  /** Stays true after Bulk is switched off: requests that reference a pending create may still be running. */
  let wasEnabled = false;
  let waiting: PendingRequest[] = [];
  /** Callers that must wait for the next Bulk request. */
  const nextBatchWaiters: (() => void)[] = [];
  /** Number of operations that wait for the response to a collected request. */
  let blocked = 0;
  let isGathering = false;

  // Without Bulk, an operation sends one request at a time, so the limit of operations is that of requests.
  const send: Transport['send'] = (...about) => (wasEnabled ? sendOrCollect(...about) : transport.send(...about));

  async function sendOrCollect(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller: (response: Response) => boolean = () => false,
  ): Promise<HttpResult> {
    if (request.method === 'GET') return singly(() => transport.send(request, execution, isHandledByCaller));
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
   * An operation may reference at most one bulkId, of a create in the batch that is being built: some servers replace
   * only one bulkId per operation. The operation waits for the real ids if that create was already sent, if there are
   * several, or if the operation's method does not work inside Bulk. Two requests with the same method and path go into
   * different batches, since their results could not be distinguished.
   */
  async function enqueue(
    part: BulkRequestItem,
    execution: OperationExecution,
    isHandledByCaller: PendingRequest['isHandledByCaller'],
  ): Promise<HttpResult> {
    const isBatchable = part.request.single !== true && methods.some((method) => method === part.request.method);
    for (;;) {
      const pending = bulkIds.pending(part.request);
      const [first, second] = pending;
      if (
        first !== undefined &&
        (!isBatchable || second !== undefined || !waiting.some(({ bulkId }) => bulkId === first))
      ) {
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
      const currentLimits = isBatchable && !learned.isRefused ? limits : undefined;
      if (currentLimits === undefined) return singly(() => transport.send(request, execution, isHandledByCaller));
      const resolved = { ...part, request };
      const bytes = Buffer.byteLength(JSON.stringify(bulkOperation(resolved, endpoints)), 'utf8') + 1;
      if (waiting.length > 0 && totalBytes(waiting) + bytes > currentLimits.bytes) {
        flush();
        continue;
      }
      return new Promise((resolve) => {
        // The next request may reference it already.
        const deliver = (result: HttpResult): void => {
          if (part.bulkId !== undefined) bulkIds.resolve(part.bulkId, result);
          resolve(result);
        };
        waiting.push({ ...resolved, execution, isHandledByCaller, bytes, deliver });
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
    if (isTimeout(result)) setLimits(atMost(Math.ceil(items.length / 2)));
    if (result.kind === 'response' && isRefusal(result)) return afterRefusal(items, result.status, decision);
    const results = isAccepted(result) ? parseBulkResponse(result.body, items) : undefined;
    // A 2xx without results may still have taken effect: each operation is treated as sent without a response.
    const isWithoutResults = results === undefined && (decision === 'accept' || decision === 'unproven');
    const isSuccess = (one: HttpResult | undefined): boolean => one !== undefined && isAccepted(one);
    if (results !== undefined) learned.accepted(items.length, results.some(isSuccess));
    else if (isWithoutResults) {
      setLimits(undefined);
      if (result.kind === 'response') learned.refused(result.status);
    }
    const fallbackResult: HttpResult =
      decision === 'accept'
        ? { kind: 'noResponse', detail: 'the Bulk request was answered, but not with results' }
        : result;
    items.forEach((item, index) => {
      const itemResponse = results?.[index] ?? fallbackResult;
      // RFC 7644 section 3.7.2 uses 409 for an unresolved bulkId; the caller would read it as a duplicate.
      const itemResult =
        isRefusal(itemResponse) && bulkIds.hasFailedReference(item.request) ? failedDependency : itemResponse;
      if (execution.sentAt !== undefined) item.execution.sentAt ??= execution.sentAt;
      item.execution.requests += execution.requests;
      item.execution.retries += execution.retries;
      if (decide(itemResult) !== 'accept' && bulkIds.hasReference(item.request))
        item.execution.hasUnresolvedBulkReference = true;
      // A rate-limited operation is sent again on its own, under the rate limiter.
      if (itemResult.kind === 'response' && decide(itemResult) === 'rateLimited' && !item.isHandledByCaller(itemResult))
        void sendSingly([item]);
      else item.deliver(itemResult);
    });
  }

  /**
   * The target refused the Bulk request as a whole, so no operation was executed. After 413 smaller ones are sent;
   * after any other refusal, Bulk is switched off and the operations are sent one by one.
   */
  async function afterRefusal(items: readonly PendingRequest[], status: number, decision: Decision): Promise<void> {
    if (decision !== 'tooLarge') {
      learned.refused(status);
      setLimits(undefined);
      return sendSingly(items);
    }
    setLimits(atMost(learned.tooLarge(items.length)));
    for (let rest = items; rest.length > 0;) {
      const size = limits?.operations ?? rest.length;
      await sendBulk(rest.slice(0, size));
      rest = rest.slice(size).flatMap((item) => withIds(item) ?? []);
    }
  }

  async function sendSingly(items: readonly PendingRequest[]): Promise<void> {
    await Promise.all(
      items.map(async (item) => {
        // Only creates before it are referenced, so no two items wait for each other.
        const references = bulkIds.pending(item.request).filter((name) => name !== item.bulkId);
        await Promise.all(references.map((name) => bulkIds.wait(name)));
        const ready = withIds(item);
        if (ready !== undefined)
          ready.deliver(await singly(() => transport.send(ready.request, ready.execution, ready.isHandledByCaller)));
      }),
    );
  }

  /** Replaces bulkIds with ids. An item that references a failed create receives `failedDependency` instead. */
  function withIds(item: PendingRequest): PendingRequest | undefined {
    const request = bulkIds.substituteIds(item.request, item.execution);
    if (request === undefined) item.deliver(failedDependency);
    return request === undefined ? undefined : { ...item, request };
  }

  /** @returns undefined where one Bulk request would have fewer than two operations */
  function atMost(operations: number): BulkLimits | undefined {
    if (operations < 2 || limits === undefined) return undefined;
    return { ...limits, operations: Math.min(limits.operations, operations) };
  }

  function setLimits(next: BulkLimits | undefined): void {
    limits = next;
    wasEnabled ||= next !== undefined;
    throttle.setShared(next?.operations);
  }

  return {
    transport: withRetry({ send, backOff: (...about) => transport.backOff(...about) }),
    get isEnabled() {
      return limits !== undefined;
    },
    start: (offered) => setLimits(learned.limitsWithin(offered)),
    withBulkIds: (resolve) => (wasEnabled ? bulkIds.withBulkIds(resolve) : resolve),
  };
}

const isRefusal = (result: HttpResult): boolean =>
  result.kind === 'response' && !['accept', 'unproven', 'retry', 'rateLimited'].includes(decide(result));

/** The request took longer than our timeout or that of a gateway. */
const isTimeout = (result: HttpResult): boolean =>
  result.kind === 'noResponse' || (result.kind === 'response' && (result.status === 408 || result.status === 504));

const hasSameTarget = (one: ScimRequest, other: ScimRequest): boolean =>
  one.method !== 'POST' && one.method === other.method && one.path === other.path;

const totalBytes = (items: readonly PendingRequest[]): number =>
  items.reduce((sum, { bytes }) => sum + bytes, envelopeBytes);
