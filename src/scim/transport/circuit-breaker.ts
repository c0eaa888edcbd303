import type { Instant } from '../../model/ids.ts';
import { formatDuration, minuteMs } from '../../model/time.ts';

/** So many operations in a row that could not be carried out, and the target is asked whether it is there at all. */
const failuresBeforePing = 3;
/** So many refusals of the credentials in a row. One or a few say nothing: some servers answer 401 for a wrong id, 403 for one verb. */
const denialsBeforePing = 5;
/** A target that has answered nothing but 429 for so long is not served in this pass. */
const maxThrottledMs = 10 * minuteMs;

/** What is known of a target's state. A circuit breaker: once open, it stays open until the target is closed. */
export interface CircuitBreaker {
  /** Why the target is not asked any more; undefined while it is. */
  readonly unavailableReason: string | undefined;
  succeeded(): void;
  /** An operation failed. @returns whether it is time to doubt the target as a whole */
  failed(why: 'unavailable' | 'denied'): boolean;
  /** It answers after all. */
  recovered(): void;
  /** Nothing more is to be asked in this pass. */
  open(why: string): void;
  /** It answered something other than 429. */
  answered(): void;
  /** It answered 429; gives up after ten minutes of nothing else. @returns whether it may be asked again */
  throttled(now: Instant): boolean;
}

export function createCircuitBreaker(name: string): CircuitBreaker {
  let unavailableReason: string | undefined;
  let failures = 0;
  let denials = 0;
  let throttledSince: Instant | undefined;

  const open = (why: string): void => {
    unavailableReason ??= `${name} is not asked any more in this pass: ${why}. What is left is found again by the next pass`;
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
    answered() {
      throttledSince = undefined;
    },
    throttled(now) {
      throttledSince ??= now;
      if (now - throttledSince > maxThrottledMs)
        open(`it has answered nothing but 429 (too many requests) for ${formatDuration(now - throttledSince)}`);
      return unavailableReason === undefined;
    },
  };
}
