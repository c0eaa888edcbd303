import type { RemoteResource } from '../../model/outcome.ts';
import { lookUpMissing } from '../absence/prove-missing.ts';
import { judgeMoved, type RemovalVerdict } from '../judge/judge-removal.ts';
import type { ClientContext } from '../operation-context.ts';
import { verifyRemoval, type RemovalToVerify } from '../operations/verify-removal.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { ControlAccount, ExternalIdSearch } from './external-id-search.ts';

/** A look at a removal: whether it took effect, and whether other accounts carry the externalId of the user. */
export interface LookRequest extends RemovalToVerify {
  /** Undefined: other accounts are not searched for. */
  readonly externalId: string | undefined;
  /** Whether the removal has to be read, because its answer did not show it. */
  readonly isReadNeeded: boolean;
  /** Whether further requests may be spent where the first one answers only one of the two questions. */
  readonly isThorough: boolean;
  /** A read has confirmed the removal before: a search may take the place of the next one. */
  readonly isReadBefore: boolean;
  /** A create of the account was sent without an answer: a failed search is reported. */
  readonly mayHaveDuplicates: boolean;
  /** Accounts that a search by externalId should find. */
  readonly externalIdControls: readonly ControlAccount[];
}

/** What a look showed. */
export interface RemovalLook {
  /** Undefined: the removal was not read. */
  readonly verdict: RemovalVerdict | undefined;
  /** Other accounts with the externalId: active ones, and all of them after a deletion. */
  readonly others: readonly RemoteResource[];
  /** Why they are not known, where they have to be. */
  readonly othersUnknown?: string;
  /** Where a create was sent without an answer: searches do not show the account itself yet. */
  readonly isInconclusive?: true;
  /** A search for other accounts got no usable answer: the next look repeats it. */
  readonly isSearchFailed?: true;
  /** The look-ups prove nothing, because the target has no usable filter: a list may show the account. */
  readonly isProvableByList?: true;
}

/**
 * Looks at a removal with as few requests as possible. A search by externalId shows the account and all others that
 * carry the value, so it takes the place of the GET by id. The id alone proves little: the account may have another one
 * by now, and some servers answer 204 to the deletion of an id that they do not know.
 *
 *     removal            searches by externalId find   requests
 *     any                nothing                       GET, if the answer did not show the removal; after a 404, if
 *                                                      thorough, the look-ups by the match attributes
 *     deactivation       inactive accounts, too        the search; GET only if it does not show the account as inactive
 *     deactivation       active accounts only          GET if needed; the search if it is the only one, or thorough
 *     deletion           any                           GET if needed; the search if it is the only one, or thorough
 *     deletion, look 2   any                           the search; GET if thorough
 */
export async function lookAtRemoval(
  client: ClientContext,
  search: ExternalIdSearch,
  request: LookRequest,
  execution: OperationExecution,
): Promise<RemovalLook> {
  const { externalId, isReadNeeded } = request;
  if (externalId === undefined || !isSearched(search, request)) return lookById(client, search, request, execution);
  const found = await search.carriers(externalId, request.paths, execution);
  if ('unavailable' in found) {
    search.failed(externalId, found);
    const unknown = request.mayHaveDuplicates ? { othersUnknown: found.unavailable } : {};
    return { ...(await lookById(client, search, request, execution)), isSearchFailed: true, ...unknown };
  }
  const { own, others } = splitCarriers(request, found.accounts);
  if (own === undefined) {
    const isRead = isReadNeeded && !isInsteadOfSecondRead(request);
    const verdict = isRead ? await verifyRemoval(client, request, execution) : undefined;
    await search.missedRemoved(request.externalIdControls, execution);
    // A search that does not show the account itself may not show a duplicate yet, either.
    const inconclusive = request.mayHaveDuplicates ? { isInconclusive: true as const } : {};
    if (verdict === undefined || search.isUsable()) return { verdict, others, ...inconclusive };
    return { ...(await beyondId(client, request, verdict, execution)), others, ...inconclusive };
  }
  search.foundRemoved();
  if (!own.active) client.capabilities.activeRead(own.remoteId, false);
  // A search that shows the account as active may be late: a read decides.
  return { verdict: own.active ? await verifyRemoval(client, request, execution) : shownInactive, others };
}

/** Whether the search takes the place of the read, is the only request, or may be a second one. */
function isSearched(search: ExternalIdSearch, request: LookRequest): boolean {
  const { action, isReadNeeded, isThorough, mayHaveDuplicates } = request;
  if (mayHaveDuplicates) return true;
  const isInstead = (action === 'deactivate' && search.reach !== 'active') || isInsteadOfSecondRead(request);
  return search.isUsable() && (isInstead || !isReadNeeded || isThorough);
}

/** The second look at many deletions searches for the accounts under other ids: the first one has read the ids. */
const isInsteadOfSecondRead = ({ action, isReadBefore, isThorough }: LookRequest): boolean =>
  action === 'delete' && isReadBefore && !isThorough;

/**
 * Reads the removal where it is needed. If a 404 is the only proof and no search by externalId follows, the look-ups by
 * the match attributes find the account under another id.
 */
async function lookById(
  client: ClientContext,
  search: ExternalIdSearch,
  request: LookRequest,
  execution: OperationExecution,
): Promise<RemovalLook> {
  const failed = search.isPaused ? { isSearchFailed: true as const } : {};
  if (!request.isReadNeeded) return { verdict: undefined, others: [], ...failed };
  const verdict = await verifyRemoval(client, request, execution);
  const isSearchable = request.externalId !== undefined && search.isUsable();
  return {
    ...(isSearchable ? { verdict, others: [] } : await beyondId(client, request, verdict, execution)),
    ...failed,
  };
}

/** Looks the account up by the match attributes, if a 404 to a read by id is the only proof that it is removed. */
async function beyondId(
  client: ClientContext,
  { action, resourceType, remoteId, body, paths, isThorough }: LookRequest,
  verdict: RemovalVerdict,
  execution: OperationExecution,
): Promise<RemovalLook> {
  if (verdict.kind !== 'confirmed' || verdict.isById !== true || !isThorough) return { verdict, others: [] };
  const suspect = { resourceType, remoteId, bodies: [body], paths };
  const absence = await lookUpMissing(client, suspect, execution);
  const judged = judgeMoved(verdict, absence, action);
  if (absence.kind !== 'unproven') return { verdict: judged, others: [] };
  const open =
    absence.isProvableByList === true ? { isProvableByList: true as const } : { isSearchFailed: true as const };
  return { verdict: judged, others: [], ...open };
}

const shownInactive: RemovalVerdict = { kind: 'confirmed', detail: 'a read shows the account as inactive' };

/** The removed account among those with its externalId, and the others whose access is to be ended. */
export function splitCarriers(
  { remoteId, action }: Pick<LookRequest, 'remoteId' | 'action'>,
  accounts: readonly RemoteResource[],
): { readonly own: RemoteResource | undefined; readonly others: readonly RemoteResource[] } {
  return {
    own: accounts.find((one) => one.remoteId === remoteId),
    others: accounts.filter((one) => one.remoteId !== remoteId && (one.active || action === 'delete')),
  };
}
