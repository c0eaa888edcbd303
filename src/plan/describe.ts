import type { Edit, Member, Operation } from '../model/operation.ts';
import { managerPath } from '../model/path.ts';
import type { Json } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';

/** The name of a member or a manager; undefined: the key is shown. */
export type NameOf = (resourceType: ResourceType, key: string) => string | undefined;

const noNames: NameOf = () => undefined;

/** A user or group whose name a sentence shows. */
export interface Reference {
  readonly resourceType: ResourceType;
  readonly key: string;
}

/** The members and managers that the sentence about an operation shows. */
export function referencesShown(operation: Operation): readonly Reference[] {
  if (operation.action === 'members')
    return [...operation.remove.slice(0, maxMembersShown), ...operation.add.slice(0, maxMembersShown)];
  if (!('edits' in operation)) return [];
  return operation.edits
    .filter(({ path }) => path === managerPath)
    .flatMap(({ from, to }) => [from, to])
    .flatMap((key) => (typeof key === 'string' ? [{ resourceType: 'User' as const, key }] : []));
}

/** One line for the operator that describes an operation completely, for plans and summaries. */
export function describeOperation(operation: Operation, nameOf: NameOf = noNames): string {
  const { resourceType, key, name, reason } = operation;
  const label = name === '' || name === key ? key : `${name} (${key})`;
  const subject = `${resourceType === 'User' ? 'user' : 'group'} ${label}`;
  const withNames = (edit: Edit): string => describeEdit(named(edit, nameOf));
  switch (operation.action) {
    case 'create':
      return `create ${subject}`;
    case 'update':
      return `update ${subject}: ${operation.edits.map(withNames).join(', ')}`;
    case 'reactivate': {
      const otherEdits = operation.edits.filter(({ path }) => path !== 'active');
      return `reactivate ${subject}${otherEdits.length === 0 ? '' : `: ${otherEdits.map(withNames).join(', ')}`}`;
    }
    case 'deactivate':
    case 'delete':
      return `${operation.action} ${subject}, ${resourceType === 'User' ? 'who' : 'which'} ${reason}`;
    case 'verifyCreate':
      return `look for ${subject}: ${reason}`;
    case 'members':
      return describeMembers(operation, subject, nameOf);
  }
}

/** One edit for the operator: old and new value, or that the value is set, removed or sent again. */
export function describeEdit({ path, from, to }: Edit): string {
  const attribute = path.startsWith('urn:') ? path.slice(path.lastIndexOf(':') + 1) : path;
  // A value in doubt is sent again without a difference.
  if (formatValue(from) === formatValue(to)) {
    const value = to === null ? 'without a value' : formatValue(to);
    return `${attribute} ${value} (resend: last update was not acknowledged)`;
  }
  if (from === null) return `${attribute}: set ${formatValue(to)}`;
  if (to === null) return `${attribute}: remove ${formatValue(from)}`;
  return `${attribute} ${formatValue(from)} → ${formatValue(to)}`;
}

const maxMembersShown = 5;

/** The edit with the name of the manager in place of the key. */
function named(edit: Edit, nameOf: NameOf): Edit {
  if (edit.path !== managerPath) return edit;
  const nameOrKey = (value: Json): Json => (typeof value === 'string' ? (nameOf('User', value) ?? value) : value);
  const [from, to] = [nameOrKey(edit.from), nameOrKey(edit.to)];
  // Two managers with one name need their keys.
  return from === to ? edit : { ...edit, from, to };
}

function describeMembers(
  operation: Extract<Operation, { action: 'members' }>,
  subject: string,
  nameOf: NameOf,
): string {
  const list = (members: readonly Member[]): string => {
    const keys = members
      .slice(0, maxMembersShown)
      .map(({ resourceType, key }) => nameOf(resourceType, key) ?? key)
      .join(', ');
    return members.length > maxMembersShown
      ? `${members.length} members (${keys}, …)`
      : `${members.length === 1 ? 'member' : 'members'} ${keys}`;
  };
  const parts: string[] = [];
  if (operation.remove.length > 0) parts.push(`remove ${list(operation.remove)}`);
  if (operation.add.length > 0) parts.push(`add ${list(operation.add)}`);
  return `${subject}: ${parts.join(', ')}`;
}

function formatValue(value: Json): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
