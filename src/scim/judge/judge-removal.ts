import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import type { Absence } from '../absence/judge-absence.ts';
import type { GetResult } from '../read/get-resource.ts';

/** What a read after a removal proves. */
export type RemovalVerdict =
  /** `isById`: it rests on the id alone, which the account may have exchanged for another one. */
  | { readonly kind: 'confirmed'; readonly detail: string; readonly isById?: true }
  /** The target answered with success, and the resource is as it was before. `isUncertain`: see `Moved`. */
  | {
      readonly kind: 'contradicted';
      readonly resource: RemoteResource;
      readonly detail: string;
      readonly isUncertain?: true;
    }
  /**
   * `isProvableByList`: a complete list of the accounts can prove that it is gone. `isActiveHidden`: the read shows the
   * account, without `active`; what the target shows of other accounts decides.
   */
  | {
      readonly kind: 'unknown';
      readonly detail: string;
      readonly isProvableByList?: true;
      readonly isActiveHidden?: true;
    }
  /** The target shows `active` of no account, so no read can confirm or contradict a deactivation. */
  | { readonly kind: 'unreadable'; readonly detail: string };

/** The removal, as it was sent. */
export interface Removal {
  readonly action: 'deactivate' | 'delete';
  readonly resourceType: ResourceType;
}

/**
 * Judges the read of a resource that was removed.
 *
 *     read               deactivation of a user      deletion of a user     deletion of a group
 *     active, a group    contradicted                contradicted           contradicted
 *     inactive           confirmed                   confirmed: closed      –
 *     without `active`   unknown: see `withControl`  contradicted           –
 *     404                see below                   confirmed              confirmed
 *     no answer          unknown                     unknown                unknown
 *
 * A 404 to a deactivated user confirms the deactivation at an application that hides inactive users. Elsewhere the
 * account may be gone, which must be proven:
 *
 *     missing     confirmed
 *     found       as the read of what the look-up found, also under another id
 *     unproven    unknown
 *
 * @param absence undefined: no proof was needed
 */
export function judgeRemoval(
  { action, resourceType }: Removal,
  read: GetResult,
  absence: Absence | undefined,
  { inactiveUsers }: Pick<Protocol, 'inactiveUsers'>,
): RemovalVerdict {
  if (read === 'notFound') {
    if (absence !== undefined) return judgeAbsent(absence, action);
    if (action === 'delete') return { kind: 'confirmed', detail: 'a read answers 404', isById: true };
    if (inactiveUsers === 'notFound')
      return { kind: 'confirmed', detail: 'a read answers 404, as for inactive users', isById: true };
    return judgeAbsent(absence, action);
  }
  if ('unavailable' in read) return { kind: 'unknown', detail: read.unavailable };
  if (resourceType === 'Group') return { kind: 'contradicted', resource: read, detail: 'the group still exists' };
  return judgeUser(read, action);
}

/**
 * Judges a removal that a 404 to a read by id confirms, by look-ups of the account. Searches may be late, so the read
 * decides about the id; they decide whether the account has another id by now.
 *
 *     look-ups                     verdict
 *     missing, or the same id      confirmed
 *     an active account            contradicted; a deletion also by an account that does not show `active`
 *     an inactive account          confirmed
 *     prove nothing                confirmed by the id; `isProvableByList`: a complete list can prove it
 */
export function judgeMoved(
  byId: Extract<RemovalVerdict, { kind: 'confirmed' }>,
  absence: Absence,
  action: Removal['action'],
): RemovalVerdict {
  if (absence.kind === 'missing' || absence.kind === 'moved') return judgeAbsent(absence, action);
  return absence.kind === 'unproven' ? byId : { kind: 'confirmed', detail: byId.detail };
}

/**
 * Which values of `active` the target shows in reads of other accounts: `active` only true, `both` also false, `hidden`
 * neither.
 */
export type ActiveShown = 'active' | 'both' | 'hidden';

/**
 * Judges a deactivated account whose read has no `active`, by what the target shows of other accounts.
 *
 *     other accounts         verdict
 *     active only            confirmed: some servers omit `false`
 *     hidden                 unreadable: this target does not show it
 *     both, or not known     unknown
 */
export function withControl(verdict: RemovalVerdict, control: ActiveShown | undefined): RemovalVerdict {
  if (verdict.kind !== 'unknown' || verdict.isActiveHidden !== true) return verdict;
  switch (control) {
    case 'active':
      return { kind: 'confirmed', detail: 'a read shows the account without `active`, and other accounts as active' };
    case 'hidden':
      return {
        kind: 'unreadable',
        detail: 'this target does not show `active`, so no read can confirm a deactivation',
      };
    default:
      return verdict;
  }
}

function judgeUser(resource: RemoteResource, action: Removal['action']): RemovalVerdict {
  if (resource.isActiveHidden === true)
    return action === 'delete'
      ? { kind: 'contradicted', resource, detail: 'the account still exists' }
      : { kind: 'unknown', detail: 'a read shows the account without `active`', isActiveHidden: true };
  if (resource.active) return { kind: 'contradicted', resource, detail: 'the account is still active' };
  return { kind: 'confirmed', detail: 'a read shows the account as inactive' };
}

function judgeAbsent(absence: Absence | undefined, action: Removal['action']): RemovalVerdict {
  switch (absence?.kind) {
    case 'missing':
      return { kind: 'confirmed', detail: 'the account is gone: neither a read by id nor a look-up finds it' };
    case 'present':
      return judgeUser(absence.resource, action);
    case 'moved': {
      const verdict = judgeUser(absence.resource, action);
      return verdict.kind === 'contradicted' && absence.isUncertain === true
        ? { ...verdict, isUncertain: true }
        : verdict;
    }
    default:
      return {
        kind: 'unknown',
        detail:
          'a read does not find the account, and that it is gone is not proven: ' +
          (absence?.detail ?? 'not looked up'),
        ...(absence?.isProvableByList === undefined ? {} : { isProvableByList: true }),
      };
  }
}
