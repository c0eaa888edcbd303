import type { Edit, Operation } from '../model/operation.ts';
import type { Json } from '../model/resource.ts';

/** One line for the operator that describes an operation completely, for plans and summaries. */
export function describeOperation(operation: Operation): string {
  const { resourceType, key, name, reason } = operation;
  const label = name === '' || name === key ? key : `${name} (${key})`;
  const subject = `${resourceType === 'User' ? 'user' : 'group'} ${label}`;
  switch (operation.action) {
    case 'create':
      return `create ${subject}`;
    case 'update':
      return `update ${subject}: ${operation.edits.map(describeEdit).join(', ')}`;
    case 'reactivate': {
      const otherEdits = operation.edits.filter(({ path }) => path !== 'active');
      return `reactivate ${subject}${otherEdits.length === 0 ? '' : `: ${otherEdits.map(describeEdit).join(', ')}`}`;
    }
    case 'deactivate':
    case 'delete':
      return `${operation.action} ${subject}, ${resourceType === 'User' ? 'who' : 'which'} ${reason}`;
    case 'verifyCreate':
      return `look for ${subject}: ${reason}`;
    case 'members':
      return describeMembers(operation, subject);
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

function describeMembers(operation: Extract<Operation, { action: 'members' }>, subject: string): string {
  const list = (members: readonly { readonly key: string }[]): string => {
    const keys = members
      .slice(0, maxMembersShown)
      .map(({ key }) => key)
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
