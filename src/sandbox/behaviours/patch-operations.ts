import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { isComplex, textOf, type Complex } from '../resources/resource.ts';
import type { ScimRequest } from '../http/request.ts';

/** One operation of a PATCH request. */
export interface PatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: Json;
}

/** Whether the request is a PATCH of one resource (RFC 7644 section 3.5.2). */
export const isPatch = ({ endpointType, http }: ScimRequest): boolean =>
  endpointType === 'resource' && http.method === 'PATCH';

/** Whether the request contains a complete resource: POST or PUT. */
export const isFullWrite = ({ endpointType, http }: ScimRequest): boolean =>
  (endpointType === 'collection' && http.method === 'POST') || (endpointType === 'resource' && http.method === 'PUT');

/** The operations of a PATCH; empty if the message has no `Operations` array. */
export function operationsOf(message: Json | undefined): readonly PatchOperation[] {
  const operations = getIgnoringCase(message, 'Operations');
  if (!Array.isArray(operations)) return [];
  return (operations as readonly Json[]).map((operation) => {
    const path = getIgnoringCase(operation, 'path');
    const value = getIgnoringCase(operation, 'value') as Json | undefined;
    return {
      op: textOf(getIgnoringCase(operation, 'op') as Json | undefined),
      ...(typeof path === 'string' ? { path } : {}),
      ...(value === undefined ? {} : { value }),
    };
  });
}

/** The request with other operations. */
export function withOperations(request: ScimRequest, operations: readonly PatchOperation[]): ScimRequest {
  const rest = isComplex(request.body)
    ? Object.entries(request.body).filter(([name]) => name.toLowerCase() !== 'operations')
    : [];
  return {
    ...request,
    body: { ...Object.fromEntries(rest), Operations: operations.map((operation): Json => ({ ...operation })) },
  };
}

/** Whether an operation changes the members of a group. */
export function isMembersOperation({ path, value }: PatchOperation): boolean {
  return path === undefined ? getIgnoringCase(value, 'members') !== undefined : /^members\b/i.test(path.trim());
}

/** The members in a value: a list, a single member, or an object with `members`. */
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
export function memberIdsInPath(path: string | undefined): readonly string[] | undefined {
  const match = /^members\[(.+)\]$/is.exec(path?.trim() ?? '');
  if (match === null) return undefined;
  return [...(match[1] ?? '').matchAll(/value\s+eq\s+("(?:[^"\\]|\\.)*")/gi)].map(
    ([, quoted]) => JSON.parse(quoted ?? '""') as string,
  );
}

/** Ids of members that a request adds and removes. */
export interface MemberChanges {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Ids of the members that a PATCH adds and removes. Removal of all members counts as one. */
export function memberChanges(operations: readonly PatchOperation[]): MemberChanges {
  const add: string[] = [];
  const remove: string[] = [];
  for (const operation of operations.filter(isMembersOperation)) {
    const ids = membersIn(operation.value).map(({ value }) => textOf(value));
    if (operation.op.toLowerCase() !== 'remove') add.push(...ids);
    else remove.push(...(memberIdsInPath(operation.path) ?? (ids.length === 0 ? ['all'] : ids)));
  }
  return { add, remove };
}

/** The value of `active` in a PATCH or in a complete resource. */
export function requestedActive({ body, http }: ScimRequest): Json | undefined {
  if (http.method !== 'PATCH') return getIgnoringCase(body, 'active') as Json | undefined;
  const values = operationsOf(body).flatMap(({ op, path, value }) => {
    if (op.toLowerCase() === 'remove') return [];
    return (
      (path === undefined
        ? (getIgnoringCase(value, 'active') as Json | undefined)
        : path.trim().toLowerCase() === 'active'
          ? value
          : undefined) ?? []
    );
  });
  return values.at(-1);
}

/** Whether a PATCH changes `active` only. */
export function changesOnlyActive({ body, http }: ScimRequest): boolean {
  return (
    http.method === 'PATCH' &&
    operationsOf(body).every(({ path, value }) =>
      path === undefined
        ? isComplex(value) && Object.keys(value).every((name) => name.toLowerCase() === 'active')
        : path.trim().toLowerCase() === 'active',
    )
  );
}
