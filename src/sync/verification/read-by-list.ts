import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { StoredVerification } from '../../store/store.ts';
import { isPlausible } from '../execution/prove-by-list.ts';
import { isDeletion, type RemovalVerification } from './verification-run.ts';

/** What a complete list of the users shows of the removals of one look. */
export interface ListedRemovals {
  /** Requests that the list took. */
  readonly requests: number;
  /** Undefined: the list is not complete, or not plausible. */
  readonly accounts: ListedAccounts | undefined;
}

/** What a row of the list shows. `hidden`: the account is listed without `active`. */
export type ListedState = 'active' | 'inactive' | 'hidden' | 'absent';

/** The removed accounts in the list, and others with their externalIds. */
export interface ListedAccounts {
  stateOf(due: Pick<StoredVerification, 'remoteId'>): ListedState;
  othersOf(due: StoredVerification): readonly RemoteResource[];
}

/** The removals to look for: only their ids are kept, because their number is not limited. */
export interface WantedRemovals {
  readonly ids: ReadonlySet<RemoteId>;
  readonly externalIds: ReadonlySet<string>;
}

/**
 * Reads many removals back by one list of all users: every closing is seen, and every other account with an externalId
 * of a leaver.
 *
 * @param maxPages the list ends after this number of requests, without a result
 */
export async function readByList(
  { deps, round, stop }: RemovalVerification,
  { ids, externalIds }: WantedRemovals,
  maxPages: number,
): Promise<ListedRemovals> {
  const { store, target } = deps;
  const states = new Map<RemoteId, ListedState>();
  const carriers = new Map<string, RemoteResource[]>();
  const paths = [...new Set([...round.mapping.paths('User'), 'externalId'])];
  const pages = target.listBack(paths, maxPages, stop);
  let found = 0;
  for (let step = await pages.next(); ; step = await pages.next()) {
    if (step.done === true) {
      const { complete, requests } = step.value;
      const { activeUsers } = await store.totals();
      if (!complete || !isPlausible(found, activeUsers)) return { requests, accounts: undefined };
      return {
        requests,
        accounts: {
          stateOf: ({ remoteId }) => states.get(remoteId) ?? 'absent',
          othersOf: (due) =>
            (carriers.get(due.externalId ?? '') ?? []).filter(
              ({ remoteId, active }) => remoteId !== due.remoteId && (active || isDeletion(store, due)),
            ),
        },
      };
    }
    found += step.value.length;
    for (const resource of step.value) {
      const { remoteId, body } = resource;
      if (ids.has(remoteId)) states.set(remoteId, stateOf(resource));
      const externalId = body['externalId'];
      if (typeof externalId === 'string' && externalIds.has(externalId))
        carriers.set(externalId, [...(carriers.get(externalId) ?? []), resource]);
    }
  }
}

const stateOf = ({ active, isActiveHidden }: RemoteResource): ListedState =>
  isActiveHidden === true ? 'hidden' : active ? 'active' : 'inactive';
