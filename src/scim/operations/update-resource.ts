import type { Edit, EditOperation, UpdateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { decide, isAccepted, toOutcome } from '../judge/judge-response.ts';
import { mayConcernAttribute } from '../judge/refused-attributes.ts';
import {
  withVersion,
  type ClientContext,
  type NeedsMembers,
  type OperationContext,
  type PerformOutcome,
} from '../operation-context.ts';
import type { Difference } from '../judge/judge-values.ts';
import { kindOf, operationsOf, type WriteForm, type WriteKind } from '../write-samples.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';
import { afterHidden, afterNotFound } from '../absence/after-not-found.ts';
import { changedIdIn, followChangedId } from '../absence/changed-id.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { sendInParts, type SentPart } from './send-in-parts.ts';
import type { SentUpdate } from './rebase-update.ts';
import { sendUpdate, type WriteMethod } from './send-update.ts';
import { describeNotPersisted, verifyUpdate } from './verify-writes.ts';

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
  if (outcome.kind === 'done' && outcome.movedTo !== undefined)
    return followChangedId(client, context, operation, outcome, execution);
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
  const { outcome, refusal } = await sendWhole(client, context, operation, execution, method);
  if (refusal === undefined || outcome.kind === 'needsMembers' || !('edits' in operation)) return outcome;
  const { edits } = operation;
  const isSplittable = edits.length > 1 && (edits.some(endsAccess) || client.capabilities.maySplit());
  if (!isSplittable || !mayConcernAttribute(refusal))
    return decide(refusal) === 'rejected' ? withPaths(operation, outcome) : outcome;
  const whole = { outcome, refusal };
  return sendInParts(client, context, operation, whole, (part, partContext) =>
    sendWhole(client, partContext, part, execution, method),
  );
}

const endsAccess = ({ path, to }: Edit): boolean => path === 'active' && to === false;

/** Sends an update as one request. `refusal` is the response that refused it. */
async function sendWhole(
  client: ClientContext,
  context: OperationContext,
  operation: ResourceUpdate,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<SentPart> {
  const sent = await sendUpdate(client, context, operation, execution, method);
  if (sent.kind === 'needsMembers') return { outcome: sent };
  if (sent.kind === 'notEncodable') return { outcome: { kind: 'skipped', detail: sent.detail } };
  if (sent.kind === 'incompleteRead')
    return { outcome: { kind: 'rejected', status: sent.status, detail: sent.detail } };
  const { result, encoded } = sent;
  const outcome = withPartialFlag(toOutcome(operation, result), sent);
  const mayMeanInactive = client.profile.protocol.inactiveUsers === 'notFound';
  if (outcome.kind === 'notFound' && result.kind === 'response' && result.isBulk === true && !mayMeanInactive)
    return againOutsideBulk(client, context, operation, outcome.status, execution, method);
  if (!('edits' in operation)) return { outcome };
  if (outcome.kind === 'notFound' && mayMeanInactive)
    return { outcome: notFoundMeansInactive(operation, context, outcome) };
  if (outcome.kind === 'done') return { outcome: await verified(client, context, operation, sent, outcome, execution) };
  const isRefused = result.kind === 'response' && encoded.request.method !== 'DELETE';
  return isRefused && outcome.kind !== 'notFound' ? { outcome, refusal: result } : { outcome };
}

/** Some targets find a resource only outside of Bulk. If this one does, the pass sends no more Bulk requests. */
async function againOutsideBulk(
  client: ClientContext,
  context: OperationContext,
  operation: ResourceUpdate,
  status: number,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<SentPart> {
  const part = await sendWhole(client, { ...context, isSingle: true }, operation, execution, method);
  if (part.outcome.kind === 'done') client.capabilities.bulkRefused(status);
  return part;
}

type DoneOutcome = Extract<Outcome, { kind: 'done' }>;

/** Judges an accepted update by what its response, and a read where one is needed, show. */
async function verified(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  sent: SentUpdate,
  outcome: DoneOutcome,
  execution: OperationExecution,
): Promise<Outcome | NeedsMembers> {
  const { encoded, result } = sent;
  const unsent = encoded.unresolved;
  const bodies = [context.knownResource, operation.body];
  const movedTo = changedIdIn(result, context.remoteId, { resourceType: operation.resourceType, bodies });
  if (movedTo !== undefined) return { ...outcome, movedTo };
  // Deactivations are read back after all of them have been sent.
  const kind = operation.action === 'deactivate' ? undefined : sampledKind(client, operation, encoded.request, result);
  const isSampled = kind !== undefined;
  const verdict = await verifyUpdate(client, context, operation, result, unsent, isSampled, execution);
  const { evidence, otherOwner } = verdict;
  let { notPersisted } = verdict;
  if (otherOwner !== undefined) return otherResource(outcome.status, otherOwner, operation);
  if (kind !== undefined) {
    if (verdict.isUnread === true && !client.samples.isTrusted(kind)) {
      client.samples.record(kind, 'unknown');
      return { kind: 'unknown', detail: unseenDetail(outcome.status) };
    }
    const isIgnored = isWithoutEffect(operation, unsent, notPersisted);
    client.samples.record(kind, isIgnored ? 'contradicted' : evidence === 'read' ? 'confirmed' : 'unknown');
    if (isIgnored && hasOtherForm(client, context, operation, kind)) {
      const next = withoutForm(withVersion(context, outcome.version), kind);
      const { outcome: other } = await sendWhole(client, next, operation, execution);
      return other;
    }
    if (evidence === 'read') notPersisted = await sentSingly(client, context, operation, sent, notPersisted, execution);
  }
  const judged = { ...outcome, evidence };
  if (notPersisted.length === 0) return unsent.length > 0 ? { ...judged, unresolved: unsent } : judged;
  const detail = describeNotPersisted(outcome.status, notPersisted);
  const unresolved = [...unsent, ...notPersisted.map(({ path }) => path)];
  const isRefused = operation.edits.every(({ path }) => unresolved.includes(path));
  return isRefused ? { kind: 'rejected', status: outcome.status, detail } : { ...judged, unresolved, detail };
}

/**
 * Some targets apply only the first operation of a PATCH, and answer with success. What a read shows unchanged is sent
 * again, one operation a request: if more of it is applied then, the form of the request was the cause.
 *
 * @returns what the target did not apply in the end
 */
async function sentSingly(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  { encoded, isSplit }: SentUpdate,
  notPersisted: readonly Difference[],
  execution: OperationExecution,
): Promise<readonly Difference[]> {
  const { capabilities } = client;
  const { resourceType } = operation;
  if (operationsOf(encoded.request) < 2 || isSplit === true || context.isSplit === true) return notPersisted;
  const paths = notPersisted
    .map(({ path }) => path)
    .filter((path) => !capabilities.isIgnoredSingly(resourceType, path));
  if (notPersisted.length === 0) capabilities.operationsApplied(resourceType);
  if (paths.length === 0) return notPersisted;
  const { version: _old, ...unversioned } = context;
  const rest = { ...operation, edits: operation.edits.filter(({ path }) => paths.includes(path)) };
  const single = await sendUpdate(client, { ...unversioned, isSplit: true }, rest, execution);
  if (single.kind !== 'sent' || !isAccepted(single.result)) return notPersisted;
  const verdict = await verifyUpdate(client, context, rest, single.result, single.encoded.unresolved, true, execution);
  if (verdict.evidence !== 'read' || verdict.otherOwner !== undefined) return notPersisted;
  const ignored = verdict.notPersisted.map(({ path }) => path);
  capabilities.ignoredSingly(resourceType, ignored);
  if (ignored.length < paths.length && context.remoteId !== undefined)
    capabilities.operationsIgnored(resourceType, context.remoteId);
  return notPersisted.filter(({ path }) => ignored.includes(path) || !paths.includes(path));
}

/** The id belongs to another record now: a look-up decides where the account of this one is. */
const otherResource = (status: number, otherOwner: string, { resourceType }: EditOperation): Outcome => ({
  kind: 'notFound',
  status,
  isOtherResource: true,
  detail:
    `answered ${status}, but the id belongs to another ${resourceType === 'User' ? 'account' : 'group'} ` +
    `(${otherOwner}), which may have got the change`,
});

/** The target answered without the resource, and it has not shown yet that it means such an answer. */
const unseenDetail = (status: number): string =>
  `answered ${status} without the resource, and no read shows the change`;

/** The kind of a write that is chosen to be read back. */
function sampledKind(
  { samples, capabilities }: ClientContext,
  { resourceType }: EditOperation,
  request: ScimRequest,
  result: HttpResult,
): WriteKind | undefined {
  if (result.kind !== 'response') return undefined;
  const kind = kindOf(resourceType, 'update', request, result);
  const isChosen = samples.isChosen(kind);
  return isChosen || (operationsOf(request) > 1 && capabilities.triesOperations(resourceType)) ? kind : undefined;
}

/**
 * Whether a read shows the old values at every path that was sent. A path that the target never shows proves nothing
 * about the kind of request.
 */
function isWithoutEffect(
  { edits }: EditOperation,
  unsent: readonly string[],
  notPersisted: readonly Difference[],
): boolean {
  return (
    notPersisted.some(({ actual }) => actual !== 'absent') &&
    edits.every(({ path }) => unsent.includes(path) || notPersisted.some((one) => one.path === path))
  );
}

/**
 * Whether another kind of request can carry the update: a single request instead of Bulk, or PUT instead of PATCH. A
 * target that refuses PUT gets PATCH again, whose second contradiction is the result.
 */
function hasOtherForm(
  { capabilities }: ClientContext,
  { formsWithoutEffect = [] }: OperationContext,
  { resourceType }: EditOperation,
  { method, isBulk }: WriteForm,
): boolean {
  const isRepeated = formsWithoutEffect.some((form) => form.method === method && form.isBulk === isBulk);
  return !isRepeated && (isBulk || (method === 'PATCH' && capabilities.mayUsePut(resourceType)));
}

const withoutForm = (context: OperationContext, form: WriteForm): OperationContext => ({
  ...context,
  formsWithoutEffect: [...(context.formsWithoutEffect ?? []), form],
});

const withPartialFlag = (outcome: Outcome, { partial }: SentUpdate): Outcome =>
  outcome.kind === 'rejected' && partial === true ? { ...outcome, partial } : outcome;

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
function withPaths({ edits, resourceType }: EditOperation, refused: Outcome): Outcome {
  if (refused.kind !== 'rejected') return refused;
  const missingPaths = edits.map(({ path }) => path).filter((path) => !refused.detail.includes(path));
  return missingPaths.length === 0 || resourceType === 'Group'
    ? refused
    : { ...refused, detail: `${refused.detail} (the request changes ${missingPaths.join(', ')})` };
}
