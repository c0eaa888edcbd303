import type { Evidence } from '../../model/evidence.ts';
import { instant, type Instant, type SourceKey } from '../../model/ids.ts';
import type { SnapshotChange } from '../../model/outcome.ts';
import type { KnownState } from '../../model/resource.ts';
import { dayMs, formatDuration } from '../../model/time.ts';
import type { RemovalVerdict } from '../../scim/target.ts';
import type { StoredVerification, VerificationResult } from '../../store/store.ts';
import type { Result } from '../events.ts';
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
}

/** A second look that no read answers is tried for this time: the first look confirmed the removal. */
const giveUpAfterMs = 7 * dayMs;
/** Until then each pass tries it, and after that one pass a day. */
const eachPassForMs = dayMs;

const keep: SnapshotChange = { kind: 'keep' };

/**
 * Derives what a look at a removal means.
 *
 *     verdict        look 1                               look 2
 *     confirmed      done, read; a second look follows    done, read
 *     contradicted   failed; removed again next pass      failed; removed again in this pass
 *     unreadable     done, answered                       done, answered
 *     unknown        unknown; read again next pass        read again next pass, after a day daily, for a week
 */
export function settleRemoval(due: StoredVerification, verdict: RemovalVerdict, context: LookContext): SettledRemoval {
  const { secondLookMs, now } = context;
  const base = { change: keep, requeue: undefined, at: now };
  switch (verdict.kind) {
    case 'confirmed': {
      const { detail } = verdict;
      const next = due.look === 1 ? ({ look: 2, due: instant(now + secondLookMs) } as const) : undefined;
      return {
        record: { ...base, state: 'done', evidence: 'read', detail: `confirmed by read: ${detail}`, next },
        report: due.look === 1 ? { result: 'done', evidence: 'read', detail: undefined } : undefined,
      };
    }
    case 'contradicted': {
      const detail = contradiction(due, verdict.detail, now);
      return {
        record: {
          ...base,
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
      return {
        record: { ...base, state: 'done', evidence: 'answered', detail: verdict.detail, next: undefined },
        report: due.look === 1 ? { result: 'done', evidence: 'answered', detail: verdict.detail } : undefined,
      };
    case 'unknown':
      return due.look === 1 ? unknownFirst(due, verdict.detail, now) : unknownSecond(due, context);
  }
}

function unknownFirst(due: StoredVerification, reason: string, now: Instant): SettledRemoval {
  const detail = `answered ${due.status ?? 'with success'}, but its effect could not be read: ${reason}`;
  // Due from the next millisecond on: the next pass reads it again, this one does not.
  const next = { look: 1, due: instant(now + 1) } as const;
  return {
    record: { change: keep, requeue: undefined, at: now, state: 'unknown', evidence: undefined, detail, next },
    report: { result: 'unknown', evidence: undefined, detail },
  };
}

function unknownSecond({ answeredAt }: StoredVerification, { now, secondLookMs }: LookContext): SettledRemoval {
  const elapsedMs = now - answeredAt;
  const due = instant(now + (elapsedMs < eachPassForMs ? secondLookMs : dayMs));
  const next = elapsedMs > giveUpAfterMs ? undefined : ({ look: 2, due } as const);
  const record = { change: keep, requeue: undefined, at: now, state: 'done', evidence: 'answered', next } as const;
  return { record: { ...record, detail: undefined }, report: undefined };
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
