import type { Instant } from '../../model/ids.ts';
import { formatDuration, minuteMs } from '../../model/time.ts';

/** After this number of consecutive failures, a ping checks whether the target is available. */
const failuresBeforePing = 3;
/**
 * After this number of consecutive 401 or 403, a ping checks the credentials. Fewer prove nothing: some servers respond
 * with 401 to a wrong id, or with 403 to one method.
 */
const denialsBeforePing = 5;
/**
 * The circuit opens after this number of writes without a response, of at least this number of operations, if the
 * target answered no write meanwhile. One operation alone proves nothing: its record may crash the server. One moment
 * alone proves nothing either: a restart ends all requests in flight.
 */
const unansweredWrites = 9;
const unansweredOperations = 3;
/**
 * The circuit opens after the writes of this number of operations were answered by a gateway, if the application
 * answered no write meanwhile. Fewer prove nothing: some servers crash at certain records.
 */
const gatewayOperations = 20;
/**
 * A target that answers all reads, or all writes, with 429 is skipped until the next pass: after this time, or after
 * this number of pauses. A short `Retry-After` that the target repeats for ever must not keep the pass, and the state,
 * from the other targets.
 */
const maxThrottledMs = 5 * minuteMs;
const maxThrottledPauses = 40;

/** The circuit breaker of one target. Once open, it stays open until the target is closed at the end of the pass. */
export interface CircuitBreaker {
  /** Why the target receives no more requests; undefined while the circuit is closed. */
  readonly unavailableReason: string | undefined;
  /** An operation succeeded: resets the counters. */
  succeeded(): void;
  /** An operation failed. @returns whether to ping the target now */
  failed(why: 'unavailable' | 'denied'): boolean;
  /** A ping succeeded: resets the counters. */
  recovered(): void;
  /** Stops all further requests of this pass. */
  open(why: string): void;
  /**
   * A write got no response. Answered reads do not reset this counter. @param operation identifies the operation that
   * sent it
   */
  writeUnanswered(operation: object): void;
  /** A gateway answered a write in place of the application. Answered reads do not reset this counter. */
  writeBlocked(operation: object): void;
  /** The application answered a write, with any status. */
  writeAnswered(): void;
  /** The target answered a read or a write with another status than 429. */
  answered(kind: 'read' | 'write'): void;
  /**
   * The target answered with 429; opens the circuit after five minutes, or forty pauses, with no other answer to
   * requests of this kind. @returns whether the target may receive more requests
   */
  throttled(kind: 'read' | 'write', sentAt: Instant, now: Instant): boolean;
}

/** Answers with 429 in a row. Several requests in flight are refused at once: they count as one pause. */
interface Throttling {
  readonly since: Instant;
  readonly pausedAt: Instant;
  readonly pauses: number;
}

/** Creates a closed circuit breaker; `name` is the target in its messages. */
export function createCircuitBreaker(name: string): CircuitBreaker {
  let unavailableReason: string | undefined;
  let failures = 0;
  let denials = 0;
  const throttling = new Map<'read' | 'write', Throttling>();
  let writesWithoutAnswer = 0;
  let operationsWithoutAnswer = new Set<object>();
  let blockedOperations = new Set<object>();

  const open = (why: string): void => {
    unavailableReason ??=
      `${name} receives no more requests in this pass: ${why}. ` +
      'The next pass continues with the remaining operations';
  };
  const recovered = (): void => {
    failures = 0;
    denials = 0;
  };

  return {
    get unavailableReason() {
      return unavailableReason;
    },
    succeeded: recovered,
    recovered,
    failed(why) {
      if (why === 'denied') denials += 1;
      else failures += 1;
      return failures >= failuresBeforePing || denials >= denialsBeforePing;
    },
    open,
    writeUnanswered(operation) {
      writesWithoutAnswer += 1;
      operationsWithoutAnswer.add(operation);
      if (writesWithoutAnswer >= unansweredWrites && operationsWithoutAnswer.size >= unansweredOperations)
        open(
          `it answered no write of the last ${writesWithoutAnswer}, which ${operationsWithoutAnswer.size} operations ` +
            'sent; check with the application whether it is read-only or overloaded',
        );
    },
    writeBlocked(operation) {
      writesWithoutAnswer = 0;
      operationsWithoutAnswer = new Set();
      blockedOperations.add(operation);
      if (blockedOperations.size >= gatewayOperations)
        open(
          `a gateway answered every change of the last ${blockedOperations.size} operations with 502, 503, 504 or ` +
            'a web page; check with the application whether it is read-only',
        );
    },
    writeAnswered() {
      blockedOperations = new Set();
      writesWithoutAnswer = 0;
      operationsWithoutAnswer = new Set();
    },
    answered(kind) {
      throttling.delete(kind);
    },
    throttled(kind, sentAt, now) {
      const before = throttling.get(kind) ?? { since: now, pausedAt: sentAt, pauses: 0 };
      const isNewPause = sentAt >= before.pausedAt;
      const { since } = before;
      const pauses = before.pauses + (isNewPause ? 1 : 0);
      throttling.set(kind, { since, pauses, pausedAt: isNewPause ? now : before.pausedAt });
      if (now - since > maxThrottledMs || pauses >= maxThrottledPauses)
        open(
          `it has answered every ${kind} with 429 (too many requests) for ${formatDuration(now - since)}, ` +
            `also after ${pauses} pauses; check the rate limit of the application and "limits" of this target`,
        );
      return unavailableReason === undefined;
    },
  };
}
