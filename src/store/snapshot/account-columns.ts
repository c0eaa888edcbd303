import { managerPath } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';

/** The columns of an `AccountRow`. */
export const accountColumns =
  'resource_type, key, remote_id, body, active, inactive_since, version, origin, in_doubt, missing_since, ' +
  'deletion_refused_at, may_have_duplicates, is_emptied, unproven_removals, awaits_start';

/** The key of the manager that a body refers to. A target may send a value of any type; only a string can be a key. */
export function managerOf(body: FlatResource | undefined): string | undefined {
  const manager = body?.[managerPath];
  return typeof manager === 'string' ? manager : undefined;
}

/**
 * The unique name at a target in lower case, because userName is not case-sensitive (caseExact false, RFC 7643 section
 * 4.1.1).
 */
export function foldedName(resourceType: ResourceType, body: FlatResource): string {
  const name = body[uniqueNameAttribute(resourceType)];
  return typeof name === 'string' ? name.toLowerCase() : '';
}
