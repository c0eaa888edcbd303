import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** The execution of one operation: its cancellation, and counters of its requests. */
export interface OperationExecution {
  /** Ends waiting. A request in flight is completed, so that its response can be recorded. */
  readonly signal: AbortSignal;
  /** The record of a create: other operations in the same Bulk request may reference it. */
  readonly creates?: { readonly resourceType: ResourceType; readonly key: SourceKey };
  /** The operation references a record whose create failed in the same Bulk request. */
  hasUnresolvedBulkReference?: boolean;
  requests: number;
  retries: number;
  /** Requests that read a write back; `requests` does not count them. */
  verifications: number;
  /** When the first request was sent. */
  sentAt?: Instant;
}

/** An execution that has sent no request. */
export const newExecution = (signal: AbortSignal): OperationExecution => ({
  signal,
  requests: 0,
  retries: 0,
  verifications: 0,
});
