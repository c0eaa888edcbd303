import { uniqueNameAttribute } from '../../model/resource-type.ts';
import type { CreateOperation } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';

/** A create with fewer attributes. */
export interface SmallerCreate {
  readonly body: FlatResource;
  /** Omitted paths that the answer named: they are not sent again in this pass. */
  readonly refused: readonly string[];
  /** Other omitted paths: the next update sends them, and its report names those that the target refuses. */
  readonly unresolved: readonly string[];
}

/** Attributes that nearly every application supports. */
const usualAttributes = /^(userName|externalId|active|displayName|name\b|emails\b)/;

/** Whether the attribute identifies the resource at the target. */
export const isIdentityPath = (path: string): boolean => path === 'userName' || path === 'externalId';

/** Attributes without which no create makes sense. */
const isMinimal = (path: string): boolean => isIdentityPath(path) || path === 'active';

/**
 * Smaller creates after a refusal, in the order in which they are sent: without the attributes that the answer names;
 * with the attributes that nearly every application supports; with the identity alone. Each is smaller than the one
 * before.
 *
 * @param named paths that the answer names
 * @param guess which attributes are omitted that the answer does not name: `none`; `all`, step by step; `identity`:
 *   after a conflict, only the identity is sent: if it is refused as well, the conflict is about the identity
 */
export function smallerCreates(
  { resourceType, body }: Pick<CreateOperation, 'resourceType' | 'body'>,
  named: readonly string[],
  guess: 'none' | 'identity' | 'all',
): readonly SmallerCreate[] {
  const required = uniqueNameAttribute(resourceType);
  const isRequired = (path: string): boolean => path === required || path === 'active';
  const refused = named.filter((path) => !isRequired(path));
  const steps: ((path: string) => boolean)[] = [(path) => !refused.includes(path)];
  if (guess === 'all' && resourceType === 'User')
    steps.push((path) => usualAttributes.test(path) && !refused.includes(path));
  if (guess !== 'none') steps.push((path) => resourceType === 'User' && isMinimal(path) && !refused.includes(path));
  const paths = Object.keys(body);
  const creates: SmallerCreate[] = [];
  let size = paths.length;
  for (const isIncluded of steps) {
    const included = paths.filter((path) => isRequired(path) || isIncluded(path));
    if (included.length >= size) continue;
    size = included.length;
    const omitted = paths.filter((path) => !included.includes(path));
    creates.push({
      body: Object.fromEntries(Object.entries(body).filter(([path]) => included.includes(path))),
      refused: omitted.filter((path) => refused.includes(path)),
      unresolved: omitted.filter((path) => !refused.includes(path)),
    });
  }
  return creates;
}
