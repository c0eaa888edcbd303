import type { Evidence } from '../../model/evidence.ts';
import { instant, type Instant, type SourceKey } from '../../model/ids.ts';
import type { SnapshotChange } from '../../model/outcome.ts';
import type { KnownState } from '../../model/resource.ts';
import { dayMs, formatDuration, minuteMs } from '../../model/time.ts';
import type { RemovalVerdict } from '../../scim/target.ts';
import type { StoredVerification, VerificationResult } from '../../store/store.ts';
import type { Result } from '../events.ts';
import type { ClosedOthers } from './close-others.ts';
import { withManagerKey } from '../execution/ownership.ts';

/** What a look at a removal means to the journal and the snapshot, and what the pass reports. */
export interface SettledRemoval {
  readonly record: VerificationResult;
  /** Undefined: the removal was reported before, and nothing changed. */
  readonly report: RemovalReport | undefined;
}

/** What the pass reports of a removal. */
export interface RemovalReport {
  readonly result: Result;
  readonly evidence: Evidence | undefined;
  readonly detail: string | undefined;
}

/** State that a look is settled with. */
export interface LookContext {
  readonly known: KnownState | undefined;
  /** The record that owns the manager of the account that was read. */
  readonly managerOwner: SourceKey | undefined;
  readonly secondLookMs: number;
  readonly now: Instant;
  /** Other accounts with the externalId of the user. */
  readonly others: ClosedOthers;
  /** A create was sent without an answer, and searches do not show its account yet. */
  readonly isInconclusive: boolean;
  /** A search for other accounts got no usable answer. */
  readonly isSearchFailed: boolean;
}

/** A second look that no read answers is tried for this time: the first look confirmed the removal. */
const giveUpAfterMs = 7 * dayMs;
/** Until then each pass tries it, and after that one pass a day. */
const eachPassForMs = dayMs;

/** Searches that show an account later than this are not expected. */
const searchesMayBeLateForMs = 60 * minuteMs;

const keep: SnapshotChange = { kind: 'keep' };

/**
 * Derives what a look at a removal means.
 *
 *     verdict        look 1                               look 2
 *     confirmed      done, read; a second look follows    done, read
 *     not read       as before; a second look follows     –
 *     contradicted   failed; removed again next pass      failed; removed again in this pass
 *     unreadable     done, answered                       done, answered
 *     unknown        unknown; read again next pass        read again next pass, after a day daily, for a week
 *
 *     confirmed or not read, and another account with the externalId of the user is open: failed; looked at again in
 *     the next pass
 */
export function settleRemoval(
  due: StoredVerification,
  verdict: RemovalVerdict | undefined,
  context: LookContext,
): SettledRemoval {
  const { now } = context;
  switch (verdict?.kind) {
    case undefined:
    case 'confirmed':
      return removed(due, verdict, context);
    case 'contradicted': {
      const detail = contradiction(due, verdict.detail, now);
      return {
        record: {
          at: now,
          state: 'failed',
          evidence: 'read',
          detail,
          change: restored(verdict, due.unprovenRemovals + 1, context),
          requeue: due.look === 1 ? 'nextPass' : 'thisPass',
          next: undefined,
        },
        report: { result: 'failed', evidence: 'read', detail },
      };
    }
    case 'unreadable':
      return context.others.failure === undefined
        ? unreadable(due, verdict.detail, now)
        : removed(due, undefined, context);
    case 'unknown':
      return due.look === 1 ? unknownFirst(due, verdict.detail, now) : unknownSecond(due, context);
  }
}

/** The account is closed: by the verdict of this look, or by what the answer showed. */
function removed(
  due: StoredVerification,
  verdict: Extract<RemovalVerdict, { kind: 'confirmed' }> | undefined,
  context: LookContext,
): SettledRemoval {
  const { now } = context;
  const { closed, failure } = context.others;
  const base = { change: keep, requeue: undefined, at: now };
  if (failure !== undefined) {
    const detail = `the account is closed, but ${failure}`;
    // Due from the next millisecond on: the next pass looks again, this one does not.
    const next = { look: due.look, due: instant(now + 1), isSeen: true };
    return {
      record: { ...base, state: 'failed', evidence: undefined, detail, next },
      report: { result: 'failed', evidence: undefined, detail },
    };
  }
  const evidence = verdict === undefined ? (due.evidence ?? 'answered') : 'read';
  const others = closed === 0 ? undefined : `${closed} more with externalId "${due.externalId ?? ''}" removed, too`;
  const before = detailBefore(due);
  const next = nextLook(due, context);
  return {
    record: {
      ...base,
      ...{ state: 'done', evidence, detail: sentence(before, readDetail(before, verdict), others) },
      next: next === undefined ? undefined : { look: 2, due: next, isSeen: true },
    },
    report: due.look === 1 || closed > 0 ? { result: 'done', evidence, detail: sentence(before, others) } : undefined,
  };
}

/**
 * When a closed account is looked at once more.
 *
 *     look 1                                    ten minutes later
 *     look 2, its search got no usable answer   in each pass, after a day daily, for a week
 *     look 2, searches may be late              in each pass, for an hour
 *     look 2 otherwise                          never
 */
function nextLook(
  { look, answeredAt }: StoredVerification,
  { secondLookMs, now, isInconclusive, isSearchFailed }: LookContext,
): Instant | undefined {
  const elapsedMs = now - answeredAt;
  const isLate = isInconclusive && elapsedMs < searchesMayBeLateForMs;
  if (look === 1 || isLate) return instant(now + secondLookMs);
  return isSearchFailed ? laterLook(elapsedMs, now, secondLookMs) : undefined;
}

/** A look that got no usable answer is repeated. @returns undefined after the time in which it is */
const laterLook = (elapsedMs: number, now: Instant, secondLookMs: number): Instant | undefined =>
  elapsedMs > giveUpAfterMs ? undefined : instant(now + (elapsedMs < eachPassForMs ? secondLookMs : dayMs));

/** An earlier look may have failed: its reason is no longer true. */
const detailBefore = ({ stored, detail }: StoredVerification): string | undefined =>
  stored.state === 'done' ? detail : undefined;

const confirmed = 'confirmed by read: ';

/** The second look adds nothing to the first one. */
const readDetail = (
  before: string | undefined,
  verdict: { readonly detail: string } | undefined,
): string | undefined =>
  verdict === undefined || before?.includes(confirmed) === true ? undefined : `${confirmed}${verdict.detail}`;

function sentence(...parts: readonly (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === 0 ? undefined : present.join('; ');
}

/** The answer counts: a look does not make its evidence stronger. */
function unreadable({ look, isSeen, evidence }: StoredVerification, detail: string, now: Instant): SettledRemoval {
  const result = { evidence: isSeen ? evidence : ('answered' as const), detail };
  return {
    record: { change: keep, requeue: undefined, at: now, state: 'done', ...result, next: undefined },
    report: look === 1 ? { result: 'done', ...result } : undefined,
  };
}

function unknownFirst(due: StoredVerification, reason: string, now: Instant): SettledRemoval {
  const detail = `answered ${due.status ?? 'with success'}, but its effect could not be read: ${reason}`;
  // Due from the next millisecond on: the next pass reads it again, this one does not.
  const next = { look: 1, due: instant(now + 1), isSeen: false } as const;
  return {
    record: { change: keep, requeue: undefined, at: now, state: 'unknown', evidence: undefined, detail, next },
    report: { result: 'unknown', evidence: undefined, detail },
  };
}

function unknownSecond(
  { answeredAt, isSeen, evidence = 'answered', detail }: StoredVerification,
  { now, secondLookMs }: LookContext,
): SettledRemoval {
  const due = laterLook(now - answeredAt, now, secondLookMs);
  const next = due === undefined ? undefined : ({ look: 2, due, isSeen } as const);
  const record = { change: keep, requeue: undefined, at: now, state: 'done', evidence, next } as const;
  return { record: { ...record, detail }, report: undefined };
}

/** Example: `answered 204, but the account is still active`. */
function contradiction({ look, status, answeredAt }: StoredVerification, detail: string, now: Instant): string {
  const answered = `answered ${status ?? 'with success'}`;
  return look === 1
    ? `${answered}, but ${detail}`
    : `${answered}, but a second look ${formatDuration(now - answeredAt)} later shows that ${detail}`;
}

/** The account is in the snapshot again as the read shows it, so the duty to remove it remains. */
function restored(
  { resource }: Extract<RemovalVerdict, { kind: 'contradicted' }>,
  unprovenRemovals: number,
  { known, managerOwner }: LookContext,
): SnapshotChange {
  const shown = withManagerKey(resource, managerOwner);
  if (known === undefined) return { kind: 'adopt', resource: shown, unprovenRemovals };
  const { remoteId, body, active, version } = shown;
  return { kind: 'remember', remoteId, body, active, unprovenRemovals, ...(version === undefined ? {} : { version }) };
}
