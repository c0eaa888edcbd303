import type { SourceKey } from '../../model/ids.ts';
import type { ChangedMember, MembersOperation, Operation, ResourceOperation } from '../../model/operation.ts';
import type { HeldByFreeze } from '../../model/plan.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { PlanningTarget, StateView } from '../../store/store.ts';

/** The freezes in one planning of a target, and what they hold back. */
export interface FrozenUsers {
  /**
   * Whether freezes hold back what concerns this record: a frozen user, or the deletion of a group that contains one.
   *
   * @param action what would be done with it; undefined: nothing
   */
  holdsBack(
    resourceType: ResourceType,
    key: SourceKey,
    action: ResourceOperation['action'] | 'recreate' | undefined,
  ): boolean;
  /** The freeze of the user ended since the target was last planned. */
  isThawed(key: SourceKey): boolean;
  /** Counts an operation that is held back. */
  add(operation: ResourceOperation): void;
  /** Counts a change of a membership that is held back. */
  addMembership(group: Pick<MembersOperation, 'key' | 'name'>, member: ChangedMember, change: 'add' | 'remove'): void;
  held(): HeldByFreeze;
}

/** More operations are counted, and not listed. */
const maxListed = 1_000;

/** Reads which users are frozen, for one planning of a target. */
export async function loadFrozenUsers(
  { suspensions }: Pick<StateView, 'suspensions'>,
  store: PlanningTarget,
): Promise<FrozenUsers> {
  const keys = new Set(suspensions.freezes().map(({ key }) => key));
  const groups = keys.size === 0 ? new Set<SourceKey>() : await store.groupsOfFrozen();
  const thawed = await store.thawedUsers();
  const resources: Operation[] = [];
  const members = new Map<SourceKey, MembersOperation>();
  let total = 0;
  return {
    holdsBack: (resourceType, key, action) =>
      resourceType === 'User' ? keys.has(key) : action === 'delete' && groups.has(key),
    isThawed: (key) => thawed.has(key),
    add(operation) {
      total += 1;
      if (resources.length < maxListed) resources.push(operation);
    },
    addMembership({ key, name }, member, change) {
      total += 1;
      if (members.size >= maxListed && !members.has(key)) return;
      const { add, remove } = members.get(key) ?? { add: [], remove: [] };
      members.set(key, {
        ...{ action: 'members', resourceType: 'Group', key, name, reason: 'memberships changed' },
        add: change === 'add' ? [...add, member] : add,
        remove: change === 'remove' ? [...remove, member] : remove,
      });
    },
    held: () => ({ total, operations: [...resources, ...members.values()] }),
  };
}
