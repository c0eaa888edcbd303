import type { RemoteId } from '../../model/ids.ts';
import type { FactName } from '../../model/target/learned-fact.ts';
import type { MembershipChange } from '../encode/member-batches.ts';
import type { LearnedFacts } from './learned-facts.ts';

/** After this number of refused single members in a row, batches are sent whole and not bisected any more. */
const maxMembers = 16;
/** After this number of refused whole batches, each further operation on the group is sent only once. */
const maxBatches = 8;

type Changes = readonly Pick<MembershipChange, 'isRemoval'>[];

/**
 * Refusals by one group in a row, over all operations of a pass. Additions and removals are counted separately: a group
 * that takes no new members must still lose those who leave. A request with both counts as an addition.
 */
export interface GroupRefusals {
  /** Whether a refused request with these changes is not bisected any more. */
  areTooMany(changes: Changes): boolean;
  /** Whether requests with these changes are sent only once per operation. */
  areSentOnce(changes: Changes): boolean;
  /** The group accepted a request with these changes. */
  accepted(changes: Changes): void;
  /** The group refused one member, or one whole batch. */
  refused(changes: Changes, status: number): void;
}

/** The refusals of all groups of a target. That a group refuses all new members is known to the next passes. */
export function createGroupRefusals(facts: LearnedFacts): { of(group: RemoteId): GroupRefusals } {
  const groups = new Map<RemoteId, GroupRefusals>();
  return {
    of(group) {
      const refusals = groups.get(group) ?? createRefusals(facts, group);
      groups.set(group, refusals);
      return refusals;
    },
  };
}

function createRefusals(facts: LearnedFacts, group: RemoteId): GroupRefusals {
  const fact: FactName = { kind: 'membersRefused', subject: group };
  const additions = facts.appliesTo(fact) ? { members: maxMembers, batches: maxBatches - 1 } : noRefusals();
  const removals = noRefusals();
  const isAddition = (changes: Changes): boolean => changes.some(({ isRemoval }) => !isRemoval);
  const countersOf = (changes: Changes): ReturnType<typeof noRefusals> => (isAddition(changes) ? additions : removals);
  return {
    areTooMany: (changes) => countersOf(changes).members >= maxMembers,
    areSentOnce: (changes) => countersOf(changes).batches >= maxBatches,
    accepted(changes) {
      const counters = countersOf(changes);
      counters.members = counters.batches = 0;
      if (isAddition(changes)) facts.accepted(fact);
    },
    refused(changes, status) {
      const counters = countersOf(changes);
      if (counters.members >= maxMembers) {
        counters.batches += 1;
        return;
      }
      counters.members += 1;
      if (counters === additions && counters.members === maxMembers) facts.refused(fact, { resource: group, status });
    },
  };
}

const noRefusals = (): { members: number; batches: number } => ({ members: 0, batches: 0 });
