import type { Evidence } from '../model/evidence.ts';
import type { Instant } from '../model/ids.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import type { KeyChanges } from '../store/store.ts';
import type { Operation } from '../model/operation.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Rejection } from '../store/store.ts';

/** How an operation ended, as `--json` prints it. */
export type Result = 'done' | 'adopted' | 'failed' | 'unknown' | 'skipped' | 'held';

/** Progress of a pass, for logs and the console. This room prints and logs nothing itself. */
export type PassEvent = OneEvent & {
  /** The joined source that the event is about; undefined: the primary one, or none. */
  readonly source?: string;
};

type OneEvent =
  /** Earlier passes that did not end; their open operations are verified now. */
  | { readonly type: 'interruptedPasses'; readonly passes: number }
  | { readonly type: 'reading'; readonly label: string }
  | {
      readonly type: 'read';
      readonly unchanged: boolean;
      readonly users: number;
      readonly groups: number;
      readonly memberships: number;
    }
  /** A full read is necessary: an incremental read was not possible, or contradicted the mirror. */
  | { readonly type: 'fullReadRequired'; readonly reason: string }
  | { readonly type: 'rejected'; readonly total: number; readonly rejections: readonly Rejection[] }
  /** How this reading differs from the last one in what it means. */
  | { readonly type: 'judged'; readonly isRefused: boolean; readonly judgements: readonly Judgement[] }
  /** A reading of a joined source was not accepted; what depends on it stays as it was. */
  | { readonly type: 'notAccepted'; readonly code: string; readonly message: string; readonly since: Instant }
  /** Users whose key seems to have changed; they wait for a decision. */
  | ({ readonly type: 'keyChanges' } & KeyChanges)
  /** Users whose accounts were moved to their new keys without an operator. */
  | { readonly type: 'relinked'; readonly users: number; readonly groups: number }
  | { readonly type: 'planned'; readonly target: string; readonly operations: number; readonly milliseconds: number }
  | { readonly type: 'held'; readonly target: string; readonly reasons: readonly string[] }
  | { readonly type: 'listing'; readonly target: string; readonly resourceType: ResourceType }
  | {
      readonly type: 'listed';
      readonly target: string;
      readonly resourceType: ResourceType;
      readonly found: number;
      readonly complete: boolean;
      readonly detail: string | undefined;
    }
  /** The state has no memory of a target that holds accounts: it is new, or it was lost. */
  | {
      readonly type: 'noMemory';
      readonly target: string;
      /** Accounts in the list. */
      readonly found: number;
      readonly orphans: number;
      readonly unowned: number;
    }
  | {
      readonly type: 'operation';
      readonly target: string;
      readonly operation: Operation;
      readonly result: Result;
      readonly status: number | undefined;
      readonly detail: string | undefined;
      /** Why the operation is held, other than by the guard. */
      readonly code?: 'user.frozen' | undefined;
      /** How strongly the target showed the result; only with `done`. */
      readonly evidence: Evidence | undefined;
    }
  | { readonly type: 'stopped'; readonly target: string; readonly detail: string };

/** Receives the events of a pass. */
export type Emit = (event: PassEvent) => void;
