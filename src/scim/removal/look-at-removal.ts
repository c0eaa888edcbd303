import type { RemoteResource } from '../../model/outcome.ts';
import type { RemovalVerdict } from '../judge/judge-removal.ts';
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
  /** Whether a second request may be spent where the first one answers only one of the two questions. */
  readonly isThorough: boolean;
  /** A create of the account was sent without an answer: a failed search is reported. */
  readonly mayHaveDuplicates: boolean;
  readonly control: ControlAccount | undefined;
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
}

/**
 * Looks at a removal with as few requests as possible. A search by externalId shows the account and all others that
 * carry the value, so it takes the place of the GET by id.
 *
 *     removal        searches by externalId find   requests
 *     any            nothing                       GET, if the answer did not show the removal
 *     deactivation   inactive accounts, too        the search; GET only if it does not show the account as inactive
 *     deactivation   active accounts only          GET if needed; the search if it is the only one, or thorough
 *     deletion       any                           GET if needed; the search if it is the only one, or thorough
 */
export async function lookAtRemoval(
  client: ClientContext,
  search: ExternalIdSearch,
  request: LookRequest,
  execution: OperationExecution,
): Promise<RemovalLook> {
  const { externalId, isReadNeeded } = request;
  const read = (): Promise<RemovalVerdict> => verifyRemoval(client, request, execution);
  const readIfNeeded = async (): Promise<RemovalVerdict | undefined> => (isReadNeeded ? await read() : undefined);
  if (externalId === undefined || !isSearched(search, request)) return { verdict: await readIfNeeded(), others: [] };
  const found = await search.carriers(externalId, request.paths, execution);
  if ('unavailable' in found) {
    search.failed();
    const unknown = request.mayHaveDuplicates ? { othersUnknown: found.unavailable } : {};
    return { verdict: await readIfNeeded(), others: [], ...unknown };
  }
  const { own, others } = splitCarriers(request, found.accounts);
  if (own === undefined) {
    const verdict = await readIfNeeded();
    await search.missedRemoved(request.control, execution);
    // A search that does not show the account itself may not show a duplicate yet, either.
    return { verdict, others, ...(request.mayHaveDuplicates ? { isInconclusive: true } : {}) };
  }
  search.foundRemoved();
  if (!own.active) client.capabilities.activeRead(own.remoteId, false);
  // A search that shows the account as active may be late: a read decides.
  return { verdict: own.active ? await read() : shownInactive, others };
}

/** Whether the search takes the place of the read, is the only request, or may be a second one. */
function isSearched(
  search: ExternalIdSearch,
  { action, isReadNeeded, isThorough, mayHaveDuplicates }: LookRequest,
): boolean {
  if (mayHaveDuplicates) return true;
  const isInstead = action === 'deactivate' && search.reach !== 'active';
  return search.isUsable() && (isInstead || !isReadNeeded || isThorough);
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
