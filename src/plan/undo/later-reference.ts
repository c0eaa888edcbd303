import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Edit, EditOperation, ResourceOperation } from '../../model/operation.ts';
import { managerPath } from '../../model/path.ts';
import { applyEdits } from '../apply-edits.ts';

/** The manager that an operation sets; undefined: it sets none. */
export function newManagerOf(operation: ResourceOperation): SourceKey | undefined {
  const manager = editOf(operation)?.to;
  return typeof manager === 'string' ? sourceKey(manager) : undefined;
}

/**
 * An operation without the reference to a manager that it sets, and one that only sets the reference. Undefined: the
 * operation sets nothing else.
 */
export function withLaterManager(
  operation: ResourceOperation,
): readonly [first: ResourceOperation | undefined, later: EditOperation | undefined] {
  const edit = editOf(operation);
  if (edit === undefined || !('body' in operation)) return [operation, undefined];
  const { resourceType, key, name, reason, body } = operation;
  const later: EditOperation = { action: 'update', resourceType, key, name, reason, edits: [edit], body };
  const before = applyEdits(body, [{ path: managerPath, to: edit.from }]);
  if (!('edits' in operation)) return [{ ...operation, body: before }, later];
  const edits = operation.edits.filter((one) => one !== edit);
  return [edits.length === 0 ? undefined : { ...operation, edits, body: before }, later];
}

function editOf(operation: ResourceOperation): Edit | undefined {
  if ('edits' in operation) return operation.edits.find(({ path }) => path === managerPath);
  const manager = operation.action === 'create' ? operation.body[managerPath] : undefined;
  return manager === undefined ? undefined : { path: managerPath, from: null, to: manager };
}
