import type { Instant, SourceKey } from '../model/ids.ts';
import type { ResourceOperation } from '../model/operation.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { KnownState } from '../model/resource.ts';
import type { PostponedTryStore } from '../model/requeue.ts';
import { isRepeatedDeletion } from './leavers.ts';

/** The failing records and memberships that this planning leaves for a later pass. */
export interface PostponedTries {
  /**
   * Whether an operation waits for a later pass, and counts it. A removal of access never waits. A deletion that the
   * target refused waits where the access has ended; it is not counted. `operation` undefined: the record needs no
   * operation any more, so it is forgotten.
   */
  isPostponed(
    resourceType: ResourceType,
    key: SourceKey,
    operation: ResourceOperation | undefined,
    known: KnownState | undefined,
  ): Promise<boolean>;
  /** Whether anything waits: if not, no membership needs to be asked for. */
  readonly mayPostpone: boolean;
  /** The same for a membership. */
  isMemberPostponed(group: SourceKey, member: SourceKey, change: 'add' | 'remove' | 'nothing'): Promise<boolean>;
  /** Number of failing operations and memberships that wait. */
  readonly count: number;
}

/** @param input pass, time, and the reading after which changes in the source are tried at once; undefined: try all */
export async function loadPostponedTries(
  store: PostponedTryStore,
  input: { readonly pass: number; readonly now: Instant; readonly after: number } | undefined,
): Promise<PostponedTries> {
  const rows = input === undefined ? [] : await store.postponed(input.pass, input.now, input.after);
  const waiting = new Set(rows.map(({ resourceType, key, member }) => keyOf(resourceType, key, member)));
  let count = 0;
  return {
    mayPostpone: waiting.size > 0,
    async isPostponed(resourceType, key, operation, known) {
      if (!waiting.has(keyOf(resourceType, key, undefined))) return false;
      if (operation === undefined) await store.forgetRetry(resourceType, key);
      if (operation === undefined) return false;
      if (isRepeatedDeletion(operation, known)) return true;
      if (endsAccess(operation)) return false;
      count += 1;
      return true;
    },
    async isMemberPostponed(group, member, change) {
      if (!waiting.has(keyOf('Group', group, member))) return false;
      if (change === 'nothing') await store.forgetRetry('Group', group, member);
      if (change !== 'add') return false;
      count += 1;
      return true;
    },
    get count() {
      return count;
    },
  };
}

const keyOf = (resourceType: ResourceType, key: SourceKey, member: SourceKey | undefined): string =>
  JSON.stringify([resourceType, key, member]);

/** Removals of access are tried in every pass; `verifyCreate` comes before one. */
const endsAccess = (operation: ResourceOperation): boolean =>
  operation.action === 'deactivate' ||
  operation.action === 'delete' ||
  operation.action === 'verifyCreate' ||
  ('edits' in operation && operation.edits.some(({ path, to }) => path === 'active' && to === false));
