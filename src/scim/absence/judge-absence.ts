import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Profile } from '../../model/profile.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Lookup } from '../read/lookup.ts';

/** What a GET by id shows about an account. */
export type IdReading =
  | RemoteResource
  /** 404 or 410 in the application's own words. */
  | 'notFound'
  /** Anything else, such as a web page, a refusal or a failure. */
  | { readonly unavailable: string };

/** Whether a target has the account with a known id. */
export type Absence =
  | { readonly kind: 'missing' }
  | { readonly kind: 'present'; readonly resource: RemoteResource }
  /** The id is unknown to the target, and a look-up finds the account under another id. */
  | Moved
  /** `isProvableByList`: a complete list of the accounts can prove that it is missing. */
  | { readonly kind: 'unproven'; readonly detail: string; readonly isProvableByList?: true };

/** An account that a look-up finds in place of the known id. */
export interface Moved {
  readonly kind: 'moved';
  readonly resource: RemoteResource;
  /** The attribute by which it was found. */
  readonly by: string;
  /**
   * It was found by another attribute, and carries no externalId although the account had one. It is the account only
   * if the target stores no externalIds; elsewhere another person may have the name now.
   */
  readonly isUncertain?: true;
  /** Several accounts carry the externalId. That is enough for a removal only, which concerns all of them. */
  readonly ambiguity?: string;
}

/**
 * Judges whether an account is missing. A 404 to a write proves nothing, because a gateway may have sent it. An account
 * is missing only if a GET by id answers 404 in the application's own words, and every look-up is answered by a list
 * that does not contain the account.
 *
 *     GET by id      look-ups                                  verdict
 *     the account    (not sent)                                present
 *     other          (not sent)                                unproven
 *     not found      each answered by a list without it        missing
 *     not found      one finds the same id                     present
 *     not found      one finds another id                      moved
 *     not found      several have the externalId               moved, ambiguous
 *     not found      one finds an account of another record    as if it found nothing
 *     not found      one is refused, ambiguous, not a list     unproven
 *     not found      all that prove nothing: no usable filter  unproven, provable by a list
 *
 * @param lookups undefined: not sent
 */
export function judgeAbsence(
  id: RemoteId,
  reading: IdReading,
  lookups: readonly Lookup[],
  { externalId }: FlatResource,
): Absence {
  if (reading !== 'notFound')
    return 'unavailable' in reading
      ? { kind: 'unproven', detail: reading.unavailable }
      : { kind: 'present', resource: reading };
  if (lookups.length === 0)
    return { kind: 'unproven', detail: 'it has no value to look it up by', isProvableByList: true };
  const found = lookups.filter((lookup) => lookup.kind === 'found');
  const same = found.find(({ resource }) => resource.remoteId === id);
  if (same !== undefined) return { kind: 'present', resource: same.resource };
  const several = lookups.find((lookup) => lookup.kind === 'ambiguous' && lookup.by === 'externalId');
  if (several?.kind === 'ambiguous') return amongSeveral(id, several);
  const moved = found.find(({ resource }) => !hasOtherExternalId(resource, externalId));
  if (moved !== undefined) return movedTo(moved, externalId);
  const unproven = lookups.filter((lookup) => doubtOf(lookup) !== undefined);
  const [first] = unproven;
  if (first === undefined) return { kind: 'missing' };
  const detail = doubtOf(first) ?? '';
  return unproven.every(isWithoutFilter)
    ? { kind: 'unproven', detail, isProvableByList: true }
    : { kind: 'unproven', detail };
}

function movedTo({ resource, by }: Extract<Lookup, { kind: 'found' }>, externalId: unknown): Moved {
  const isUncertain = by !== 'externalId' && textOf(externalId) !== '' && textOf(resource.body['externalId']) === '';
  return { kind: 'moved', resource, by, ...(isUncertain ? { isUncertain } : {}) };
}

/** An active account is named first: its access is to be ended. */
function amongSeveral(
  id: RemoteId,
  { resources, by, detail }: Extract<Lookup, { kind: 'ambiguous' }>,
): Extract<Absence, { kind: 'present' | 'moved' | 'unproven' }> {
  const same = resources.find(({ remoteId }) => remoteId === id);
  if (same !== undefined) return { kind: 'present', resource: same };
  const resource = resources.find(({ active }) => active) ?? resources[0];
  return resource === undefined ? { kind: 'unproven', detail } : { kind: 'moved', resource, by, ambiguity: detail };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** The same userName with another externalId: the name belongs to another account by now. */
function hasOtherExternalId({ body }: RemoteResource, externalId: unknown): boolean {
  const actual = body['externalId'];
  return typeof externalId === 'string' && typeof actual === 'string' && actual !== '' && actual !== externalId;
}

/** Whether the target lets nothing be looked up by this filter. A failure or several accounts are another matter. */
export const isWithoutFilter = (lookup: Lookup): boolean =>
  lookup.kind === 'untrusted' || (lookup.kind === 'none' && lookup.status !== undefined);

/** Why a look-up does not prove that the account is missing; undefined: it does. */
function doubtOf(lookup: Lookup): string | undefined {
  switch (lookup.kind) {
    case 'found':
      return undefined;
    case 'none':
      return lookup.status === undefined
        ? undefined
        : `the look-up was answered ${lookup.status} instead of with a list`;
    default:
      return lookup.detail;
  }
}

/**
 * Judges the absence of an account in doubt. A target may hide or anonymise inactive users, or hide users whose update
 * it refused: a GET of such a user proves nothing, and only the answer to the next write does.
 */
export function trustworthyAbsence(
  absence: Absence,
  resourceType: ResourceType,
  { inactiveUsers, refusedUsers }: Pick<Profile['protocol'], 'inactiveUsers' | 'refusedUsers'>,
): Absence {
  if (resourceType === 'Group') return absence;
  if (absence.kind === 'missing' && refusedUsers === 'notFound')
    return { kind: 'unproven', detail: '404, which this target also sends for users whose update it refused' };
  if (inactiveUsers === 'readable') return absence;
  if (absence.kind === 'missing' && inactiveUsers === 'notFound')
    return { kind: 'unproven', detail: '404, which this target also sends for inactive accounts' };
  if (absence.kind === 'unproven') return { kind: 'unproven', detail: absence.detail };
  return absence.kind === 'present' && !absence.resource.active
    ? { kind: 'unproven', detail: 'it is inactive, and this target does not show the attributes of inactive accounts' }
    : absence;
}
