import { sourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { toKnown, toRecord, type AccountRow, type RecordRow } from '../sqlite/rows.ts';
import type { Candidate } from '../store.ts';

/** The columns of an account, all null where the record has none. */
type AccountColumns = { readonly [Name in keyof Omit<AccountRow, 'resource_type' | 'key'>]: AccountRow[Name] | null };

/** A record that a planning evaluates, with its account and its place in the queue. */
export interface CandidateRow
  extends AccountColumns, Pick<RecordRow, 'doubt_since' | 'doubt_line' | 'doubt_is_absent' | 'joined' | 'zone'> {
  readonly id: number;
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly record_active: number | null;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly attributes: string | null;
  readonly removed_in: number | null;
  readonly verify_first: number | null;
  readonly is_requeued: number;
}

/** The candidate of a row. */
export function toCandidate(row: CandidateRow): Candidate {
  const { resource_type: resourceType, key, attributes } = row;
  const account: AccountRow | undefined =
    row.remote_id === null
      ? undefined
      : {
          resource_type: resourceType,
          key,
          remote_id: row.remote_id,
          body: row.body ?? '{}',
          active: row.active ?? 1,
          inactive_since: row.inactive_since,
          version: row.version,
          origin: row.origin ?? 'created',
          in_doubt: row.in_doubt,
          missing_since: row.missing_since,
          deletion_refused_at: row.deletion_refused_at,
          may_have_duplicates: row.may_have_duplicates ?? 0,
          is_emptied: row.is_emptied ?? 0,
          unproven_removals: row.unproven_removals ?? 0,
          awaits_start: row.awaits_start ?? 0,
        };
  return {
    resourceType,
    key: sourceKey(key),
    record:
      attributes === null || row.removed_in !== null
        ? undefined
        : toRecord({ ...row, resource_type: resourceType, key, active: row.record_active ?? 1, attributes }),
    known: account === undefined ? undefined : toKnown(account),
    isCreateInDoubt: row.verify_first === 1,
    isRequeued: row.is_requeued === 1,
  };
}
