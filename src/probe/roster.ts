import { coreGroupSchema } from '../model/path.ts';
import type { Json } from '../model/resource.ts';
import { decide, sentence } from '../scim/response.ts';
import { replaced } from './change.ts';
import { finding } from './finding.ts';
import { patchOf } from './forms.ts';
import { group, isPatch, memberIds } from './grouping.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import type { Reply } from '../scim/message.ts';

/** Query parameters with which some show a group's members. */
const queries: readonly Readonly<Record<string, string>>[] = [
  {},
  { attributes: 'members' },
  { includeMembers: 'true' },
];

/** The canary group's members, as far as they can be seen. */
export interface Roster {
  /** What is asked with to see them; undefined: they are never shown. */
  readonly query: Readonly<Record<string, string>> | undefined;
  /** @returns undefined where they cannot be seen */
  members(): Promise<readonly string[] | undefined>;
  /** Waits for them to be as wanted. @returns whether they are; undefined where that cannot be seen */
  shows(wanted: readonly string[], unwanted?: readonly string[]): Promise<boolean | undefined>;
  patch(operations: readonly object[]): Promise<Reply>;
  /** Writes the whole group, with these members. */
  put(ids: readonly string[]): Promise<Reply>;
  /** The operation that adds them in the form that was found to be understood so far. */
  addition(ids: readonly string[]): object;
  /** Adds them in the form that was found to be understood so far. */
  join(ids: readonly string[]): Promise<Reply>;
  /** Removes them likewise. */
  part(ids: readonly string[]): Promise<Reply>;
}

/** Finds out by which query members are shown, once somebody is a member: an empty group proves nothing. @param present somebody who should be */
export async function openRoster(ground: Ground, canary: Canary, present: string): Promise<Roster> {
  let query: Roster['query'];
  for (const each of queries) {
    const isShown = (body: unknown): boolean => memberIds(body)?.includes(present) === true;
    const read = each === queries[0] ? await ground.readUntil(canary, isShown, each) : await ground.read(canary, each);
    if (!isShown(read.body)) continue;
    query = each;
    break;
  }
  return rosterBy(ground, canary, query);
}

export function rosterBy(ground: Ground, canary: Canary, query: Roster['query']): Roster {
  const patch: Roster['patch'] = (operations) => ground.write('PATCH', canary, patchOf(operations));

  async function members(): Promise<readonly string[] | undefined> {
    if (query === undefined) return undefined;
    const read = await ground.read(canary, query);
    return decide(read) === 'accept' ? (memberIds(read.body) ?? []) : undefined;
  }

  /** Where PATCH does nothing for members: the whole group, with these. */
  async function put(ids: readonly string[]): Promise<Reply> {
    const { body } = await ground.read(canary, query);
    return ground.write(
      'PUT',
      canary,
      replaced(body, { schemas: [coreGroupSchema], displayName: canary.name, members: elements(ids, {}) }),
    );
  }

  function addition(ids: readonly string[]): object {
    const { addMembers, memberParts } = ground.book.profile().speaks;
    const parts = {
      ...(memberParts.includes('type') ? { type: 'User' } : {}),
      ...(memberParts.includes('display') ? { display: 'Scimsync Canary' } : {}),
    };
    return additions[addMembers](opOf(ground, 'add'), ids, parts);
  }

  return {
    query,
    patch,
    members,
    put,
    addition,
    async join(ids) {
      return isPatch(ground) ? patch([addition(ids)]) : put([...new Set([...((await members()) ?? []), ...ids])]);
    },
    async part(ids) {
      if (!isPatch(ground)) return put(((await members()) ?? []).filter((id) => !ids.includes(id)));
      return patch(removals[ground.book.profile().speaks.removeMembers](opOf(ground, 'remove'), ids));
    },
    async shows(wanted, unwanted = []) {
      if (query === undefined) return undefined;
      const isSo = (body: unknown): boolean => {
        const ids = memberIds(body) ?? [];
        return wanted.every((id) => ids.includes(id)) && !unwanted.some((id) => ids.includes(id));
      };
      return isSo((await ground.readUntil(canary, isSo, query)).body);
    },
  };
}

export function opOf(ground: Ground, op: 'add' | 'remove'): string {
  if (ground.book.profile().speaks.patchOps === 'lower') return op;
  return op === 'add' ? 'Add' : 'Remove';
}

/** The ways to write "these become members". */
export const additions: Readonly<
  Record<'list' | 'object' | 'noPath', (op: string, ids: readonly string[], parts?: object) => object>
> = {
  list: (op, ids, parts = {}) => ({ op, path: 'members', value: elements(ids, parts) }),
  object: (op, ids, parts = {}) => ({ op, path: 'members', value: { members: elements(ids, parts) } }),
  noPath: (op, ids, parts = {}) => ({ op, value: { members: elements(ids, parts) } }),
};

/** The ways to write "these are members no more". */
export const removals: Readonly<Record<'filter' | 'list', (op: string, ids: readonly string[]) => readonly object[]>> =
  {
    filter: (op, ids) => ids.map((id) => ({ op, path: `members[value eq ${JSON.stringify(id)}]` })),
    list: (op, ids) => [{ op, path: 'members', value: elements(ids, {}) }],
  };

const elements = (ids: readonly string[], parts: object): readonly Json[] => ids.map((value) => ({ value, ...parts }));

/** What becomes of members that a new group brings. */
export async function bornWithMembers(
  ground: Ground,
  people: readonly string[],
  query: Roster['query'],
): Promise<void> {
  const { reply, canary } = await ground.create('Group', (name) =>
    group(name, { members: elements(people.slice(0, 1), {}) }),
  );
  const about = 'members';
  if (canary === undefined) {
    ground.book.note(finding(about, `a new group that brings members is refused: ${sentence(reply)}`));
    return;
  }
  const kept = await rosterBy(ground, canary, query).shows(people.slice(0, 1));
  ground.book.note(
    finding(
      about,
      kept === true
        ? 'a new group may bring members'
        : kept === false
          ? 'members that a new group brings are left out without a word'
          : 'a new group that brings members is taken; whether they stay is not shown',
    ),
  );
}
