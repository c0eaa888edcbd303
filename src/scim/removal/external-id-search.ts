import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { FactName } from '../../model/target/learned-fact.ts';
import { resourcePath } from '../encode/urls.ts';
import { describeResult, isAccepted } from '../judge/judge-response.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { LearnedFacts } from '../learned/learned-facts.ts';
import { parseListResponse } from '../read/list-response.ts';
import { filterOf } from '../read/lookup.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';
import type { Transport } from '../transport/transport.ts';

/** The accounts that carry an externalId, or why they are not known. */
export type CarriersResult = { readonly accounts: readonly RemoteResource[] } | { readonly unavailable: string };

/** An active account that is known to be at the target, with its externalId. */
export interface ControlAccount {
  readonly remoteId: RemoteId;
  readonly externalId: string;
}

/**
 * Which accounts a search by externalId finds:
 *
 *     unknown   not seen yet
 *     all       also one that has just been deactivated
 *     active    an active one, and not one that has just been removed
 */
export type SearchReach = 'unknown' | 'all' | 'active';

/**
 * Searches the users of one target by externalId. A target may store no externalIds, or not filter by them: that is
 * noticed by the first search that does not find an account known to be there, and kept as a learned fact.
 */
export interface ExternalIdSearch {
  /** Whether a search may find anything. Once a day, a target where none did is tried again. */
  isUsable(): boolean;
  readonly reach: SearchReach;
  /** The users with exactly this externalId. */
  carriers(externalId: string, paths: readonly string[], execution: OperationExecution): Promise<CarriersResult>;
  /** A search found the account that was removed. */
  foundRemoved(): void;
  /** A search did not find the account that was removed: searches for the control, once in a pass. */
  missedRemoved(control: ControlAccount | undefined, execution: OperationExecution): Promise<void>;
  /** The target refuses to search, or does not answer with a list. */
  failed(): void;
}

const fact: FactName = { kind: 'externalIdNotFound', subject: 'User' };

/** Starts without an observation of this pass. @param isMatched whether the profile looks users up by externalId */
export function createExternalIdSearch(
  transport: Pick<Transport, 'sendWithRetry'>,
  facts: LearnedFacts,
  isMatched: boolean,
): ExternalIdSearch {
  let reach: SearchReach = 'unknown';
  let usable: boolean | undefined = isMatched ? undefined : false;

  const search: ExternalIdSearch = {
    isUsable() {
      usable ??= !facts.appliesTo(fact);
      return usable;
    },
    get reach() {
      return reach;
    },
    async carriers(externalId, paths, execution) {
      const query = { filter: filterOf('externalId', externalId) };
      const result = await transport.sendWithRetry({ method: 'GET', path: resourcePath('User'), query }, execution);
      return judgeCarriers(result, externalId, paths);
    },
    foundRemoved() {
      reach = 'all';
      facts.accepted(fact);
    },
    async missedRemoved(control, execution) {
      if (reach !== 'unknown' || usable === false) return;
      // Others may be searched for meanwhile: one control is enough.
      reach = 'active';
      const found = control === undefined ? undefined : await search.carriers(control.externalId, [], execution);
      const isFound =
        found !== undefined && 'accounts' in found && found.accounts.some((one) => one.remoteId === control?.remoteId);
      if (isFound) facts.accepted(fact);
      else search.failed();
    },
    failed() {
      usable = false;
      facts.refused(fact, { resource: '' });
    },
  };
  return search;
}

/** Judges the answer to a search by externalId. Only users that carry exactly this value count (caseExact). */
export function judgeCarriers(result: HttpResult, externalId: string, paths: readonly string[]): CarriersResult {
  const list = isAccepted(result) ? parseListResponse(result) : undefined;
  if (list === undefined) return { unavailable: describeResult(result) };
  const wanted = [...new Set([...paths, 'externalId'])];
  const rows = list.rows.map((row) => parseResource(row, wanted)).filter((resource) => resource !== undefined);
  const accounts = rows.filter(({ body }) => body['externalId'] === externalId);
  // A target that ignores the filter returns other accounts, and perhaps not all of them.
  if (accounts.length < rows.length && rows.length < (list.total ?? Infinity))
    return { unavailable: 'this target ignores the filter' };
  return { accounts };
}
