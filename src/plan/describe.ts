import type { Edit, Operation } from '../model/operation.ts';
import type { Json } from '../model/resource.ts';

/** One operation as one human sentence; what is shown is what is done. */
export function describe(operation: Operation): string {
  const { kind, key, name, reason } = operation;
  const what = `${kind === 'User' ? 'user' : 'group'} ${name === '' || name === key ? key : `${name} (${key})`}`;
  switch (operation.action) {
    case 'create':
      return `create ${what}`;
    case 'update':
      return `update ${what}: ${operation.edits.map(describeEdit).join(', ')}`;
    case 'reactivate': {
      const others = operation.edits.filter(({ path }) => path !== 'active');
      return `reactivate ${what}${others.length === 0 ? '' : `: ${others.map(describeEdit).join(', ')}`}`;
    }
    case 'deactivate':
    case 'delete':
      return `${operation.action} ${what}, ${kind === 'User' ? 'who' : 'which'} ${reason}`;
    case 'claim':
      return `look for ${what}, whose create was never answered`;
    case 'members':
      return describeMembers(operation, what);
  }
}

export function describeEdit({ path, from, to }: Edit): string {
  const attribute = path.startsWith('urn:') ? path.slice(path.lastIndexOf(':') + 1) : path;
  // What is in doubt is said again although nothing differs.
  if (show(from) === show(to)) return `${attribute} ${to === null ? 'without a value' : show(to)} is said again`;
  if (from === null) return `${attribute} ${show(to)} is new`;
  if (to === null) return `${attribute} ${show(from)} goes`;
  return `${attribute} ${show(from)} → ${show(to)}`;
}

const membersNamed = 5;

function describeMembers(operation: Extract<Operation, { action: 'members' }>, what: string): string {
  const list = (members: readonly { readonly key: string }[]): string => {
    const named = members
      .slice(0, membersNamed)
      .map(({ key }) => key)
      .join(', ');
    return members.length > membersNamed
      ? `${members.length} members (${named}, …)`
      : `${members.length === 1 ? 'member' : 'members'} ${named}`;
  };
  const parts: string[] = [];
  if (operation.remove.length > 0) parts.push(`remove ${list(operation.remove)}`);
  if (operation.add.length > 0) parts.push(`add ${list(operation.add)}`);
  return `${what}: ${parts.join(', ')}`;
}

function show(value: Json): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
