import type { EditOperation, UpdateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import { decide, toOutcome } from '../judge/judge-response.ts';
import {
  withVersion,
  type ClientContext,
  type NeedsMembers,
  type OperationContext,
  type PerformOutcome,
} from '../operation-context.ts';
import { afterHidden, afterNotFound } from '../absence/after-not-found.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';
import { sendUpdate, type SentUpdate, type WriteMethod } from './send-update.ts';
import { describeNotPersisted, findNotPersisted, findStillActive } from './verify-writes.ts';

type ResourceUpdate = Exclude<UpdateOperation, { action: 'members' }>;

/** Changes or deletes one resource. After a 404 or 410, the absence of the resource must be proven. */
export async function updateResource(
  client: ClientContext,
  context: OperationContext,
  operation: ResourceUpdate,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<PerformOutcome> {
  const outcome = await sendAndVerify(client, context, operation, execution, method);
  const hidesInactive = client.profile.protocol.inactiveUsers === 'notFound';
  if (hidesInactive && operation.action === 'deactivate' && outcome.kind === 'done' && isNotFoundStatus(outcome.status))
    return afterHidden(client, context, operation, outcome, execution);
  // Where inactive accounts are hidden, no read can prove the absence of one that is to be reactivated.
  return outcome.kind === 'notFound' && !(hidesInactive && operation.action === 'reactivate')
    ? afterNotFound(client, context, operation, outcome, execution)
    : outcome;
}

const isNotFoundStatus = (status: number): boolean => status === 404 || status === 410;

async function sendAndVerify(
  client: ClientContext,
  context: OperationContext,
  operation: ResourceUpdate,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<Outcome | NeedsMembers> {
  const sent = await sendUpdate(client, context, operation, execution, method);
  if (sent.kind === 'needsMembers') return sent;
  if (sent.kind === 'notEncodable') return { kind: 'skipped', detail: sent.detail };
  const outcome = withPartialFlag(toOutcome(operation, sent.result), sent);
  if (!('edits' in operation)) return outcome;
  if (outcome.kind === 'rejected' && sent.encoded.request.method === 'PATCH' && decide(sent.result) === 'rejected') {
    return shouldSplit(operation, sent.result, context)
      ? perAttribute(client, context, operation, outcome, execution)
      : withPaths(operation, outcome);
  }
  if (outcome.kind === 'notFound' && client.profile.protocol.inactiveUsers === 'notFound')
    return notFoundMeansInactive(operation, context, outcome);
  return outcome.kind === 'done' ? verified(client, context, operation, sent, outcome, execution) : outcome;
}

type DoneOutcome = Extract<Outcome, { kind: 'done' }>;
type RejectedOutcome = Extract<Outcome, { kind: 'rejected' }>;

/** Reads an accepted update back where the profile asks for it: attributes that were not persisted stay unresolved. */
async function verified(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  { encoded, result }: SentUpdate,
  outcome: DoneOutcome,
  execution: OperationExecution,
): Promise<Outcome> {
  const unresolved = [...encoded.unresolved];
  const stillActive = await findStillActive(client, context, operation, result, execution);
  const notPersisted =
    stillActive.length > 0 ? stillActive : await findNotPersisted(client, context, operation, unresolved, execution);
  if (notPersisted.length === 0) return unresolved.length > 0 ? { ...outcome, unresolved } : outcome;
  const detail = describeNotPersisted(outcome.status, notPersisted);
  const hasNoEffect = operation.edits.every(
    ({ path }) => unresolved.includes(path) || notPersisted.some((one) => one.path === path),
  );
  return hasNoEffect
    ? { kind: 'rejected', status: outcome.status, detail }
    : { ...outcome, unresolved: [...unresolved, ...notPersisted.map(({ path }) => path)], detail };
}

const withPartialFlag = (outcome: Outcome, { partial }: SentUpdate): Outcome =>
  outcome.kind === 'rejected' && partial === true ? { ...outcome, partial } : outcome;

/**
 * Whether to send the attributes one by one: if the refusal gives no reason, or reports that an attribute is immutable
 * (`mutability`). This is tried once: an operation that failed in an earlier pass is sent whole.
 */
function shouldSplit(
  { edits, resourceType }: EditOperation,
  result: HttpResult,
  { failedBefore }: OperationContext,
): boolean {
  if (resourceType !== 'User' || edits.length < 2 || result.kind !== 'response') return false;
  return [undefined, 'mutability'].includes(scimTypeOf(result)) && failedBefore !== true;
}

/**
 * At a target that responds with 404 to inactive users, 404 completes a deactivation, and a user known to be inactive
 * still exists.
 */
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
    detail: 'the account is inactive, and this application hides inactive accounts, so it cannot be changed',
  };
}

/** Adds the names of the attributes in the request to a refusal that does not contain them. */
function withPaths({ edits, resourceType }: EditOperation, refused: RejectedOutcome): RejectedOutcome {
  const missingPaths = edits.map(({ path }) => path).filter((path) => !refused.detail.includes(path));
  return missingPaths.length === 0 || resourceType === 'Group'
    ? refused
    : { ...refused, detail: `${refused.detail} (the request changes ${missingPaths.join(', ')})` };
}

/**
 * The outcome after the target accepted some of several requests: the state of the resource is unknown, and the next
 * pass sends all changes again.
 */
export function asUnknown(outcome: Outcome): Outcome {
  return outcome.kind === 'skipped' ? { kind: 'unknown', detail: outcome.detail } : outcome;
}

/** Sends one request per attribute, so that a refused attribute does not block the others and the report names it. */
async function perAttribute(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  refusal: RejectedOutcome,
  execution: OperationExecution,
): Promise<Outcome | NeedsMembers> {
  const accepted = new Set<string>();
  let lastDone: DoneOutcome | undefined;
  let nextContext = context;
  for (const edit of operation.edits) {
    const outcome = await sendAndVerify(client, nextContext, { ...operation, edits: [edit] }, execution);
    if (outcome.kind === 'needsMembers') return outcome;
    if (outcome.kind !== 'done' && outcome.kind !== 'rejected')
      return lastDone === undefined ? outcome : asUnknown(outcome);
    if (outcome.kind === 'rejected') continue;
    nextContext = withVersion(context, outcome.version);
    if ((outcome.unresolved ?? []).length > 0) continue;
    accepted.add(edit.path);
    lastDone = outcome;
  }
  const unresolved = operation.edits.map(({ path }) => path).filter((path) => !accepted.has(path));
  if (lastDone === undefined)
    return {
      ...refusal,
      detail: `${refusal.detail} (the request changes ${unresolved.join(', ')}; sent one by one, they are refused too)`,
    };
  return unresolved.length === 0
    ? lastDone
    : { ...lastDone, unresolved, detail: `without ${unresolved.join(', ')}, refused by the target: ${refusal.detail}` };
}
