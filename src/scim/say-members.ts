import type { Member, MembersOperation } from '../model/operation.ts';
import type { Speaks } from '../model/profile.ts';
import type { Nested } from '../model/shape.ts';
import { resourcePath } from './address.ts';
import type { Placed, Resolve } from './addressed.ts';
import { withOps } from './patch-form.ts';

/** How memberships are written. */
export type MemberWords = Pick<Speaks, 'addMembers' | 'removeMembers' | 'memberParts' | 'patchOps'>;

/** What a member is called at the target. */
export type NameOf = (member: Member) => string | undefined;

/** One operation of a PATCH (RFC 7644 section 3.5.2). */
export interface MemberOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: readonly Nested[] | { readonly members: readonly Nested[] };
}

/** Whom an operation brings in and takes out, in the target's ids. */
export interface Coming {
  readonly remove: readonly Placed[];
  readonly add: readonly Placed[];
  /** Who has no account there yet. */
  readonly leftOut: readonly Member[];
}

export function placeMembers({ remove, add }: Pick<MembersOperation, 'remove' | 'add'>, resolve: Resolve): Coming {
  const leftOut: Member[] = [];
  const placed = (list: readonly Member[]): readonly Placed[] =>
    list.flatMap((member) => {
      const id = resolve(member.kind, member.key);
      if (id === undefined) leftOut.push(member);
      return id === undefined ? [] : [{ member, id }];
    });
  return { remove: placed(remove), add: placed(add), leftOut };
}

/** An element of `members` (RFC 7643 section 4.2). */
export function memberElement(
  { member, id }: Placed,
  { memberParts }: MemberWords,
  nameOf: NameOf = () => undefined,
): Nested {
  const element: Nested = { value: id };
  for (const part of memberParts) {
    if (part === 'type') element['type'] = member.kind;
    // RFC 7643 section 2.3.7: a reference may be relative, and how the target names itself is not known for certain.
    else if (part === '$ref') element['$ref'] = `..${resourcePath(member.kind, id)}`;
    else element['display'] = nameOf(member) ?? id;
  }
  return element;
}

/** Whom a PATCH takes out and brings in (RFC 7644 section 3.5.2), removals first. */
export function memberOperations(
  { remove, add }: Pick<Coming, 'remove' | 'add'>,
  words: MemberWords,
  nameOf?: NameOf,
): readonly MemberOperation[] {
  return withOps(
    [
      ...removals(remove, words),
      ...additions(
        add.map((placed) => memberElement(placed, words, nameOf)),
        words,
      ),
    ],
    words.patchOps,
  );
}

/** By filter, one operation for each: some servers read a filter joined by "or" as "remove everybody", and none of them minds many. */
function removals(gone: readonly Placed[], { removeMembers }: MemberWords): readonly MemberOperation[] {
  if (removeMembers === 'filter')
    return gone.map(({ id }) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` }));
  return gone.length === 0 ? [] : [{ op: 'remove', path: 'members', value: gone.map(({ id }) => ({ value: id })) }];
}

function additions(list: readonly Nested[], { addMembers }: MemberWords): readonly MemberOperation[] {
  if (list.length === 0) return [];
  switch (addMembers) {
    case 'list':
      return [{ op: 'add', path: 'members', value: list }];
    case 'object':
      return [{ op: 'add', path: 'members', value: { members: list } }];
    case 'noPath':
      return [{ op: 'add', value: { members: list } }];
  }
}

/** How many bytes one membership adds to a request. */
export function bytesOfMember(
  { member, isRemoval }: { readonly member: Member; readonly isRemoval: boolean },
  resolve: Resolve,
  words: MemberWords,
  nameOf?: NameOf,
): number {
  const id = resolve(member.kind, member.key);
  if (id === undefined) return 0;
  const placed = { member, id };
  const written = isRemoval ? removals([placed], words) : [memberElement(placed, words, nameOf)];
  return Buffer.byteLength(JSON.stringify(written), 'utf8');
}
