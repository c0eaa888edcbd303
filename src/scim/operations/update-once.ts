import type { EditOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import {
  withVersion,
  type OperationContext,
  type UpdateOperation,
  type OperationExecution,
} from '../operation-context.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import type { HttpResult } from '../transport/message.ts';
import { findNotPersisted, describeNotPersisted, findStillActive } from './verify-writes.ts';
import { decide, toOutcome } from '../judge/judge-response.ts';
import { sendUpdate, type WriteMethod, type SentUpdate } from './send-update.ts';
import type { ClientContext } from '../client-context.ts';

/** Says one change, in one request where that is understood, and looks whether it took effect where successes are not to be believed. */
export async function updateOnce(
  client: ClientContext,
  context: OperationContext,
  operation: Exclude<UpdateOperation, { action: 'members' }>,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<Outcome> {
  const attempt = await sendUpdate(client, context, operation, execution, method);
  if (attempt.kind === 'notEncodable') return { kind: 'skipped', detail: attempt.detail };
  const {
    encoded: { unresolved, request },
    result,
  } = attempt;
  const outcome = withPartialFlag(toOutcome(operation, result), attempt);
  if (!('edits' in operation)) return outcome;
  if (outcome.kind === 'rejected' && request.method === 'PATCH' && decide(result) === 'rejected') {
    return shouldSplit(operation, result, context)
      ? perAttribute(client, context, operation, outcome, execution)
      : withPaths(operation, outcome);
  }
  if (outcome.kind === 'notFound' && client.profile.protocol.inactiveUsers === 'notFound')
    return notFoundMeansInactive(operation, context, outcome);
  if (outcome.kind !== 'done') return outcome;
  const unresolvedPaths = [...unresolved];
  const stillActivePaths = await findStillActive(client, context, operation, result, execution);
  const notPersisted =
    stillActivePaths.length > 0
      ? stillActivePaths
      : await findNotPersisted(client, context, operation, unresolvedPaths, execution);
  if (notPersisted.length === 0)
    return unresolvedPaths.length > 0 ? { ...outcome, unresolved: unresolvedPaths } : outcome;
  const detail = describeNotPersisted(outcome.status, notPersisted);
  const hasNoEffect = operation.edits.every(
    ({ path }) => unresolvedPaths.includes(path) || notPersisted.some((one) => one.path === path),
  );
  return hasNoEffect
    ? { kind: 'rejected', status: outcome.status, detail }
    : { ...outcome, unresolved: [...unresolvedPaths, ...notPersisted.map(({ path }) => path)], detail };
}

/** What was refused may have been said in parts, of which some were accepted. */
const withPartialFlag = (outcome: Outcome, attempt: SentUpdate): Outcome =>
  outcome.kind === 'rejected' && attempt.partial === true ? { ...outcome, partial: true } : outcome;

/** Only where the refusal gives no reason, or that one of them never changes, and once: what was refused before is sent once in a pass. */
function shouldSplit(
  { edits, resourceType }: EditOperation,
  result: HttpResult,
  { failedBefore }: OperationContext,
): boolean {
  if (resourceType !== 'User' || edits.length < 2 || result.kind !== 'response') return false;
  return [undefined, 'mutability'].includes(scimTypeOf(result)) && failedBefore?.() !== true;
}

type RejectedOutcome = Extract<Outcome, { kind: 'rejected' }>;

/** Where closed accounts are answered 404: one that is told to close has closed before, and one that is known to be closed is not gone. */
function notFoundMeansInactive(
  { action }: EditOperation,
  { knownResource }: OperationContext,
  notFound: Extract<Outcome, { kind: 'notFound' }>,
): Outcome {
  if (action === 'deactivate') return { kind: 'done', status: notFound.status };
  if (action !== 'update' || knownResource?.['active'] !== false) return notFound;
  return {
    kind: 'rejected',
    status: notFound.status,
    detail: 'it is closed, and this application hides closed accounts, so that they cannot be changed',
  };
}

/** A refusal that gives no reason still has an object. */
function withPaths({ edits, resourceType }: EditOperation, refused: RejectedOutcome): RejectedOutcome {
  const missingPaths = edits.map(({ path }) => path).filter((path) => !refused.detail.includes(path));
  return missingPaths.length === 0 || resourceType === 'Group'
    ? refused
    : { ...refused, detail: `${refused.detail} (it was asked to change ${missingPaths.join(', ')})` };
}

/** What was said in several requests, of which some were accepted: what is there is not known, so all of it is said again. */
export function asUnknown(outcome: Outcome): Outcome {
  return outcome.kind === 'skipped' ? { kind: 'unknown', detail: outcome.detail } : outcome;
}

/** One attribute that a target does not take must not keep the others from being changed, and the report must name it. */
async function perAttribute(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  refusal: RejectedOutcome,
  execution: OperationExecution,
): Promise<Outcome> {
  const accepted = new Set<string>();
  let lastDone: Extract<Outcome, { kind: 'done' }> | undefined;
  let nextContext = context;
  for (const edit of operation.edits) {
    const outcome = await updateOnce(client, nextContext, { ...operation, edits: [edit] }, execution);
    if (outcome.kind !== 'done' && outcome.kind !== 'rejected')
      return lastDone === undefined ? outcome : asUnknown(outcome);
    if (outcome.kind === 'rejected') continue;
    nextContext = withVersion(context, outcome.version);
    if ((outcome.unresolved ?? []).length > 0) continue;
    accepted.add(edit.path);
    lastDone = outcome;
  }
  const unresolvedPaths = operation.edits.map(({ path }) => path).filter((path) => !accepted.has(path));
  if (lastDone === undefined)
    return {
      ...refusal,
      detail: `${refusal.detail} (it was asked to change ${unresolvedPaths.join(', ')}, also one by one)`,
    };
  return unresolvedPaths.length === 0
    ? lastDone
    : {
        ...lastDone,
        unresolved: unresolvedPaths,
        detail: `without ${unresolvedPaths.join(', ')}, which it refuses: ${refusal.detail}`,
      };
}
