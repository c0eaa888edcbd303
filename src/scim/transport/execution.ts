import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** The requests of one operation: what cancels them, and what they have cost so far. */
export interface OperationExecution {
  /** Ends waiting. A request in flight is finished, so that its answer can be recorded. */
  readonly signal: AbortSignal;
  /** The record that a create makes: other operations in the same Bulk request may refer to it. */
  readonly creates?: { readonly resourceType: ResourceType; readonly key: SourceKey };
  /** It referred to a record whose create failed in the same Bulk request. */
  hasUnresolvedBulkReference?: boolean;
  requests: number;
  retries: number;
  /** When the first request was sent. */
  sentAt?: Instant;
}

export const newExecution = (signal: AbortSignal): OperationExecution => ({ signal, requests: 0, retries: 0 });
