import type { SourceRecord } from '../model/record.ts';
import { uniqueNameAttribute } from '../model/resource-type.ts';
import type { FlatResource } from '../model/resource.ts';

/** The values by which people recognise a person, in the spelling of the mapping. Absent values are left out. */
export interface PersonIdentity {
  readonly userNames: readonly string[];
  readonly emails: readonly string[];
  /** Given name and family name; undefined where one of them is missing. */
  readonly fullName: readonly [string, string] | undefined;
}

/** Computes the values of a record at the paths that an identity needs. */
export interface IdentityMapping {
  identityValues(record: SourceRecord): FlatResource;
  /** userName or displayName, and externalId. */
  identify(record: SourceRecord): FlatResource;
}

/** Whether a path holds a value that identifies a person. */
export function isIdentityPath(text: string): boolean {
  return /^(userName|name\.(givenName|familyName)|emails(\[.*\])?(\.value)?)$/is.test(text);
}

/** Whether a path holds an e-mail address, or all of them. */
export const isEmailPath = (text: string): boolean => /^emails(\[.*\])?(\.value)?$/is.test(text);

/**
 * The values by which a text could mean a record: userName, display name, e-mail addresses and family name, the
 * userName of a user or the displayName of a group first. A given name alone means many people.
 */
export function mentionedNames(record: SourceRecord, mappings: readonly IdentityMapping[]): readonly string[] {
  const uniqueName = uniqueNameAttribute(record.resourceType);
  const values = mappings
    .flatMap((mapping) => Object.entries(mapping.identityValues(record)))
    .filter(([path]) => path !== 'name.givenName')
    .toSorted(([one], [other]) => Number(other === uniqueName) - Number(one === uniqueName))
    .map(([, value]) => value);
  return [...new Set(values)].filter((value) => typeof value === 'string');
}

/** The identity of a user by the mappings of all targets together: each target may map other attributes. */
export function personIdentity(record: SourceRecord, mappings: readonly IdentityMapping[]): PersonIdentity {
  const resources = mappings.map((mapping) => mapping.identityValues(record));
  const values = (isWanted: (path: string) => boolean): readonly string[] => [
    ...new Set(
      resources.flatMap((resource) =>
        Object.entries(resource).flatMap(([path, value]) =>
          isWanted(path) && typeof value === 'string' && value.trim() !== '' ? [value] : [],
        ),
      ),
    ),
  ];
  const first = (path: string): string | undefined => values((one) => one === path)[0];
  const [given, family] = [first('name.givenName'), first('name.familyName')];
  return {
    userNames: values((path) => path === 'userName'),
    emails: values((path) => path.startsWith('emails')),
    fullName: given !== undefined && family !== undefined ? [given, family] : undefined,
  };
}
