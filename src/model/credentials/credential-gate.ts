import { instant, type Instant } from '../ids.ts';
import { formatTime, minuteMs } from '../time.ts';

/** Credentials that a server refused. */
export interface Refusal {
  /** How often they were refused. */
  readonly count: number;
  /** When they are tried again, unless they change before. */
  readonly until: Instant;
}

/**
 * Keeps refused credentials from being tried so often that the server locks the account. It outlives passes and
 * connections: all that use the same credentials share one.
 */
export interface CredentialGate {
  /** Why the credentials are not used now; undefined: they may be. Changed credentials may be used at once. */
  closed(): Refusal | undefined;
  /** They were refused, are others by now, and were not tried since. */
  readonly isChanged: boolean;
  /** The server accepted them, and has not refused them since. */
  readonly isProven: boolean;
  /** They were refused before, and are tried once more. */
  readonly isRetry: boolean;
  accepted(): void;
  /** A request was refused, which may have another reason. @returns how often in a row */
  denied(): number;
  refused(): Refusal;
}

/** When refused credentials are used next, as a sentence. */
export const nextTryText = ({ until }: Refusal): string =>
  `A daemon tries the credentials again at ${formatTime(until)}, or as soon as they change: ` +
  'more tries could lock the account';

/**
 * After the first, second … refusal. An account of a directory is usually locked after five to ten refusals within ten
 * to thirty minutes; with these intervals, at most three fall into any half hour.
 */
const pausesMs: readonly number[] = [5 * minuteMs, 15 * minuteMs, 30 * minuteMs];
const longestPauseMs = 60 * minuteMs;

/** @param credentials the credentials as they are now, as one text */
export function createCredentialGate(credentials: () => string, now: () => Instant): CredentialGate {
  let refused: (Refusal & { readonly credentials: string }) | undefined;
  let proven: string | undefined;
  let denials = 0;
  const isChanged = (): boolean => refused !== undefined && refused.credentials !== credentials();
  const current = (): Refusal | undefined => (isChanged() ? undefined : refused);
  return {
    closed() {
      const refusal = current();
      return refusal !== undefined && now() < refusal.until ? refusal : undefined;
    },
    get isChanged() {
      return isChanged();
    },
    get isProven() {
      return proven !== undefined && proven === credentials();
    },
    get isRetry() {
      return current() !== undefined;
    },
    accepted() {
      refused = undefined;
      denials = 0;
      proven = credentials();
    },
    denied: () => (denials += 1),
    refused() {
      const count = (current()?.count ?? 0) + 1;
      const until = instant(now() + (pausesMs[count - 1] ?? longestPauseMs));
      proven = undefined;
      denials = 0;
      refused = { count, until, credentials: credentials() };
      return refused;
    },
  };
}

/** A gate that never closes, where there are no credentials. */
export const openGate: CredentialGate = {
  closed: () => undefined,
  isChanged: false,
  isProven: true,
  isRetry: false,
  accepted: () => undefined,
  denied: () => 0,
  refused: () => ({ count: 1, until: instant(0) }),
};
