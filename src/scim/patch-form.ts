import type { Speaks } from '../model/profile.ts';
import type { Json } from '../model/resource.ts';
import { pathOf } from '../model/path.ts';
import type { Nested } from '../model/shape.ts';
import type { PatchOperation } from './patch.ts';

/** An operation as it is written; `op` may have another case there. */
export interface WrittenOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: PatchOperation['value'];
}

/**
 * Operations with paths in the form that a target understands (RFC 7644 section 3.5.2 allows all of them):
 *
 *     always    {op, path, value} …
 *     nested    {op: replace, value: {title: …, name: {givenName: …}}}
 *     dotted    {op: replace, value: {title: …, "name.givenName": …}}
 *
 * What is removed always needs its path, and what is added to a list must not replace the list.
 */
export function inForm(
  operations: readonly PatchOperation[],
  { patchOps, patchPaths }: Pick<Speaks, 'patchOps' | 'patchPaths'>,
): readonly WrittenOperation[] {
  return withOps(patchPaths === 'always' ? operations : withoutPaths(operations, patchPaths), patchOps);
}

/** The same with `op` in the letters that a target knows. */
export function withOps<T extends { readonly op: string }>(
  operations: readonly T[],
  patchOps: Speaks['patchOps'],
): readonly (Omit<T, 'op'> & { readonly op: string })[] {
  return patchOps === 'lower'
    ? operations
    : operations.map((operation) => ({
        ...operation,
        op: `${operation.op.charAt(0).toUpperCase()}${operation.op.slice(1)}`,
      }));
}

function withoutPaths(operations: readonly PatchOperation[], form: 'nested' | 'dotted'): readonly WrittenOperation[] {
  const removed = operations.filter(({ op }) => op === 'remove');
  const added = operations.filter(isAddedToList);
  const replaced = operations.filter((operation) => operation.op !== 'remove' && !isAddedToList(operation));
  const value = form === 'dotted' ? dotted : nested;
  return [
    ...removed,
    ...(replaced.length === 0 ? [] : [{ op: 'replace', value: value(replaced) }]),
    ...(added.length === 0 ? [] : [{ op: 'add', value: value(added) }]),
  ];
}

const isAddedToList = ({ op, value }: PatchOperation): boolean => op === 'add' && Array.isArray(value);

const dotted = (operations: readonly PatchOperation[]): Nested =>
  Object.fromEntries(operations.map(({ path, value }) => [path, value as Json]));

function nested(operations: readonly PatchOperation[]): Nested {
  const whole: Nested = {};
  for (const { path: text, value } of operations) {
    const { schema, attribute, sub } = pathOf(text);
    const container = schema === undefined ? whole : own(whole, schema);
    if (sub === undefined) container[attribute] = value as Json;
    else own(container, attribute)[sub] = value as Json;
  }
  return whole;
}

function own(container: Nested, name: string): Nested {
  if (!Object.hasOwn(container, name)) container[name] = {};
  return container[name] as Nested;
}
