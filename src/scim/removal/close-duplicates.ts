import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome, RemoteResource } from '../../model/outcome.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import { resourcePath } from '../encode/urls.ts';
import { parseListResponse } from '../read/list-response.ts';
import { filterOf } from '../read/lookup.ts';
import { describeResult, isAccepted } from '../judge/judge-response.ts';
import type { OperationExecution } from '../transport/execution.ts';

/** Sends one operation about one account. */
type Perform = (context: OperationContext) => Promise<PerformOutcome>;

/**
 * Removes every account with the externalId of the record, after the known one has been removed. A create without an
 * answer may have made several. Other removals cost no look-up.
 */
export async function closeDuplicates(
  client: ClientContext,
  context: OperationContext,
  operation: Operation,
  outcome: PerformOutcome,
  execution: OperationExecution,
  perform: Perform,
): Promise<PerformOutcome> {
  const externalId = context.knownResource?.['externalId'];
  const isRemoved = outcome.kind === 'done' || outcome.kind === 'notFound';
  const isDue = context.mayHaveDuplicates === true && operation.resourceType === 'User' && isRemoval(operation);
  if (!isDue || !isRemoved || typeof externalId !== 'string') return outcome;
  const found = await accountsOf(client, externalId, execution);
  if ('unavailable' in found)
    return failed(
      outcome,
      `other accounts with externalId "${externalId}" could not be looked up: ${found.unavailable}`,
    );
  const others = found.accounts.filter(
    ({ remoteId, active }) => remoteId !== context.remoteId && (active || operation.action === 'delete'),
  );
  const { version: _, ...unversioned } = context;
  for (const { remoteId } of others) {
    const other = await perform({ ...unversioned, remoteId });
    if (other.kind !== 'done' && other.kind !== 'notFound')
      return failed(outcome, `another account with externalId "${externalId}" (id ${remoteId}) could not be removed`);
  }
  if (others.length === 0) return outcome;
  const detail = `${others.length} more with externalId "${externalId}" removed, too`;
  return { ...outcome, detail: outcome.detail === undefined ? detail : `${outcome.detail}; ${detail}` };
}

async function accountsOf(
  { transport }: ClientContext,
  externalId: string,
  execution: OperationExecution,
): Promise<{ readonly accounts: readonly RemoteResource[] } | { readonly unavailable: string }> {
  const query = { filter: filterOf('externalId', externalId) };
  const result = await transport.sendWithRetry({ method: 'GET', path: resourcePath('User'), query }, execution);
  const list = isAccepted(result) ? parseListResponse(result) : undefined;
  if (list === undefined) return { unavailable: describeResult(result) };
  const rows = list.rows.map((row) => parseResource(row, ['externalId'])).filter((resource) => resource !== undefined);
  const accounts = rows.filter(({ body }) => body['externalId'] === externalId);
  // A target that ignores the filter returns other accounts, and perhaps not all of them.
  if (accounts.length < rows.length && rows.length < (list.total ?? Infinity))
    return { unavailable: 'this target ignores the filter' };
  return { accounts };
}

const failed = (outcome: Extract<Outcome, { kind: 'done' | 'notFound' }>, detail: string): Outcome => ({
  kind: 'rejected',
  status: outcome.status,
  detail,
});
