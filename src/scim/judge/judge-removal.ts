import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import type { Absence } from '../absence/judge-absence.ts';
import type { GetResult } from '../read/get-resource.ts';

/** What a read after a removal proves. */
export type RemovalVerdict =
  | { readonly kind: 'confirmed'; readonly detail: string }
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
    if (action === 'delete') return { kind: 'confirmed', detail: 'a read answers 404' };
    if (inactiveUsers === 'notFound') return { kind: 'confirmed', detail: 'a read answers 404, as for inactive users' };
    return judgeAbsent(absence, action);
  }
  if ('unavailable' in read) return { kind: 'unknown', detail: read.unavailable };
  if (resourceType === 'Group') return { kind: 'contradicted', resource: read, detail: 'the group still exists' };
  return judgeUser(read, action);
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
