import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import type { GetResult } from '../read/get-resource.ts';

/** What a read after a removal proves. */
export type RemovalVerdict =
  | { readonly kind: 'confirmed'; readonly detail: string }
  /** The target answered with success, and the resource is as it was before. */
  | { readonly kind: 'contradicted'; readonly resource: RemoteResource; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** The removal, as it was sent. */
export interface Removal {
  readonly action: 'deactivate' | 'delete';
  readonly resourceType: ResourceType;
}

/** Whether a look-up by the match attributes found the account. */
export type LookupEvidence = 'absent' | 'notLookedUp' | 'unproven';

/**
 * Judges the read of a resource that was removed.
 *
 *     read               deactivation of a user      deletion of a user     deletion of a group
 *     active, a group    contradicted                contradicted           contradicted
 *     inactive           confirmed                   confirmed: closed      –
 *     404                see below                   confirmed              confirmed
 *     no answer          unknown                     unknown                unknown
 *
 * A 404 to a deactivated user confirms the deactivation at an application that hides inactive users. Elsewhere the
 * account may be gone; only a look-up that does not find it either proves that.
 */
export function judgeRemoval(
  { action, resourceType }: Removal,
  read: GetResult,
  lookup: LookupEvidence,
  { inactiveUsers }: Pick<Protocol, 'inactiveUsers'>,
): RemovalVerdict {
  if (read === 'notFound') {
    if (action === 'delete') return { kind: 'confirmed', detail: 'a read answers 404' };
    if (inactiveUsers === 'notFound') return { kind: 'confirmed', detail: 'a read answers 404, as for inactive users' };
    return lookup === 'absent'
      ? { kind: 'confirmed', detail: 'the account is gone: a read answers 404, and a look-up does not find it' }
      : { kind: 'unknown', detail: 'a read answers 404, and no look-up shows that the account is gone' };
  }
  if ('unavailable' in read) return { kind: 'unknown', detail: read.unavailable };
  if (resourceType === 'Group') return { kind: 'contradicted', resource: read, detail: 'the group still exists' };
  if (read.active) return { kind: 'contradicted', resource: read, detail: 'the account is still active' };
  return { kind: 'confirmed', detail: 'a read shows the account as inactive' };
}
