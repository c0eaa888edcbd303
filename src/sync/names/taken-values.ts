import { isEmailPath } from '../../desired/person-identity.ts';
import type { Operation } from '../../model/operation.ts';
import type { Outcome, RemoteResource } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { foldUnique, type UniqueValue } from '../../model/target/unique-value.ts';

/** The paths whose values only one account of the target has. */
export type UniquePaths = (resourceType: ResourceType) => readonly string[];

/** The unique values of a create that an existing account has. */
export function valuesOfAccount(
  operation: Operation,
  { body }: Pick<RemoteResource, 'body'>,
  uniquePaths: UniquePaths,
): readonly UniqueValue[] {
  if (operation.action !== 'create') return [];
  return uniqueValuesOf(operation, uniquePaths).filter(({ path, value }) => {
    const actual = body[path];
    return typeof actual === 'string' && foldUnique(actual) === foldUnique(value);
  });
}

/** The unique values that an operation gives to its account. */
function uniqueValuesOf(operation: Operation, uniquePaths: UniquePaths): readonly UniqueValue[] {
  const paths = uniquePaths(operation.resourceType);
  const values: readonly (readonly [string, Json])[] =
    operation.action === 'create'
      ? Object.entries(operation.body)
      : 'edits' in operation
        ? operation.edits.map(({ path, to }) => [path, to] as const)
        : [];
  return values.flatMap(([path, value]) =>
    paths.includes(path) && typeof value === 'string' ? [{ path, value }] : [],
  );
}

/**
 * Whether an account that has a unique value of a user is that of the user, where no externalId shows it. The value is
 * no evidence, because users with the same name share the values of the mapping.
 *
 *     e-mail addresses of both      the same one, or not
 *     given and family name         the same, or not
 *     displayName                   the same, or not
 *     nothing to compare            unknown
 */
export function compareIdentity(
  ours: FlatResource,
  theirs: FlatResource,
  uniquePaths: readonly string[],
): 'same' | 'other' | 'unknown' {
  const isSign = (path: string): boolean => !uniquePaths.includes(path);
  for (const isWanted of [isEmailPath, isFullName, isDisplayName]) {
    const [mine, other] = [ours, theirs].map((body) => textsAt(body, (path) => isWanted(path) && isSign(path)));
    if (mine === undefined || other === undefined || mine.length === 0 || other.length === 0) continue;
    // A given name alone means many people, so both names count.
    const isSame = isWanted === isFullName ? equalTexts(mine, other) : mine.some((text) => other.includes(text));
    return isSame ? 'same' : 'other';
  }
  return 'unknown';
}

const isFullName = (path: string): boolean => path === 'name.givenName' || path === 'name.familyName';
const isDisplayName = (path: string): boolean => path === 'displayName';

const equalTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, index) => text === other[index]);

/** The texts at these paths, folded, in the order of the paths. A list gives the `value` of each element. */
function textsAt(body: FlatResource, isWanted: (path: string) => boolean): readonly string[] {
  return Object.entries(body)
    .filter(([path]) => isWanted(path))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, value]) => (Array.isArray(value) ? (value as readonly Json[]).map(valueOf) : [value]))
    .flatMap((value) => (typeof value === 'string' && value.trim() !== '' ? [foldUnique(value.trim())] : []));
}

const valueOf = (element: Json): Json =>
  typeof element === 'object' && element !== null && !Array.isArray(element)
    ? ((element as { readonly value?: Json }).value ?? null)
    : element;

/** The outcome where accounts of others have these values. */
export const valueTaken = (
  { resourceType }: Pick<Operation, 'resourceType'>,
  values: readonly UniqueValue[],
  status: number,
  reason: string,
): Outcome => ({
  kind: 'valueTaken',
  status,
  values,
  detail:
    `another ${resourceType === 'User' ? 'account' : 'group'} has ` +
    `${values.map(({ path, value }) => `${path} ${JSON.stringify(value)}`).join(' and ')}: ` +
    `the next value is tried (${reason})`,
});

/**
 * A refusal because of a value that exists already, where the operation gives its account unique values. If the answer
 * names one of several, that one is meant.
 */
export function withTakenValues(operation: Operation, outcome: Outcome, uniquePaths: UniquePaths): Outcome {
  if (outcome.kind !== 'rejected' || outcome.isConflict !== true) return outcome;
  const values = uniqueValuesOf(operation, uniquePaths);
  if (values.length === 0) return outcome;
  const text = outcome.detail.toLowerCase();
  const named = values.filter(
    ({ path, value }) => text.includes(path.toLowerCase()) || text.includes(foldUnique(value)),
  );
  return valueTaken(operation, named.length > 0 ? named : values, outcome.status, outcome.detail);
}
