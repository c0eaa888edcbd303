import { isoTime } from '../model/time.ts';
import type { Instant } from '../model/ids.ts';
import { namePath, type Kind } from '../model/kind.ts';
import { member } from '../model/shape.ts';

/** How the name of every canary begins, in every probe. */
export const prefix = 'scimsync-canary-';

/** What canaries of one probe are called. `.invalid` is nobody's domain (RFC 2606 section 2), so no mail ever arrives. */
export interface Names {
  /** userName of the next person, or displayName of the next group. */
  next(kind: Kind): string;
  /** A name of this probe that nobody has. */
  readonly nobody: string;
}

/** @param now part of every name, so that two probes never take each other's canaries for their own */
export function openNames(now: Instant): Names {
  const stamp = isoTime(now)
    .replace(/[-:.]|Z$/g, '')
    .toLowerCase();
  const counts = { User: 0, Group: 0 };
  return {
    next(kind) {
      counts[kind] += 1;
      return kind === 'User'
        ? `${prefix}${stamp}-${counts.User}@example.invalid`
        : `${prefix}${stamp}-group-${counts.Group}`;
    },
    nobody: `${prefix}${stamp}-nobody@example.invalid`,
  };
}

/** The name that a resource goes by at an application, as it was sent; undefined where it does not say. */
export function nameOf(kind: Kind, resource: unknown): string | undefined {
  const name = member(resource, namePath(kind));
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Whether a name is that of a canary, of this probe or of an earlier one. */
export function isCanary(name: string | undefined): boolean {
  return name !== undefined && name.toLowerCase().startsWith(prefix);
}

/** Whether a resource bears that name anywhere: some keep it without its domain, or only in an address. */
export function bears(resource: unknown, name: string): boolean {
  const local = name.replace(/@.*/, '').toLowerCase();
  const text = (JSON.stringify(resource) ?? '').toLowerCase();
  return new RegExp(`${local.replace(/[.+]/g, '\\$&')}(?![0-9])`).test(text);
}

/** RFC 7643 section 4.1.1: a userName is the same in any case. Applications fold names of groups as well. */
export function isSameName(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
