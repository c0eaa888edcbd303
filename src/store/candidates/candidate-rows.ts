import { sourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { toKnown, toRecord, type AccountRow, type RecordRow } from '../sqlite/rows.ts';
import type { Candidate, MembershipCandidate } from '../store.ts';

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

/** A membership that a planning compares. */
export interface MembershipRow {
  readonly id: number;
  readonly group_key: string;
  readonly member_key: string;
  readonly is_desired: number;
  /** A rejected row could be it: it is not removed, and not added either. */
  readonly is_absence_in_doubt: number;
  readonly known_type: ResourceType | null;
  readonly in_doubt: number;
  readonly is_user: number;
  readonly is_group: number;
}

/** The membership of a row. */
export function toMembershipCandidate(row: MembershipRow): MembershipCandidate {
  return {
    group: sourceKey(row.group_key),
    member: sourceKey(row.member_key),
    memberType: row.known_type ?? (row.is_user === 1 || row.is_group === 0 ? 'User' : 'Group'),
    isDesired: row.is_desired === 1 && (row.is_absence_in_doubt === 0 || row.known_type !== null || row.in_doubt === 1),
    isKnown: row.known_type !== null,
    isInDoubt: row.in_doubt === 1,
  };
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
