import type { Operation } from '../../model/operation.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { PlanContext } from '../plan-context.ts';
import { requestedName } from './rename-operations.ts';

/** Users of one planning who would get the same userName. */
export interface DuplicateNames {
  /** Notes the operation, and the earlier one that requests the same userName: neither is sent. */
  check(operation: Operation): Promise<void>;
  isRefused(operation: Operation): boolean;
}

/**
 * Finds users who would get the same userName by one plan: two new users, or a new user and a renamed one. Nothing
 * shows which of them it belongs to. A userName is unique without regard to case (RFC 7643 section 4.1.1); the
 * displayName of a group need not be unique, so the target decides about groups.
 */
export function createDuplicateNames(context: PlanContext): DuplicateNames {
  const refused = new Set<SourceKey>();
  context.store.clearNameRequests();

  const refuse = async (key: SourceKey, name: string, keys: string): Promise<void> => {
    if (refused.has(key)) return;
    refused.add(key);
    await context.withdraw('User', key);
    context.plannedStates.postpone('User', key);
    context.note({ resourceType: 'User', key, name }, duplicateNameText(name, keys), true);
  };

  return {
    async check(operation) {
      const name = operation.resourceType === 'User' ? requestedName(operation) : undefined;
      if (name === undefined) return;
      const earlier = context.store.requestName('User', name.toLowerCase(), operation.key);
      if (earlier === undefined) return;
      await refuse(earlier, name, `${earlier} and ${operation.key}`);
      await refuse(operation.key, name, `${earlier} and ${operation.key}`);
    },
    isRefused: ({ resourceType, key }) => resourceType === 'User' && refused.has(key),
  };
}

/** The message about two users with one userName. */
export const duplicateNameText = (name: string, keys: string): string =>
  `the userName "${name}" belongs to the keys ${keys}; neither is sent. Correct one of them in the source`;
