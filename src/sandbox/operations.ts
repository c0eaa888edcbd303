import type { Json } from '../model/resource.ts';
import { member } from '../model/shape.ts';
import { isComplex, textOf, type Complex } from './resource.ts';
import type { Asked } from './request.ts';

/** One operation of a PATCH as it was sent. */
export interface SentOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: Json;
}

export const isPatch = ({ on, request }: Asked): boolean => on === 'resource' && request.method === 'PATCH';

/** Whether a whole resource is sent. */
export const isWhole = ({ on, request }: Asked): boolean =>
  (on === 'collection' && request.method === 'POST') || (on === 'resource' && request.method === 'PUT');

/** The operations of a PATCH; none where the message has no list of them. */
export function operationsOf(message: Json | undefined): readonly SentOperation[] {
  const operations = member(message, 'Operations');
  if (!Array.isArray(operations)) return [];
  return (operations as readonly Json[]).map((operation) => {
    const path = member(operation, 'path');
    const value = member(operation, 'value') as Json | undefined;
    return {
      op: textOf(member(operation, 'op') as Json | undefined),
      ...(typeof path === 'string' ? { path } : {}),
      ...(value === undefined ? {} : { value }),
    };
  });
}

/** The request with other operations. */
export function withOperations(asked: Asked, operations: readonly SentOperation[]): Asked {
  const rest = isComplex(asked.message)
    ? Object.entries(asked.message).filter(([name]) => name.toLowerCase() !== 'operations')
    : [];
  return {
    ...asked,
    message: { ...Object.fromEntries(rest), Operations: operations.map((operation): Json => ({ ...operation })) },
  };
}

/** Whether an operation speaks of a group's members. */
export function isOfMembers({ path, value }: SentOperation): boolean {
  return path === undefined ? member(value, 'members') !== undefined : /^members\b/i.test(path.trim());
}

/** The members of a value in any form: a list, one alone, or an object that has `members`. */
export function membersIn(value: Json | undefined): readonly Complex[] {
  const list = Array.isArray(value)
    ? (value as readonly Json[])
    : isComplex(value) && value['members'] !== undefined
      ? membersIn(value['members'])
      : value === undefined
        ? []
        : [value];
  return list.filter(isComplex);
}

/** The ids in `members[value eq "x"]`; undefined for another path. */
export function idsInPath(path: string | undefined): readonly string[] | undefined {
  const match = /^members\[(.+)\]$/i.exec(path?.trim() ?? '');
  if (match === null) return undefined;
  return [...(match[1] ?? '').matchAll(/value\s+eq\s+("(?:[^"\\]|\\.)*")/gi)].map(
    ([, quoted]) => JSON.parse(quoted ?? '""') as string,
  );
}

export interface MemberChanges {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Whom a PATCH would make a member, and whom it would put out. Removing all of them counts as one. */
export function memberChanges(operations: readonly SentOperation[]): MemberChanges {
  const add: string[] = [];
  const remove: string[] = [];
  for (const operation of operations.filter(isOfMembers)) {
    const ids = membersIn(operation.value).map(({ value }) => textOf(value));
    if (operation.op.toLowerCase() !== 'remove') add.push(...ids);
    else remove.push(...(idsInPath(operation.path) ?? (ids.length === 0 ? ['all'] : ids)));
  }
  return { add, remove };
}

/** What a request says of `active`: by PATCH, or in a whole resource. */
export function activeIn({ message, request }: Asked): Json | undefined {
  if (request.method !== 'PATCH') return member(message, 'active') as Json | undefined;
  const said = operationsOf(message).flatMap(({ op, path, value }) => {
    if (op.toLowerCase() === 'remove') return [];
    return (
      (path === undefined
        ? (member(value, 'active') as Json | undefined)
        : path.trim().toLowerCase() === 'active'
          ? value
          : undefined) ?? []
    );
  });
  return said.at(-1);
}

/** Whether a PATCH says nothing but `active`. */
export function saysActiveAlone({ message, request }: Asked): boolean {
  return (
    request.method === 'PATCH' &&
    operationsOf(message).every(({ path, value }) =>
      path === undefined
        ? isComplex(value) && Object.keys(value).every((name) => name.toLowerCase() === 'active')
        : path.trim().toLowerCase() === 'active',
    )
  );
}
