import { isDeepStrictEqual } from 'node:util';
import type { Edit, ResourceOperation } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';

/**
 * What the operations of a pass on one user or group came to.
 *
 *     account before   account after
 *     no               yes             created
 *     yes              no              deleted
 *     yes              yes             changed; replaced, if it was deleted in between
 *     no               no              changed, without an edit
 */
export type NetEffect =
  | { readonly kind: 'created' }
  /** `body`: the account before; undefined: it was not kept. */
  | { readonly kind: 'deleted'; readonly body: FlatResource | undefined }
  | { readonly kind: 'replaced' }
  /** `from` is the value before the pass, and `to` the last one that the pass wrote. */
  | { readonly kind: 'changed'; readonly edits: readonly Edit[] };

/**
 * @param operations those that the target acknowledged, in their order
 * @param deleted the account that the last deletion removed
 */
export function netEffect(operations: readonly ResourceOperation[], deleted: FlatResource | undefined): NetEffect {
  const [hadAccount, hasAccount] = [operations[0]?.action !== 'create', operations.at(-1)?.action !== 'delete'];
  if (hadAccount && !hasAccount) return { kind: 'deleted', body: deleted };
  if (!hadAccount) return hasAccount ? { kind: 'created' } : { kind: 'changed', edits: [] };
  if (operations.some(({ action }) => action === 'delete')) return { kind: 'replaced' };
  return { kind: 'changed', edits: netEdits(operations) };
}

/** A path may change several times: a temporary name comes between the old and the new one. */
function netEdits(operations: readonly ResourceOperation[]): readonly Edit[] {
  const edits = new Map<string, Edit>();
  for (const operation of operations)
    for (const edit of 'edits' in operation ? operation.edits : [])
      edits.set(edit.path, { ...(edits.get(edit.path) ?? edit), to: edit.to });
  return [...edits.values()].filter(({ from, to }) => !isDeepStrictEqual(from, to));
}
