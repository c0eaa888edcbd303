import type { Evidence } from '../../model/evidence.ts';
import type { Instant, SourceKey } from '../../model/ids.ts';
import type { HistoryRow } from '../../store/journal/history.ts';
import type { FreezeRecord, SourceStatement } from '../../store/store.ts';

/** The proof of one person: what the source stated, and what each application showed. */
export interface UserEvidence {
  readonly key: SourceKey;
  /** The last name that the source or a target had; undefined: nothing has one. */
  readonly name: string | undefined;
  readonly formerKeys: readonly { readonly key: SourceKey; readonly until: Instant }[];
  /** Undefined: the mirror has no record of the person any more. */
  readonly source: SourceStatement | undefined;
  /** Since when the source is known to have ended the access; undefined: it did not, or no journal shows it. */
  readonly ended: AccessEnd | undefined;
  readonly frozen: FreezeRecord | undefined;
  readonly targets: readonly TargetEvidence[];
  /** Every access is closed, and shown to be closed. */
  readonly isClosed: boolean;
}

/** From which pass it is known that access should end. */
export interface AccessEnd {
  /** The begin of the pass that read it. */
  readonly at: Instant;
  readonly pass: number;
  /** As the journal states it: "left the source". */
  readonly reason: string;
}

/** The account at one application, as scimsync knows it. `forgotten`: `target forget` ended its management. */
export type AccountState = 'none' | 'active' | 'inactive' | 'missing' | 'forgotten';

/** The proof at one application. */
export interface TargetEvidence {
  readonly target: string;
  /** False: the configuration no longer has the target, so no pass removes anything there. */
  readonly isConfigured: boolean;
  readonly account: AccountState;
  readonly accountSince: Instant | undefined;
  /** Since when access should end there; undefined: it should not, or no journal shows it. */
  readonly ended: AccessEnd | undefined;
  /** Why the user is in or out of scope by the configuration of now; undefined: it does not apply. */
  readonly rule: string | undefined;
  /** What was tried since then, in order of time. */
  readonly steps: readonly ClosingStep[];
  /** The answer that ended the access. */
  readonly acknowledged: Acknowledgement | undefined;
  /** When a response or a read showed the end. */
  readonly verified: Verification | undefined;
  readonly open: readonly OpenPoint[];
}

/** One operation that should end access. */
export interface ClosingStep {
  readonly row: HistoryRow;
  /** It ends memberships, and not the account. */
  readonly isMembership: boolean;
}

/** The answer of an application to a removal. `afterMs`: since access should have ended. */
export interface Acknowledgement {
  readonly at: Instant;
  readonly pass: number;
  readonly action: 'deactivate' | 'delete' | 'update';
  readonly status: number | undefined;
  readonly detail: string | undefined;
  readonly evidence: Evidence | undefined;
  readonly afterMs: number | undefined;
}

/** How an end of access was shown. `lookedAt`: the last look, if a later one followed. */
export interface Verification {
  readonly at: Instant;
  readonly evidence: 'shown' | 'read';
  readonly lookedAt: Instant | undefined;
  readonly afterMs: number | undefined;
}

/** What is not closed, or not shown. */
export interface OpenPoint {
  readonly code: OpenCode;
  readonly text: string;
}

/**
 * The kinds of open points.
 *
 *     active          the account is active, as far as scimsync knows
 *     membership      it is still a member of groups
 *     inDoubt         a change was sent, and no answer or read shows whether it took effect
 *     held            the guard, a freeze or another rule holds the removal
 *     failing         the last try did not succeed
 *     notRead         the application answered, and nothing showed the effect
 *     notInJournal    the account is closed, and the journal no longer has the answer
 *     paused          an operator set the target aside
 *     frozen          an operator froze the user
 *     notConfigured   the configuration no longer has the target, and the account is open there
 *     forgotten       `target forget` ended the management while the account was open
 */
export type OpenCode =
  | 'active'
  | 'membership'
  | 'inDoubt'
  | 'held'
  | 'failing'
  | 'notRead'
  | 'notInJournal'
  | 'paused'
  | 'frozen'
  | 'notConfigured'
  | 'forgotten';
