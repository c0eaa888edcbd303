import type { Instant } from '../model/ids.ts';
import { duration, minute } from '../model/time.ts';

/** So many operations in a row that could not be carried out, and the target is asked whether it is there at all. */
const failuresBeforeDoubt = 3;
/** So many refusals of the credentials in a row. One or a few say nothing: some servers answer 401 for a wrong id, 403 for one verb. */
const denialsBeforeDoubt = 5;
/** A target that has answered nothing but 429 for so long is not served in this pass. */
const patience = 10 * minute;

/** What is known of a target's state. A circuit breaker: once open, it stays open until the target is closed. */
export interface Health {
  /** Why the target is not asked any more; undefined while it is. */
  readonly unavailable: string | undefined;
  succeeded(): void;
  /** An operation failed. @returns whether it is time to doubt the target as a whole */
  failed(why: 'unavailable' | 'denied'): boolean;
  /** It answers after all. */
  lives(): void;
  /** Nothing more is to be asked in this pass. */
  giveUp(why: string): void;
  /** It answered something other than 429. */
  answered(): void;
  /** It answered 429; gives up after ten minutes of nothing else. @returns whether it may be asked again */
  throttled(now: Instant): boolean;
}

export function openHealth(name: string): Health {
  let unavailable: string | undefined;
  let failures = 0;
  let denials = 0;
  let throttledSince: Instant | undefined;

  const giveUp = (why: string): void => {
    unavailable ??= `${name} is not asked any more in this pass: ${why}. What is left is found again by the next pass`;
  };
  const lives = (): void => {
    failures = 0;
    denials = 0;
  };

  return {
    get unavailable() {
      return unavailable;
    },
    succeeded: lives,
    lives,
    failed(why) {
      if (why === 'denied') denials += 1;
      else failures += 1;
      return failures >= failuresBeforeDoubt || denials >= denialsBeforeDoubt;
    },
    giveUp,
    answered() {
      throttledSince = undefined;
    },
    throttled(now) {
      throttledSince ??= now;
      if (now - throttledSince > patience)
        giveUp(`it has answered nothing but 429 (too many requests) for ${duration(now - throttledSince)}`);
      return unavailable === undefined;
    },
  };
}
