import { assertNever } from '../model/errors.ts';
import { sourceKey, type RemoteId } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Edit, EditOperation, Member, MembersOperation } from '../model/operation.ts';
import { managerPath } from '../model/path.ts';
import type { Body, Json } from '../model/resource.ts';
import { member, toResource } from '../model/shape.ts';
import { resourcePath } from './address.ts';
import type { Addressed, Placed, Resolve, Sayable } from './addressed.ts';
import type { Speech } from './habits.ts';
import type { ScimRequest } from './message.ts';
import { overlay } from './overlay.ts';
import { inForm, type WrittenOperation } from './patch-form.ts';
import { beforeEdits, patchOpSchema, toPatch } from './patch.ts';
import { memberElement, memberOperations, placeMembers, type MemberOperation } from './say-members.ts';

/** An operation as one request, with what had to be left out because it points to something that is not there. */
export interface Said {
  readonly kind: 'said';
  readonly request: ScimRequest;
  /** Paths of references. */
  readonly unresolved: readonly string[];
  readonly leftOut: readonly Member[];
}

/** Nothing of it can be said. */
export interface Unsayable {
  readonly kind: 'unsayable';
  readonly detail: string;
}

/** Who is meant, in the target's ids. */
export type Names = Pick<
  Addressed,
  'failedBefore' | 'remoteId' | 'version' | 'resolve' | 'allMembers' | 'known' | 'nameOf'
> & {
  /** What the target holds, where that was read; otherwise what the edits say was there. */
  readonly before?: Body;
  /** The resource as the target shows it, for one that is read before it is written back. */
  readonly shown?: object;
};

/** How an operation is said (RFC 7644 section 3.3 to 3.6). */
export function toRequest(operation: Sayable, names: Names, speech: Speech): Said | Unsayable {
  if (operation.action === 'create') return create(operation, names.resolve, speech);
  const { remoteId, version } = names;
  if (remoteId === undefined)
    return { kind: 'unsayable', detail: `dependency: ${operation.name} has no account at this target` };
  const at = {
    path: resourcePath(operation.kind, remoteId),
    ...(speech.ifMatch && version !== undefined ? { ifMatch: quoted(version) } : {}),
  };
  switch (operation.action) {
    case 'deactivate':
      return speech.deactivation === 'delete' ? deletion(at) : edit(operation, remoteId, at, names, speech);
    case 'update':
    case 'reactivate':
      return edit(operation, remoteId, at, names, speech);
    case 'delete':
      return deletion(at);
    case 'members':
      return members(operation, remoteId, at, names, speech);
    default:
      return assertNever(operation);
  }
}

type At = Pick<ScimRequest, 'path' | 'ifMatch'>;

function create({ kind, body }: Extract<Sayable, { action: 'create' }>, resolve: Resolve, speech: Speech): Said {
  const { body: said, unresolved } = inTheirIds(body, resolve);
  return {
    kind: 'said',
    request: { method: 'POST', path: resourcePath(kind), body: resource(kind, said, speech) },
    unresolved,
    leftOut: [],
  };
}

const deletion = (at: At): Said => ({
  kind: 'said',
  request: { method: 'DELETE', ...at },
  unresolved: [],
  leftOut: [],
});

/** A body as JSON; a manager is an object (RFC 7643 section 4.3), but by some a text. */
function resource(kind: Kind, body: Body, { manager }: Pick<Speech, 'manager'>): object {
  const id = body[managerPath];
  if (manager === 'reference' || typeof id !== 'string') return toResource(kind, body);
  const { [managerPath]: _, ...rest } = body;
  return toResource(kind, { ...rest, [managerAttribute]: id });
}

const managerAttribute = managerPath.replace(/\.value$/, '');

function edit(operation: EditOperation, id: RemoteId, at: At, names: Names, speech: Speech): Said | Unsayable {
  const { body, unresolved } = inTheirIds(operation.body, names.resolve);
  const left = operation.edits.map(({ path }) => path).filter((path) => unresolved.includes(path));
  if (speech.update === 'put') {
    if (operation.kind === 'Group' && names.allMembers === undefined) return membersUnknown(operation);
    return {
      kind: 'said',
      request: { method: 'PUT', ...at, body: whole(operation, id, body, names.allMembers?.(), names, speech) },
      unresolved: left,
      leftOut: [],
    };
  }
  const sayable = operation.edits.filter(({ path }) => !left.includes(path)).map((one) => translated(one, body));
  if (speech.update === 'getThenPut')
    return {
      kind: 'said',
      request: { method: 'PUT', ...at, body: writtenBack(operation, id, names.shown, sayable, speech) },
      unresolved: left,
      leftOut: [],
    };
  if (sayable.length === 0)
    return { kind: 'unsayable', detail: `dependency: whom ${left.join(', ')} points to is not at this target yet` };
  const before = names.before ?? beforeEdits(operation.edits, operation.body);
  return {
    kind: 'said',
    request: patch(at, inForm(toPatch(sayable, before, body, speech, names.shown), speech)),
    unresolved: left,
    leftOut: [],
  };
}

function members(operation: MembersOperation, id: RemoteId, at: At, names: Names, speech: Speech): Said | Unsayable {
  const { remove, add, leftOut } = placeMembers(operation, names.resolve);
  if (remove.length + add.length === 0)
    return { kind: 'unsayable', detail: 'dependency: none of these members has an account at this target yet' };
  if (speech.update === 'put') {
    if (names.allMembers === undefined || names.known === undefined) return membersUnknown(operation);
    const coming = new Map([...names.allMembers(), ...add].map((placed) => [placed.id, placed]));
    for (const gone of remove) coming.delete(gone.id);
    return {
      kind: 'said',
      request: { method: 'PUT', ...at, body: whole(operation, id, names.known, [...coming.values()], names, speech) },
      unresolved: [],
      leftOut,
    };
  }
  if (speech.update === 'getThenPut') {
    const gone = new Set<unknown>(remove.map((placed) => placed.id));
    const there = elementsOf(names.shown).filter((element) => !gone.has(member(element, 'value')));
    const added = add
      .filter((placed) => !there.some((element) => member(element, 'value') === placed.id))
      .map((placed) => memberElement(placed, speech.members, names.nameOf));
    return {
      kind: 'said',
      request: {
        method: 'PUT',
        ...at,
        body: { ...writtenBack(operation, id, names.shown, [], speech), members: [...there, ...added] },
      },
      unresolved: [],
      leftOut,
    };
  }
  return {
    kind: 'said',
    request: patch(at, memberOperations({ remove, add }, speech.members, names.nameOf)),
    unresolved: [],
    leftOut,
  };
}

const membersUnknown = ({ name }: Sayable): Unsayable => ({
  kind: 'unsayable',
  detail: `this target only takes whole groups (PUT), and what ${name} holds is not known well enough to write it without losing members`,
});

function patch(at: At, operations: readonly (WrittenOperation | MemberOperation)[]): ScimRequest {
  return { method: 'PATCH', ...at, body: { schemas: [patchOpSchema], Operations: operations } };
}

/** RFC 7644 section 3.5.1. `active` is always said: left out, it re-enables accounts at some servers and suspends them at others. */
function whole(
  { kind }: Sayable,
  id: RemoteId,
  body: Body,
  all: readonly Placed[] | undefined,
  { nameOf }: Pick<Names, 'nameOf'>,
  speech: Speech,
): object {
  const active = kind === 'User' ? { active: body['active'] ?? true } : {};
  const inGroup =
    kind === 'Group' ? { members: (all ?? []).map((placed) => memberElement(placed, speech.members, nameOf)) } : {};
  return { ...resource(kind, { ...body, ...active }, speech), id, ...inGroup };
}

/** What the target showed, with what changes. */
function writtenBack(
  operation: EditOperation | MembersOperation,
  id: RemoteId,
  shown: object | undefined,
  edits: readonly Edit[],
  { manager }: Speech,
): object {
  const said = edits.map(({ path, to }) => ({
    path: path === managerPath && manager === 'text' ? managerAttribute : path,
    to,
  }));
  const draft = overlay(operation.kind, shown ?? {}, said);
  const active = 'body' in operation ? (operation.body['active'] ?? true) : true;
  return operation.kind === 'User' ? { active, ...draft, id } : { ...draft, id };
}

function elementsOf(shown: object | undefined): readonly object[] {
  const members = member(shown, 'members');
  return Array.isArray(members)
    ? (members as unknown[]).filter((element) => typeof element === 'object' && element !== null)
    : [];
}

/** References in the target's ids; those to nobody who is there are left out. */
function inTheirIds(body: Body, resolve: Resolve): { readonly body: Body; readonly unresolved: readonly string[] } {
  const manager = body[managerPath];
  if (typeof manager !== 'string') return { body, unresolved: [] };
  const id = resolve('User', sourceKey(manager));
  if (id !== undefined) return { body: { ...body, [managerPath]: id }, unresolved: [] };
  const { [managerPath]: _, ...rest } = body;
  return { body: rest, unresolved: [managerPath] };
}

function translated(one: Edit, body: Body): Edit {
  return one.path === managerPath && one.to !== null ? { ...one, to: body[managerPath] as Json } : one;
}

/** An entity tag is quoted (RFC 9110 section 8.8.3); some servers leave the quotes out in `meta.version`. */
export const quoted = (version: string): string => (/^(W\/)?"/.test(version) ? version : `"${version}"`);
