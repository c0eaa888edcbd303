import { remoteId, sourceKey } from '../../model/ids.ts';
import { coreGroupSchema } from '../../model/path.ts';
import type { Protocol } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import { memberOperations, type MemberOperation, type MemberPatchStyle } from '../../scim/encode/member-patch.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { recordKey } from '../../model/record-key.ts';
import type { MemberRef } from '../../scim/encode/references.ts';
import type { Response } from '../../scim/transport/message.ts';
import { putBody } from '../protocol/set-attributes.ts';
import { finding } from '../finding.ts';
import { patchBody } from '../protocol/patch-variants.ts';
import { groupResource, memberIds } from './groups.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';

/** Query parameters with which targets return the members of a group. */
const memberQueries: readonly Readonly<Record<string, string>>[] = [
  {},
  { attributes: 'members' },
  { includeMembers: 'true' },
];

/** Ids of users that one PATCH adds to a group and removes from it. */
export interface MemberChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/**
 * How members change: `patch`: by add and remove · `replace`: by PATCH of the complete list · `put`: by PUT of the
 * group.
 */
export type MembersMethod = 'patch' | 'replace' | 'put';

/** Reads and writes the members of a canary group. */
export interface GroupMembers {
  readonly method: MembersMethod;
  /** The query with which a read returns members; undefined: reads never return them. */
  readonly query: Readonly<Record<string, string>> | undefined;
  /** @returns undefined if reads do not return members */
  read(): Promise<readonly string[] | undefined>;
  /**
   * Waits until the group has the expected members.
   * @returns whether it has; undefined if reads do not return members, or fail
   */
  verify(expected: readonly string[], unexpected?: readonly string[]): Promise<boolean | undefined>;
  /** Sends one PATCH, even where the profile updates groups by PUT. @param style overrides settings of the profile */
  patch(change: MemberChange, style?: Partial<MemberPatchStyle>): Promise<Response>;
  /** Path and body of the PATCH, for an operation of a Bulk request. */
  patchRequest(change: MemberChange): { readonly path: string; readonly body: object };
  /** Sends a PUT of the group with these members. */
  put(ids: readonly string[]): Promise<Response>;
  /** Writes the complete list of members by one PATCH with `replace`. */
  replace(ids: readonly string[]): Promise<Response>;
  /** Adds members in the form that is known to work. */
  add(ids: readonly string[]): Promise<Response>;
  /** Removes members in the form that is known to work. */
  remove(ids: readonly string[]): Promise<Response>;
}

/**
 * Detects the query with which reads return members.
 * @param memberId a member of the group, if the target did not ignore it
 */
export async function discoverGroupMembers(
  session: ProbeSession,
  canary: Canary,
  memberId: string,
  method: MembersMethod,
): Promise<GroupMembers> {
  const hasMember = (body: unknown): boolean => memberIds(body)?.includes(memberId) === true;
  let withList: GroupMembers['query'];
  for (const query of memberQueries) {
    const response =
      query === memberQueries[0]
        ? await session.readUntil(canary, hasMember, query)
        : await session.read(canary, query);
    if (hasMember(response.body)) return createGroupMembers(session, canary, query, method);
    // A list without the member: the target returns members, and has ignored this one.
    if (decide(response) === 'accept' && memberIds(response.body) !== undefined) withList ??= query;
  }
  return createGroupMembers(session, canary, withList, method);
}

/** The requests that read and change the members of one canary group. */
export function createGroupMembers(
  session: ProbeSession,
  canary: Canary,
  query: GroupMembers['query'],
  method: MembersMethod,
): GroupMembers {
  const bodyOf = (change: MemberChange, style: Partial<MemberPatchStyle> = {}): object =>
    patchBody(patchOperations(change, { ...session.findings.profile().protocol, ...style }));
  const patch: GroupMembers['patch'] = (change, style) => session.write('PATCH', canary, bodyOf(change, style));
  const replace: GroupMembers['replace'] = (ids) => patch({ add: ids }, { addMembers: 'replace' });

  async function read(): Promise<readonly string[] | undefined> {
    if (query === undefined) return undefined;
    const response = await session.read(canary, query);
    return decide(response) === 'accept' ? (memberIds(response.body) ?? []) : undefined;
  }

  async function put(ids: readonly string[]): Promise<Response> {
    const { body } = await session.read(canary, query);
    return session.write(
      'PUT',
      canary,
      putBody(body, { schemas: [coreGroupSchema], displayName: canary.name, members: memberElements(ids) }),
    );
  }
  const writeAll = (ids: readonly string[]): Promise<Response> => (method === 'put' ? put(ids) : replace(ids));

  return {
    method,
    query,
    patch,
    patchRequest: (change) => ({ path: session.path('Group', canary.id), body: bodyOf(change) }),
    replace,
    read,
    put,
    async add(ids) {
      return method === 'patch' ? patch({ add: ids }) : writeAll([...new Set([...((await read()) ?? []), ...ids])]);
    },
    async remove(ids) {
      if (method === 'patch') return patch({ remove: ids });
      return writeAll(((await read()) ?? []).filter((id) => !ids.includes(id)));
    },
    async verify(expected, unexpected = []) {
      if (query === undefined) return undefined;
      const isExpected = (body: unknown): boolean => {
        const ids = memberIds(body) ?? [];
        return expected.every((id) => ids.includes(id)) && !unexpected.some((id) => ids.includes(id));
      };
      const response = await session.readUntil(canary, isExpected, query);
      return decide(response) === 'accept' ? isExpected(response.body) : undefined;
    },
  };
}

function patchOperations({ add = [], remove = [] }: MemberChange, protocol: Protocol): readonly MemberOperation[] {
  const members = add.map(toMemberRef);
  const names = new Map(members.map(({ member }) => [recordKey(member), 'Scimsync Canary']));
  return memberOperations({ add: members, remove: remove.map(toMemberRef) }, protocol, names);
}

/** Canaries have no source key; their id takes its place. */
const toMemberRef = (id: string): MemberRef => ({
  id: remoteId(id),
  member: { resourceType: 'User', key: sourceKey(id) },
});

const memberElements = (ids: readonly string[]): readonly Json[] => ids.map((value) => ({ value }));

/** Creates a group with a member. */
export async function probeCreateWithMembers(
  session: ProbeSession,
  userIds: readonly string[],
  query: GroupMembers['query'],
): Promise<void> {
  const { response, canary } = await session.create('Group', (name) =>
    groupResource(name, { members: memberElements(userIds.slice(0, 1)) }),
  );
  const topic = 'members';
  if (canary === undefined) {
    session.findings.add(finding(topic, `a create of a group with members is refused: ${errorSummary(response)}`));
    return;
  }
  const isStored = await createGroupMembers(session, canary, query, 'patch').verify(userIds.slice(0, 1));
  session.findings.add(
    finding(
      topic,
      isStored === true
        ? 'a create of a group with members works'
        : isStored === false
          ? 'a create of a group with members ignores them'
          : 'a create of a group with members is accepted; the effect is not visible',
    ),
  );
}
