import { formatTime } from '../model/time.ts';
import type { Instant } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';

/** How the name of every canary begins, in every probe. */
export const canaryPrefix = 'scimsync-canary-';

/** What canaries of one probe are called. `.invalid` is nobody's domain (RFC 2606 section 2), so no mail ever arrives. */
export interface CanaryNames {
  /** userName of the next person, or displayName of the next group. */
  next(resourceType: ResourceType): string;
  /** A name of this probe that nobody has. */
  readonly unusedName: string;
}

/** @param now part of every name, so that two probes never take each other's canaries for their own */
export function createCanaryNames(now: Instant): CanaryNames {
  const stamp = formatTime(now)
    .replace(/[-:.]|Z$/g, '')
    .toLowerCase();
  const counts = { User: 0, Group: 0 };
  return {
    next(resourceType) {
      counts[resourceType] += 1;
      return resourceType === 'User'
        ? `${canaryPrefix}${stamp}-${counts.User}@example.invalid`
        : `${canaryPrefix}${stamp}-group-${counts.Group}`;
    },
    unusedName: `${canaryPrefix}${stamp}-nobody@example.invalid`,
  };
}

/** The name that a resource goes by at an application, as it was sent; undefined where it does not say. */
export function nameIn(resourceType: ResourceType, resource: unknown): string | undefined {
  const name = getIgnoringCase(resource, uniqueNameAttribute(resourceType));
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Whether a name is that of a canary, of this probe or of an earlier one. */
export function isCanary(name: string | undefined): boolean {
  return name !== undefined && name.toLowerCase().startsWith(canaryPrefix);
}

/** Whether a resource bears that name anywhere: some keep it without its domain, or only in an address. */
export function containsName(resource: unknown, name: string): boolean {
  const localPart = name.replace(/@.*/, '').toLowerCase();
  const text = (JSON.stringify(resource) ?? '').toLowerCase();
  return new RegExp(`${localPart.replace(/[.+]/g, '\\$&')}(?![0-9])`).test(text);
}

/** RFC 7643 section 4.1.1: a userName is the same in any case. Applications fold names of groups as well. */
export function equalsIgnoringCase(left: string | undefined, other: string): boolean {
  return left?.toLowerCase() === other.toLowerCase();
}
