import type { Random } from '../../../src/model/clock.ts';
import type { Resource } from '../../../src/sandbox/sandbox.ts';
import { shuffled } from '../../world/random.ts';
import type { AdversaryServer } from './server.ts';
import type { Temper } from './temper.ts';

/** What an administrator added, and scimsync may not remove. */
export type Addition =
  | { readonly kind: 'member'; readonly group: string; readonly user: string }
  | { readonly kind: 'role'; readonly user: string; readonly value: string };

const pathOf = ({ id, meta }: Resource): string =>
  `/${meta.resourceType === 'Group' ? 'Groups' : 'Users'}/${encodeURIComponent(id)}`;

export interface Administrator {
  readonly additions: readonly Addition[];
  /** Ids of the resources that were deleted by hand. */
  readonly deletedIds: ReadonlySet<string>;
  /** Works at the server after a pass. @param closed accounts that the pass has closed */
  work(closed: readonly Resource[]): Promise<void>;
}

/** Changes accounts of scimsync by hand. @param isOurs whether scimsync manages a resource */
export function createAdministrator(
  server: AdversaryServer,
  { byHand }: Temper,
  random: Random,
  otherAccounts: readonly string[],
  isOurs: (resource: Resource) => boolean,
): Administrator {
  let additions: readonly Addition[] = [];
  const deletedIds = new Set<string>();
  const ours = (): readonly Resource[] => [...server.users(), ...server.groups()].filter(isOurs);
  const isLucky = (probability: number): boolean => probability > 0 && random() < probability;

  async function remove(resource: Resource): Promise<void> {
    deletedIds.add(resource.id);
    await server.byHand('DELETE', pathOf(resource));
  }

  async function reactivate(account: Resource): Promise<void> {
    await server.byHand('PUT', pathOf(account), { ...account, active: true });
  }

  /** The same resource under another id, as after a merge of accounts. Its memberships move with it. */
  async function changeId(resource: Resource): Promise<void> {
    const groups = server.groups().filter((group) => membersOf(group).includes(resource.id));
    await remove(resource);
    const { id: _id, meta, members: _members, ...rest } = resource;
    const members = membersOf(resource).filter((member) => server.find(member) !== undefined);
    const id = await server.byHand('POST', meta.resourceType === 'Group' ? '/Groups' : '/Users', {
      ...rest,
      ...(members.length === 0 ? {} : { members: members.map((value) => ({ value })) }),
    });
    if (id === undefined) throw new Error(`no id of the new ${meta.resourceType}`);
    for (const { id: group } of groups) await addMember(group, id);
    additions = additions.map((one) => ({
      ...one,
      ...(one.user === resource.id ? { user: id } : {}),
      ...('group' in one && one.group === resource.id ? { group: id } : {}),
    }));
  }

  /** By PUT, which each server supports. */
  async function addMember(group: string, member: string): Promise<void> {
    const current = server.find(group);
    if (current === undefined) return;
    const members = [...membersOf(current), member].filter((id) => server.find(id) !== undefined);
    await server.byHand('PUT', pathOf(current), { ...current, members: members.map((value) => ({ value })) });
  }

  async function addRole(account: Resource, value: string): Promise<void> {
    const roles = (account['roles'] as readonly object[] | undefined) ?? [];
    await server.byHand('PUT', pathOf(account), { ...account, roles: [...roles, { value }] });
  }

  async function add(resource: Resource): Promise<void> {
    const [otherAccount = ''] = otherAccounts;
    if (resource.meta.resourceType === 'Group') {
      await addMember(resource.id, otherAccount);
      additions = [...additions, { kind: 'member', group: resource.id, user: otherAccount }];
    } else {
      const value = `by-hand-${additions.length}`;
      await addRole(resource, value);
      additions = [...additions, { kind: 'role', user: resource.id, value }];
    }
  }

  return {
    deletedIds,
    get additions() {
      return additions;
    },
    async work(closed) {
      for (const account of closed) if (isLucky(byHand.reactivations)) await reactivate(account);
      const [first, second, third] = shuffled(random, ours());
      if (first !== undefined && isLucky(byHand.deletions)) await remove(first);
      if (second !== undefined && isLucky(byHand.newIds)) await changeId(second);
      if (third !== undefined && isLucky(byHand.additions)) await add(third);
    },
  };
}

/** Ids of a group's members. */
export function membersOf(group: Resource): readonly string[] {
  const members = group['members'];
  return Array.isArray(members) ? members.map((member) => String((member as { value?: unknown }).value)) : [];
}

/** The additions that the server does not hold any more, although it holds their resource. */
export function lostAdditions(additions: readonly Addition[], server: AdversaryServer): readonly Addition[] {
  return additions.filter((one) => {
    const resource = server.find(one.kind === 'member' ? one.group : one.user);
    if (resource === undefined) return false;
    return one.kind === 'member'
      ? !membersOf(resource).includes(one.user)
      : !JSON.stringify(resource['roles'] ?? []).includes(`"${one.value}"`);
  });
}
