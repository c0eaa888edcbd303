import { formatTime } from '../model/time.ts';
import type { Instant } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';

/** Prefix of the names of all canaries, in every probe. */
export const canaryPrefix = 'scimsync-canary-';

/**
 * Names for the canaries of one probe. The domain `.invalid` never resolves (RFC 2606 section 2), so no mail is
 * delivered.
 */
export interface CanaryNames {
  /** userName of the next user, or displayName of the next group. */
  next(resourceType: ResourceType): string;
  /** A name that no canary gets. */
  readonly unusedName: string;
  /** Whether the name belongs to a canary of this probe, also after a change of its name by an experiment. */
  isOfThisProbe(name: string): boolean;
}

/** @param now part of every name, so that two probes never mistake each other's canaries for their own */
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
    unusedName: `${canaryPrefix}${stamp}-absent@example.invalid`,
    isOfThisProbe: (name) => name.toLowerCase().startsWith(`${canaryPrefix}${stamp}-`),
  };
}

/** userName or displayName of a resource in a response. @returns undefined if it has none */
export function nameIn(resourceType: ResourceType, resource: unknown): string | undefined {
  const name = getIgnoringCase(resource, uniqueNameAttribute(resourceType));
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Whether a name is a canary's, of this probe or of an earlier one. */
export function isCanary(name: string | undefined): boolean {
  return name !== undefined && name.toLowerCase().startsWith(canaryPrefix);
}

/**
 * Whether any value of a resource contains the name: some targets store it without its domain, or only in an e-mail
 * address.
 */
export function containsName(resource: unknown, name: string): boolean {
  const localPart = name.replace(/@.*/, '').toLowerCase();
  const text = (JSON.stringify(resource) ?? '').toLowerCase();
  return new RegExp(`${localPart.replace(/[.+]/g, '\\$&')}(?![0-9])`).test(text);
}

/** RFC 7643 section 4.1.1: userName is not case-exact. Many targets compare displayNames of groups the same way. */
export function equalsIgnoringCase(left: string | undefined, other: string): boolean {
  return left?.toLowerCase() === other.toLowerCase();
}
