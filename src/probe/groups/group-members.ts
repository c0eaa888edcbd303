import { coreGroupSchema } from '../../model/path.ts';
import type { Json } from '../../model/resource.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { putBody } from '../protocol/set-attributes.ts';
import { finding } from '../finding.ts';
import { patchBody } from '../protocol/patch-variants.ts';
import { groupResource, groupsUsePatch, memberIds } from './groups.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import type { Response } from '../../scim/transport/message.ts';

/** Query parameters with which some show a group's members. */
const memberQueries: readonly Readonly<Record<string, string>>[] = [
  {},
  { attributes: 'members' },
  { includeMembers: 'true' },
];

/** The canary group's members, as far as they can be seen. */
export interface GroupMembers {
  /** What is asked with to see them; undefined: they are never shown. */
  readonly query: Readonly<Record<string, string>> | undefined;
  /** @returns undefined where they cannot be seen */
  read(): Promise<readonly string[] | undefined>;
  /** Waits for them to be as wanted. @returns whether they are; undefined where that cannot be seen */
  verify(expected: readonly string[], unexpected?: readonly string[]): Promise<boolean | undefined>;
  patch(operations: readonly object[]): Promise<Response>;
  /** Writes the whole group, with these members. */
  put(ids: readonly string[]): Promise<Response>;
  /** The operation that adds them in the form that was found to be understood so far. */
  addOperation(ids: readonly string[]): object;
  /** Adds them in the form that was found to be understood so far. */
  add(ids: readonly string[]): Promise<Response>;
  /** Removes them likewise. */
  remove(ids: readonly string[]): Promise<Response>;
}

/** Finds out by which query members are shown, once somebody is a member: an empty group proves nothing. @param present somebody who should be */
export async function discoverGroupMembers(
  session: ProbeSession,
  canary: Canary,
  present: string,
): Promise<GroupMembers> {
  let query: GroupMembers['query'];
  for (const each of memberQueries) {
    const isShown = (body: unknown): boolean => memberIds(body)?.includes(present) === true;
    const response =
      each === memberQueries[0] ? await session.readUntil(canary, isShown, each) : await session.read(canary, each);
    if (!isShown(response.body)) continue;
    query = each;
    break;
  }
  return createGroupMembers(session, canary, query);
}

export function createGroupMembers(session: ProbeSession, canary: Canary, query: GroupMembers['query']): GroupMembers {
  const patch: GroupMembers['patch'] = (operations) => session.write('PATCH', canary, patchBody(operations));

  async function read(): Promise<readonly string[] | undefined> {
    if (query === undefined) return undefined;
    const response = await session.read(canary, query);
    return decide(response) === 'accept' ? (memberIds(response.body) ?? []) : undefined;
  }

  /** Where PATCH does nothing for members: the whole group, with these. */
  async function put(ids: readonly string[]): Promise<Response> {
    const { body } = await session.read(canary, query);
    return session.write(
      'PUT',
      canary,
      putBody(body, { schemas: [coreGroupSchema], displayName: canary.name, members: memberElements(ids, {}) }),
    );
  }

  function addOperation(ids: readonly string[]): object {
    const { addMembers, memberSubAttributes } = session.findings.profile().protocol;
    const subAttributes = {
      ...(memberSubAttributes.includes('type') ? { type: 'User' } : {}),
      ...(memberSubAttributes.includes('display') ? { display: 'Scimsync Canary' } : {}),
    };
    return addOperations[addMembers](opName(session, 'add'), ids, subAttributes);
  }

  return {
    query,
    patch,
    read,
    put,
    addOperation,
    async add(ids) {
      return groupsUsePatch(session)
        ? patch([addOperation(ids)])
        : put([...new Set([...((await read()) ?? []), ...ids])]);
    },
    async remove(ids) {
      if (!groupsUsePatch(session)) return put(((await read()) ?? []).filter((id) => !ids.includes(id)));
      return patch(removeOperations[session.findings.profile().protocol.removeMembers](opName(session, 'remove'), ids));
    },
    async verify(expected, unexpected = []) {
      if (query === undefined) return undefined;
      const isExpected = (body: unknown): boolean => {
        const ids = memberIds(body) ?? [];
        return expected.every((id) => ids.includes(id)) && !unexpected.some((id) => ids.includes(id));
      };
      return isExpected((await session.readUntil(canary, isExpected, query)).body);
    },
  };
}

export function opName(session: ProbeSession, op: 'add' | 'remove'): string {
  if (session.findings.profile().protocol.patchOps === 'lower') return op;
  return op === 'add' ? 'Add' : 'Remove';
}

/** The ways to write "these become members". */
export const addOperations: Readonly<
  Record<'list' | 'object' | 'noPath', (op: string, ids: readonly string[], subAttributes?: object) => object>
> = {
  list: (op, ids, subAttributes = {}) => ({ op, path: 'members', value: memberElements(ids, subAttributes) }),
  object: (op, ids, subAttributes = {}) => ({
    op,
    path: 'members',
    value: { members: memberElements(ids, subAttributes) },
  }),
  noPath: (op, ids, subAttributes = {}) => ({ op, value: { members: memberElements(ids, subAttributes) } }),
};

/** The ways to write "these are members no more". */
export const removeOperations: Readonly<
  Record<'filter' | 'list', (op: string, ids: readonly string[]) => readonly object[]>
> = {
  filter: (op, ids) => ids.map((id) => ({ op, path: `members[value eq ${JSON.stringify(id)}]` })),
  list: (op, ids) => [{ op, path: 'members', value: memberElements(ids, {}) }],
};

const memberElements = (ids: readonly string[], subAttributes: object): readonly Json[] =>
  ids.map((value) => ({ value, ...subAttributes }));

/** What becomes of members that a new group brings. */
export async function probeCreateWithMembers(
  session: ProbeSession,
  userIds: readonly string[],
  query: GroupMembers['query'],
): Promise<void> {
  const { response, canary } = await session.create('Group', (name) =>
    groupResource(name, { members: memberElements(userIds.slice(0, 1), {}) }),
  );
  const topic = 'members';
  if (canary === undefined) {
    session.findings.add(finding(topic, `a new group that brings members is refused: ${errorSummary(response)}`));
    return;
  }
  const isStored = await createGroupMembers(session, canary, query).verify(userIds.slice(0, 1));
  session.findings.add(
    finding(
      topic,
      isStored === true
        ? 'a new group may bring members'
        : isStored === false
          ? 'members that a new group brings are left out without a word'
          : 'a new group that brings members is taken; whether they stay is not shown',
    ),
  );
}
