import type { ResourceType } from '../../model/resource-type.ts';
import { uniqueNameAttribute } from '../../model/resource-type.ts';
import type { FlatResource } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { activeOf } from './parse-resource.ts';

/**
 * Whose resource a target shows.
 *
 *     own       it carries the externalId or the name of the record
 *     other     it carries those of another record: the id was reused, or the answer is mixed up
 *     unknown   it carries neither
 */
export type ResourceOwner = 'own' | 'other' | 'unknown';

/**
 * Judges whose resource a target shows, by its externalId and its name (userName, displayName of a group).
 *
 *     externalId   name          verdict
 *     same         any           own
 *     any          similar       own: targets replace the externalId, or add a suffix to the name; also an e-mail
 *     other        other         other
 *     absent       other         other; unknown for an inactive user, whom some targets anonymise
 *     other        absent        other
 *     absent       absent        unknown
 *
 * @param bodies the resource as it was sent, and as it was known before
 */
export function ownerOf(
  resource: unknown,
  resourceType: ResourceType,
  bodies: readonly (FlatResource | undefined)[],
): ResourceOwner {
  const name = textOf(getIgnoringCase(resource, uniqueNameAttribute(resourceType)));
  const externalId = textOf(getIgnoringCase(resource, 'externalId'));
  const externalIds = bodies.flatMap((body) => textOf(body?.['externalId']) ?? []);
  if (externalId !== undefined && externalIds.some((one) => isSame(one, externalId))) return 'own';
  const names = valuesOf(
    bodies,
    (path) => path === uniqueNameAttribute(resourceType) || (resourceType === 'User' && /^emails\b/.test(path)),
  );
  if (name !== undefined && names.length > 0) {
    // A target may match accounts by e-mail address, and keep the userName that it had before.
    const shown = [name, ...emailsOf(resource)];
    if (names.some((one) => shown.some((other) => isSimilar(one, other)))) return 'own';
    const isAnonymised = externalId === undefined && activeOf(resource) === false;
    return isAnonymised ? 'unknown' : 'other';
  }
  return externalId !== undefined && externalIds.length > 0 ? 'other' : 'unknown';
}

/** The name and externalId that a resource shows, for a message: `userName "boss@x.example"`. */
export function describeOwner(resource: unknown, resourceType: ResourceType): string {
  const attribute = uniqueNameAttribute(resourceType);
  const name = textOf(getIgnoringCase(resource, attribute));
  if (name !== undefined) return `${attribute} ${JSON.stringify(name)}`;
  return `externalId ${JSON.stringify(textOf(getIgnoringCase(resource, 'externalId')) ?? '')}`;
}

/** Shorter names are not compared by their beginning: "al" begins many of them. */
const minComparedLength = 5;

/** Targets change the case and the punctuation of a name, add a prefix or a suffix, or shorten it. */
function isSimilar(expected: string, shown: string): boolean {
  const [a, b] = [fold(expected), fold(shown)];
  if (a === b) return true;
  if (a.length < minComparedLength || b.length < minComparedLength) return false;
  return b.startsWith(a) || b.endsWith(a) || a.startsWith(b);
}

/** Most targets show an identifier as it was sent, and folding costs much more than a comparison. */
const isSame = (one: string, other: string): boolean => one === other || fold(one) === fold(other);

const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

function valuesOf(
  bodies: readonly (FlatResource | undefined)[],
  isWanted: (path: string) => boolean,
): readonly string[] {
  return bodies.flatMap((body) =>
    Object.entries(body ?? {}).flatMap(([path, value]) => {
      const text = isWanted(path) ? textOf(value) : undefined;
      return text === undefined ? [] : [text];
    }),
  );
}

function emailsOf(resource: unknown): readonly string[] {
  const emails = getIgnoringCase(resource, 'emails');
  return Array.isArray(emails) ? emails.flatMap((email) => textOf(getIgnoringCase(email, 'value')) ?? []) : [];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
