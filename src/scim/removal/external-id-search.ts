import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { FactName } from '../../model/target/learned-fact.ts';
import { resourcePath } from '../encode/urls.ts';
import { decide, describeResult, isAccepted } from '../judge/judge-response.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { LearnedFacts } from '../learned/learned-facts.ts';
import { parseListResponse } from '../read/list-response.ts';
import { filterOf } from '../read/lookup.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';
import type { Transport } from '../transport/transport.ts';

/** The accounts that carry an externalId, or why they are not known. */
export type CarriersResult =
  | { readonly accounts: readonly RemoteResource[] }
  /** `isTemporary`: no answer, or an answer that states nothing about searches. The same search may work later. */
  | { readonly unavailable: string; readonly isTemporary?: true };

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
  /** Searches failed so often in this pass that it sends no more; a later pass does. */
  readonly isPaused: boolean;
  readonly reach: SearchReach;
  /** The users with exactly this externalId. */
  carriers(externalId: string, paths: readonly string[], execution: OperationExecution): Promise<CarriersResult>;
  /** A search found the account that was removed. */
  foundRemoved(): void;
  /**
   * A search did not find the account that was removed: searches for the controls, once in a pass. Only where each of
   * them is searched without success, the target finds no externalIds; without a control, nothing is known.
   */
  missedRemoved(controls: readonly ControlAccount[], execution: OperationExecution): Promise<void>;
  /** The target refuses to search, does not answer, or does not answer with a list. */
  failed(externalId: string, failure: Extract<CarriersResult, { unavailable: string }>): void;
}

const notFound: FactName = { kind: 'externalIdNotFound', subject: 'User' };
const refused: FactName = { kind: 'externalIdSearchRefused', subject: 'User' };

/** After this number of failed searches, the pass sends no more. */
const maxFailures = 3;

/** Starts without an observation of this pass. @param isMatched whether the profile looks users up by externalId */
export function createExternalIdSearch(
  transport: Pick<Transport, 'sendWithRetry'>,
  facts: LearnedFacts,
  isMatched: boolean,
): ExternalIdSearch {
  let reach: SearchReach = 'unknown';
  let usable: boolean | undefined = isMatched ? undefined : false;
  let failures = 0;

  const search: ExternalIdSearch = {
    isUsable() {
      usable ??= !facts.appliesTo(notFound) && !facts.appliesTo(refused);
      return usable && !search.isPaused;
    },
    get isPaused() {
      return failures >= maxFailures;
    },
    get reach() {
      return reach;
    },
    async carriers(externalId, paths, execution) {
      const query = { filter: filterOf('externalId', externalId) };
      const result = await transport.sendWithRetry({ method: 'GET', path: resourcePath('User'), query }, execution);
      const found = judgeCarriers(result, externalId, paths);
      if ('accounts' in found) facts.accepted(refused);
      return found;
    },
    foundRemoved() {
      reach = 'all';
      facts.accepted(notFound);
    },
    async missedRemoved(controls, execution) {
      if (reach !== 'unknown' || usable === false) return;
      // Others may be searched for meanwhile: one turn is enough.
      reach = 'active';
      for (const { externalId } of controls) {
        const found = await search.carriers(externalId, [], execution);
        if ('unavailable' in found) return search.failed(externalId, found);
        // The account may have another id by now: it is the externalId that has to be found.
        if (found.accounts.length > 0) return facts.accepted(notFound);
      }
      if (controls.length === 0) return;
      usable = false;
      facts.refused(notFound, { resource: '' });
    },
    failed(externalId, { isTemporary }) {
      failures += 1;
      if (isTemporary !== true) facts.refused(refused, { resource: externalId });
    },
  };
  return search;
}

/** Judges the answer to a search by externalId. Only users that carry exactly this value count (caseExact). */
export function judgeCarriers(result: HttpResult, externalId: string, paths: readonly string[]): CarriersResult {
  const list = isAccepted(result) ? parseListResponse(result) : undefined;
  if (list === undefined)
    return { unavailable: describeResult(result), ...(isRefusal(result) ? {} : { isTemporary: true }) };
  const wanted = [...new Set([...paths, 'externalId'])];
  const rows = list.rows.map((row) => parseResource(row, wanted)).filter((resource) => resource !== undefined);
  const accounts = rows.filter(({ body }) => body['externalId'] === externalId);
  // A target that ignores the filter returns other accounts, and perhaps not all of them.
  if (accounts.length < rows.length && rows.length < (list.total ?? Infinity))
    return { unavailable: 'this target ignores the filter' };
  return { accounts };
}

/** Whether the target refuses the search itself, or answers something else than a list, and would do so again. */
function isRefusal(result: HttpResult): boolean {
  const decision = decide(result);
  const isSearchRefused = ['unsupported', 'rejected', 'notFound', 'accept'].includes(decision);
  return isSearchRefused || (decision === 'denied' && !isUnauthorized(result));
}

/** 401 concerns the credentials, not the search. */
const isUnauthorized = (result: HttpResult): boolean => result.kind === 'response' && result.status === 401;
