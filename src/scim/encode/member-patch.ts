import type { Member, MembersOperation } from '../../model/operation.ts';
import { recordKey } from '../../model/record-key.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Protocol } from '../../model/profile.ts';
import { getIgnoringCase, type JsonObject } from '../../model/scim-json.ts';
import { resourcePath } from './urls.ts';
import type { DisplayNames, MemberRef, ResolveId } from './references.ts';
import { withOpCase } from './patch-form.ts';

/** How membership changes are encoded. */
export type MemberPatchStyle = Pick<Protocol, 'addMembers' | 'removeMembers' | 'memberSubAttributes' | 'patchOps'>;

/** One operation of a PATCH (RFC 7644 section 3.5.2). */
export interface MemberOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: readonly JsonObject[] | { readonly members: readonly JsonObject[] };
}

/** The members that an operation adds and removes, with their ids at the target. */
export interface ResolvedMembers {
  readonly remove: readonly MemberRef[];
  readonly add: readonly MemberRef[];
  /** Members without an account at the target. */
  readonly unresolvedMembers: readonly Member[];
}

/** Looks up the ids of all members of an operation. */
export function resolveMembers(
  { remove, add }: Pick<MembersOperation, 'remove' | 'add'>,
  resolve: ResolveId,
): ResolvedMembers {
  const unresolvedMembers: Member[] = [];
  const resolveAll = (list: readonly Member[]): readonly MemberRef[] =>
    list.flatMap((member) => {
      const id = resolve(member.resourceType, member.key);
      if (id === undefined) unresolvedMembers.push(member);
      return id === undefined ? [] : [{ member, id }];
    });
  return { remove: resolveAll(remove), add: resolveAll(add), unresolvedMembers };
}

/** An element of `members` (RFC 7643 section 4.2). */
export function memberElement(
  { member, id }: MemberRef,
  { memberSubAttributes }: MemberPatchStyle,
  names?: DisplayNames,
): JsonObject {
  const element: JsonObject = { value: id };
  for (const part of memberSubAttributes) {
    if (part === 'type') element['type'] = member.resourceType;
    // RFC 7643 section 2.3.7: a reference may be relative, and the public base URL of the target is not known for
    // certain.
    else if (part === '$ref') element['$ref'] = `..${resourcePath(member.resourceType, id)}`;
    else element['display'] = names?.get(recordKey(member)) ?? id;
  }
  return element;
}

/** The operations of a membership PATCH (RFC 7644 section 3.5.2), removals first. */
export function memberOperations(
  { remove, add }: Pick<ResolvedMembers, 'remove' | 'add'>,
  style: MemberPatchStyle,
  names?: DisplayNames,
): readonly MemberOperation[] {
  return withOpCase(
    [
      ...removeOperations(remove, style),
      ...addOperations(
        add.map((memberRef) => memberElement(memberRef, style, names)),
        style,
      ),
    ],
    style.patchOps,
  );
}

/**
 * With removal by filter, one operation per member: some servers treat a filter joined by "or" as "remove all members",
 * and all servers accept several operations.
 */
function removeOperations(
  removed: readonly MemberRef[],
  { removeMembers }: MemberPatchStyle,
): readonly MemberOperation[] {
  if (removeMembers === 'filter')
    return removed.map(({ id }) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` }));
  return removed.length === 0
    ? []
    : [{ op: 'remove', path: 'members', value: removed.map(({ id }) => ({ value: id })) }];
}

function addOperations(elements: readonly JsonObject[], { addMembers }: MemberPatchStyle): readonly MemberOperation[] {
  if (elements.length === 0) return [];
  switch (addMembers) {
    case 'list':
      return [{ op: 'add', path: 'members', value: elements }];
    case 'object':
      return [{ op: 'add', path: 'members', value: { members: elements } }];
    case 'noPath':
      return [{ op: 'add', value: { members: elements } }];
    case 'replace':
      return replaceMembers(elements);
  }
}

/** Sets the complete list of members. */
export const replaceMembers = (elements: readonly JsonObject[]): readonly MemberOperation[] => [
  { op: 'replace', path: 'members', value: elements },
];

/**
 * Whether a membership change reads the group and writes all its members: by PUT, or by PATCH with `replace` where
 * `add` would remove the other members.
 */
export const mergesMembers = ({
  updateMethod,
  memberStyle,
}: {
  readonly updateMethod: 'patch' | 'put' | 'getThenPut';
  readonly memberStyle: MemberPatchStyle;
}): boolean => updateMethod === 'getThenPut' || (updateMethod === 'patch' && memberStyle.addMembers === 'replace');

/** All members of a group after a change, as elements of the group that a complete read returned (whole-read.ts). */
export function mergeMembers(
  currentResource: object | undefined,
  { remove, add }: Pick<ResolvedMembers, 'remove' | 'add'>,
  style: MemberPatchStyle,
  names?: DisplayNames,
): readonly JsonObject[] {
  const members = getIgnoringCase(currentResource, 'members');
  const removedIds = new Set<unknown>(remove.map(({ id }) => id));
  const returned = (Array.isArray(members) ? (members as unknown[]) : []).filter(
    (element): element is JsonObject => typeof element === 'object' && element !== null,
  );
  const ids = new Set(returned.map((element) => getIgnoringCase(element, 'value')));
  const added = add.filter(({ id }) => !ids.has(id) && !removedIds.has(id));
  const unique = new Map(added.map((memberRef) => [memberRef.id, memberRef]));
  return [
    ...returned.filter((element) => !removedIds.has(getIgnoringCase(element, 'value'))),
    ...[...unique.values()].map((memberRef) => memberElement(memberRef, style, names)),
  ];
}

/** The members of a group in a PUT of its own attributes. */
export function membersInPut(
  resourceType: ResourceType,
  currentResource: object | undefined,
  style: MemberPatchStyle,
): { readonly members?: readonly JsonObject[] } {
  if (resourceType !== 'Group') return {};
  const members = mergeMembers(currentResource, { remove: [], add: [] }, style);
  return members.length === 0 ? {} : { members };
}

/** Number of bytes that one membership change adds to a request. */
export function encodedSize(
  { member, isRemoval }: { readonly member: Member; readonly isRemoval: boolean },
  resolve: ResolveId,
  style: MemberPatchStyle,
  names?: DisplayNames,
): number {
  const id = resolve(member.resourceType, member.key);
  if (id === undefined) return 0;
  const memberRef = { member, id };
  const encodedChange = isRemoval ? removeOperations([memberRef], style) : [memberElement(memberRef, style, names)];
  return Buffer.byteLength(JSON.stringify(encodedChange), 'utf8');
}
