import { pathOf } from '../../model/path.ts';
import { errorDetail } from './error-body.ts';
import type { Response } from '../transport/message.ts';

/** Statuses that one attribute of a resource may have caused, with any scimType and any text. */
const attributeStatuses: readonly number[] = [400, 403, 409, 422, 500];

/** Whether a smaller request about the same resource may succeed, although this one was refused. */
export const mayConcernAttribute = ({ status }: Pick<Response, 'status'>): boolean =>
  attributeStatuses.includes(status);

/**
 * The paths whose attribute the error text names, as whole words and without case.
 *
 *     "phoneNumbers holds a character …"   phoneNumbers[type eq "work"].value
 *     "givenName is required"              name.givenName
 *     "no user 7f3a"                       the manager, if its id is 7f3a
 *
 * @param idOf the account id that a path holds, for references
 */
export function namedPaths(
  response: Response,
  paths: readonly string[],
  idOf: (path: string) => string | undefined = () => undefined,
): readonly string[] {
  const text = errorDetail(response).toLowerCase();
  const words = new Set(text.split(/[^\p{L}\p{N}_$-]+/u));
  return paths.filter((path) => {
    const id = idOf(path);
    return (id !== undefined && text.includes(id.toLowerCase())) || namesOf(path).some((name) => words.has(name));
  });
}

/** Sub-attributes that many attributes have in common, so that their names alone do not identify a path. */
const commonSubAttributes: readonly string[] = ['value', 'type', 'display', 'primary', 'formatted'];

/** `name` alone is no identification either: error texts use the word for anything. */
function namesOf(path: string): readonly string[] {
  const { attribute, subAttribute } = pathOf(path);
  if (subAttribute === undefined || commonSubAttributes.includes(subAttribute)) return [attribute.toLowerCase()];
  return attribute === 'name' ? [subAttribute.toLowerCase()] : [attribute.toLowerCase(), subAttribute.toLowerCase()];
}
