import { assertNever } from '../../model/errors.ts';
import { sourceKey, type RemoteId } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Edit, EditOperation, Member, MembersOperation, WriteOperation } from '../../model/operation.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { toScimJson } from '../../model/scim-json.ts';
import { resourcePath } from './urls.ts';
import type { DisplayNames, MemberRef, ResolveId } from './references.ts';
import type { RequestStyle } from '../capabilities.ts';
import type { ScimRequest } from '../transport/message.ts';
import { mergeEdits } from './merge-for-put.ts';
import { toPatchForm, withOpCase, type EncodedPatchOperation } from './patch-form.ts';
import { beforeEdits, patchOpSchema, toPatch } from './patch.ts';
import {
  memberElement,
  memberOperations,
  membersInPut,
  mergeMembers,
  mergesMembers,
  replaceMembers,
  resolveMembers,
  type MemberOperation,
} from './member-patch.ts';

/** An operation as one request, with the references that it omits because the referenced records have no account. */
export interface EncodedRequest {
  readonly kind: 'encoded';
  readonly request: ScimRequest;
  /** Paths of the omitted references. */
  readonly unresolved: readonly string[];
  readonly unresolvedMembers: readonly Member[];
}

/** The operation cannot be encoded as a request. */
export interface NotEncodable {
  readonly kind: 'notEncodable';
  readonly detail: string;
}

/** The state that a request is encoded against. */
export interface EncodingContext {
  readonly remoteId?: RemoteId;
  readonly version?: string;
  readonly resolve: ResolveId;
  readonly names?: DisplayNames;
  /** All members of a group, for PUT. */
  readonly members?: readonly MemberRef[];
  /** The group's own attributes, for PUT of a membership change. */
  readonly knownResource?: FlatResource;
  /** The current values at the target; without them, the old values of the edits. */
  readonly currentValues?: FlatResource;
  /** The current resource at the target, for GET followed by PUT. */
  readonly currentResource?: object;
}

/** Encodes an operation as one request (RFC 7644 section 3.3 to 3.6). */
export function encodeRequest(
  operation: WriteOperation,
  context: EncodingContext,
  style: RequestStyle,
): EncodedRequest | NotEncodable {
  if (operation.action === 'create') return encodeCreate(operation, context.resolve, style);
  const { remoteId, version } = context;
  if (remoteId === undefined)
    return { kind: 'notEncodable', detail: `dependency: ${operation.name} has no account at this target` };
  const requestTarget = {
    path: resourcePath(operation.resourceType, remoteId),
    ...(style.ifMatch && version !== undefined ? { ifMatch: quoteEtag(version) } : {}),
  };
  switch (operation.action) {
    case 'deactivate':
      return style.deactivation === 'delete'
        ? encodeDelete(requestTarget)
        : encodeEdit(operation, remoteId, requestTarget, context, style);
    case 'update':
    case 'reactivate':
      return encodeEdit(operation, remoteId, requestTarget, context, style);
    case 'delete':
      return encodeDelete(requestTarget);
    case 'members':
      return encodeMembers(operation, remoteId, requestTarget, context, style);
    default:
      return assertNever(operation);
  }
}

type RequestTarget = Pick<ScimRequest, 'path' | 'ifMatch'>;

function encodeCreate(
  { resourceType, body }: Extract<WriteOperation, { action: 'create' }>,
  resolve: ResolveId,
  style: RequestStyle,
): EncodedRequest {
  const { body: resolvedBody, unresolved } = resolveReferences(body, resolve);
  return {
    kind: 'encoded',
    request: {
      method: 'POST',
      path: resourcePath(resourceType),
      body: resourceBody(resourceType, resolvedBody, style),
    },
    unresolved,
    unresolvedMembers: [],
  };
}

const encodeDelete = (at: RequestTarget): EncodedRequest => ({
  kind: 'encoded',
  request: { method: 'DELETE', ...at },
  unresolved: [],
  unresolvedMembers: [],
});

/** Encodes a body as JSON. A manager is an object (RFC 7643 section 4.3); some targets expect a text. */
function resourceBody(
  resourceType: ResourceType,
  body: FlatResource,
  { manager }: Pick<RequestStyle, 'manager'>,
): object {
  const id = body[managerPath];
  if (manager === 'reference' || typeof id !== 'string') return toScimJson(resourceType, body);
  const { [managerPath]: _, ...rest } = body;
  return toScimJson(resourceType, { ...rest, [managerAttribute]: id });
}

const managerAttribute = managerPath.replace(/\.value$/, '');

function encodeEdit(
  operation: EditOperation,
  id: RemoteId,
  at: RequestTarget,
  context: EncodingContext,
  style: RequestStyle,
): EncodedRequest | NotEncodable {
  const { body, unresolved } = resolveReferences(operation.body, context.resolve);
  const unresolvedPaths = operation.edits.map(({ path }) => path).filter((path) => unresolved.includes(path));
  if (style.updateMethod === 'put') {
    if (operation.resourceType === 'Group' && context.members === undefined) return membersUnknownError(operation);
    return {
      kind: 'encoded',
      request: {
        method: 'PUT',
        ...at,
        body: fullResource(operation, id, body, context.members, context, style),
      },
      unresolved: unresolvedPaths,
      unresolvedMembers: [],
    };
  }
  const encodableEdits = operation.edits
    .filter(({ path }) => !unresolvedPaths.includes(path))
    .map((one) => withResolvedManager(one, body));
  if (style.updateMethod === 'getThenPut')
    return {
      kind: 'encoded',
      request: {
        method: 'PUT',
        ...at,
        body: {
          ...mergedResource(operation, id, context.currentResource, encodableEdits, style),
          ...membersInPut(operation.resourceType, context.currentResource, style.memberStyle),
        },
      },
      unresolved: unresolvedPaths,
      unresolvedMembers: [],
    };
  if (encodableEdits.length === 0)
    return {
      kind: 'notEncodable',
      detail: `dependency: the account that ${unresolvedPaths.join(', ')} references does not exist at this target yet`,
    };
  const currentValues = context.currentValues ?? beforeEdits(operation.edits, operation.body);
  return {
    kind: 'encoded',
    request: patchRequest(
      at,
      toPatchForm(toPatch(encodableEdits, currentValues, body, style, context.currentResource), style),
    ),
    unresolved: unresolvedPaths,
    unresolvedMembers: [],
  };
}

function encodeMembers(
  operation: MembersOperation,
  id: RemoteId,
  at: RequestTarget,
  context: EncodingContext,
  style: RequestStyle,
): EncodedRequest | NotEncodable {
  const { remove, add, unresolvedMembers } = resolveMembers(operation, context.resolve);
  if (remove.length + add.length === 0)
    return { kind: 'notEncodable', detail: 'dependency: these members have no account at this target yet' };
  if (style.updateMethod === 'put') {
    if (context.members === undefined || context.knownResource === undefined) return membersUnknownError(operation);
    const membersById = new Map([...context.members, ...add].map((memberRef) => [memberRef.id, memberRef]));
    for (const removed of remove) membersById.delete(removed.id);
    return {
      kind: 'encoded',
      request: {
        method: 'PUT',
        ...at,
        body: fullResource(operation, id, context.knownResource, [...membersById.values()], context, style),
      },
      unresolved: [],
      unresolvedMembers,
    };
  }
  if (mergesMembers(style)) {
    const elements = mergeMembers(context.currentResource, { remove, add }, style.memberStyle, context.names);
    return {
      kind: 'encoded',
      request:
        style.updateMethod === 'getThenPut'
          ? {
              method: 'PUT',
              ...at,
              body: { ...mergedResource(operation, id, context.currentResource, [], style), members: elements },
            }
          : patchRequest(at, withOpCase(replaceMembers(elements), style.patchOps)),
      unresolved: [],
      unresolvedMembers,
    };
  }
  return {
    kind: 'encoded',
    request: patchRequest(at, memberOperations({ remove, add }, style.memberStyle, context.names)),
    unresolved: [],
    unresolvedMembers,
  };
}

const membersUnknownError = ({ name }: WriteOperation): NotEncodable => ({
  kind: 'notEncodable',
  detail: `this target accepts only PUT, and the members of ${name} are not all known: a PUT could remove members`,
});

function patchRequest(
  at: RequestTarget,
  operations: readonly (EncodedPatchOperation | MemberOperation)[],
): ScimRequest {
  return { method: 'PATCH', ...at, body: { schemas: [patchOpSchema], Operations: operations } };
}

/** PUT body (RFC 7644 section 3.5.1), always with `active`: without it, some servers re-enable or suspend users. */
function fullResource(
  { resourceType }: WriteOperation,
  id: RemoteId,
  body: FlatResource,
  allMembers: readonly MemberRef[] | undefined,
  { names }: Pick<EncodingContext, 'names'>,
  style: RequestStyle,
): object {
  const active = resourceType === 'User' ? { active: body['active'] ?? true } : {};
  const groupMembers =
    resourceType === 'Group'
      ? { members: (allMembers ?? []).map((memberRef) => memberElement(memberRef, style.memberStyle, names)) }
      : {};
  return { ...resourceBody(resourceType, { ...body, ...active }, style), id, ...groupMembers };
}

/** The current resource with the edits applied. */
function mergedResource(
  operation: EditOperation | MembersOperation,
  id: RemoteId,
  currentResource: object | undefined,
  edits: readonly Edit[],
  { manager }: RequestStyle,
): object {
  const encodedEdits = edits.map(({ path, to }) => ({
    path: path === managerPath && manager === 'text' ? managerAttribute : path,
    to,
  }));
  const draft = mergeEdits(operation.resourceType, currentResource ?? {}, encodedEdits);
  const active = 'body' in operation ? (operation.body['active'] ?? true) : true;
  return operation.resourceType === 'User' ? { active, ...draft, id } : { ...draft, id };
}

/** Replaces the key of a manager with the account id at the target; omits it where there is no account. */
function resolveReferences(
  body: FlatResource,
  resolve: ResolveId,
): { readonly body: FlatResource; readonly unresolved: readonly string[] } {
  const manager = body[managerPath];
  if (typeof manager !== 'string') return { body, unresolved: [] };
  const id = resolve('User', sourceKey(manager));
  if (id !== undefined) return { body: { ...body, [managerPath]: id }, unresolved: [] };
  const { [managerPath]: _, ...rest } = body;
  return { body: rest, unresolved: [managerPath] };
}

function withResolvedManager(one: Edit, body: FlatResource): Edit {
  return one.path === managerPath && one.to !== null ? { ...one, to: body[managerPath] as Json } : one;
}

/** Quotes an entity tag (RFC 9110 section 8.8.3): some servers omit the quotes in `meta.version`. */
export const quoteEtag = (version: string): string => (/^(W\/)?"/.test(version) ? version : `"${version}"`);
