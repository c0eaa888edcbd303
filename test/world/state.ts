import type { Company, Person } from './company.ts';

/** Users and groups by the ids of the source. `toEqual` compares the expected and the actual state. */
export interface State {
  readonly users: Readonly<Record<string, UserState>>;
  readonly groups: Readonly<Record<string, GroupState>>;
}

export interface UserState {
  readonly userName: unknown;
  readonly givenName: unknown;
  readonly familyName: unknown;
  readonly email: unknown;
  readonly title: unknown;
  readonly department: unknown;
  readonly manager: unknown;
  readonly active: unknown;
}

export interface GroupState {
  readonly displayName: unknown;
  readonly members: readonly string[];
}

interface Resource {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** @param leavers what happens to the accounts of leavers */
export function expectedState(company: Company, leavers: 'deactivate' | 'delete' = 'deactivate'): State {
  const activePeople = [...company.people.values()].filter(({ active }) => active);
  const users: Record<string, UserState> = {};
  for (const person of activePeople) users[person.id] = userState(person, company);
  if (leavers === 'deactivate')
    for (const person of company.leavers.values()) users[person.id] = { ...userState(person, company), active: false };
  const existing = new Set([...activePeople.map(({ id }) => id), ...company.teams.keys()]);
  const groups: Record<string, GroupState> = {};
  for (const { id, displayName, members } of company.teams.values()) {
    groups[id] = { displayName, members: [...members].filter((member) => existing.has(member)).sort() };
  }
  return { users, groups };
}

function userState(person: Person, company: Company): UserState {
  const { userName, givenName, familyName, email, title, department, manager } = person;
  const managerId =
    manager !== undefined && (company.people.has(manager) || company.leavers.has(manager)) ? manager : undefined;
  return { userName, givenName, familyName, email, title, department, manager: managerId, active: true };
}

/**
 * Users and groups of an application by externalId, or by id where there is no externalId. A second resource with the
 * same externalId and a dangling member or manager get a key that no expected state has.
 */
export function actualState(userList: Iterable<Resource>, groupList: Iterable<Resource>): State {
  const [allUsers, allGroups] = [[...userList], [...groupList]];
  const keys = new Map([...allUsers, ...allGroups].map(({ id, data }) => [id, String(data['externalId'] ?? id)]));
  const keyOf = (id: unknown): string => keys.get(String(id)) ?? `dangling ${String(id)}`;
  const users: Record<string, UserState> = {};
  for (const { id, data } of allUsers) {
    const key = keyOf(id);
    const extension = data[enterprise] as { department?: string; manager?: { value?: string } } | undefined;
    const name = data['name'] as { givenName?: string; familyName?: string } | undefined;
    const emails = (data['emails'] ?? []) as { type?: string; value?: string }[];
    users[key in users ? `duplicate of ${key}: ${id}` : key] = {
      userName: data['userName'],
      givenName: name?.givenName,
      familyName: name?.familyName,
      email: emails.find(({ type }) => type === 'work')?.value,
      title: data['title'],
      department: extension?.department,
      active: data['active'],
      manager: extension?.manager?.value === undefined ? undefined : keyOf(extension.manager.value),
    };
  }
  const groups: Record<string, GroupState> = {};
  for (const { id, data } of allGroups) {
    const key = keyOf(id);
    const members = ((data['members'] ?? []) as { value: string }[]).map(({ value }) => keyOf(value)).sort();
    groups[key in groups ? `duplicate of ${key}: ${id}` : key] = { displayName: data['displayName'], members };
  }
  return { users, groups };
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
