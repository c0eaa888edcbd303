import type { Protocol } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import { pathOf } from '../../model/path.ts';
import type { JsonObject } from '../../model/scim-json.ts';
import type { PatchOperation } from './patch.ts';

/** A PATCH operation as it is sent; `op` may be capitalised. */
export interface EncodedPatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: PatchOperation['value'];
}

/**
 * Encodes operations with paths in the form that a target supports (RFC 7644 section 3.5.2 allows all of them):
 *
 *     always    {op, path, value} …
 *     nested    {op: replace, value: {title: …, name: {givenName: …}}}
 *     dotted    {op: replace, value: {title: …, "name.givenName": …}}
 *
 * Removals always need their path, and additions to a list must not replace the list.
 */
export function toPatchForm(
  operations: readonly PatchOperation[],
  { patchOps, patchPaths }: Pick<Protocol, 'patchOps' | 'patchPaths'>,
): readonly EncodedPatchOperation[] {
  return withOpCase(patchPaths === 'always' ? operations : withoutPaths(operations, patchPaths), patchOps);
}

/** Writes `op` in the case that a target accepts. */
export function withOpCase<T extends { readonly op: string }>(
  operations: readonly T[],
  patchOps: Protocol['patchOps'],
): readonly (Omit<T, 'op'> & { readonly op: string })[] {
  return patchOps === 'lower'
    ? operations
    : operations.map((operation) => ({
        ...operation,
        op: `${operation.op.charAt(0).toUpperCase()}${operation.op.slice(1)}`,
      }));
}

function withoutPaths(
  operations: readonly PatchOperation[],
  form: 'nested' | 'dotted',
): readonly EncodedPatchOperation[] {
  const removals = operations.filter(({ op }) => op === 'remove');
  const listAdditions = operations.filter(isListAddition);
  const replacements = operations.filter((operation) => operation.op !== 'remove' && !isListAddition(operation));
  const toValue = form === 'dotted' ? toDottedValue : toNestedValue;
  return [
    ...removals,
    ...(replacements.length === 0 ? [] : [{ op: 'replace', value: toValue(replacements) }]),
    ...(listAdditions.length === 0 ? [] : [{ op: 'add', value: toValue(listAdditions) }]),
  ];
}

const isListAddition = ({ op, value }: PatchOperation): boolean => op === 'add' && Array.isArray(value);

const toDottedValue = (operations: readonly PatchOperation[]): JsonObject =>
  Object.fromEntries(operations.map(({ path, value }) => [path, value as Json]));

function toNestedValue(operations: readonly PatchOperation[]): JsonObject {
  const root: JsonObject = {};
  for (const { path: text, value } of operations) {
    const { schema, attribute, subAttribute } = pathOf(text);
    const container = schema === undefined ? root : childObject(root, schema);
    if (subAttribute === undefined) container[attribute] = value as Json;
    else childObject(container, attribute)[subAttribute] = value as Json;
  }
  return root;
}

function childObject(container: JsonObject, name: string): JsonObject {
  if (!Object.hasOwn(container, name)) container[name] = {};
  return container[name] as JsonObject;
}
