import type { RemoteId } from '../../model/ids.ts';
import { isRemoval, type UpdateOperation } from '../../model/operation.ts';
import type { SampledAction } from '../../model/evidence.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RequestStyle } from '../capabilities.ts';
import { groupRequestStyle } from '../encode/group-request-style.ts';
import { encodeRequest, type NotEncodable } from '../encode/encode-request.ts';
import { mergesMembers, resolveMembers } from '../encode/member-patch.ts';
import { decide, isAccepted, versionOf } from '../judge/judge-response.ts';
import type { ClientContext, NeedsMembers, OperationContext } from '../operation-context.ts';
import { get } from '../read/get-resource.ts';
import { completeRead, type IncompleteRead } from '../read/whole-read.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { memberActions } from '../write-samples.ts';
import type { HttpResult, Response, ScimRequest } from '../transport/message.ts';
import { fallbacks, firstApplicable, type Answer, type Attempt, type Fallback, type FallbackFacts } from './attempt.ts';
import { sendInBatches } from './patch-batches.ts';
import { rebaseOnReading, type SentUpdate } from './rebase-update.ts';
import { applyUncommitted, recordMembers, type UncommittedGroupState } from './group-lock.ts';

/** Overrides the method that the profile and discovery choose. */
export type WriteMethod = RequestStyle['updateMethod'];

/**
 * Sends one update. If a fallback applies to the response, its attempt is sent next; each fallback is used at most
 * once.
 *
 *     attempt → send → accepted, or no fallback applies: the result
 *        ↑______________↓ first fallback that applies
 */
export async function sendUpdate(
  client: ClientContext,
  context: OperationContext,
  operation: UpdateOperation,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<AttemptResult> {
  const style = client.capabilities.styleOf(operation);
  const facts = factsOf(client, context, operation, method ?? firstMethodOf(client, context, operation, style));
  const unused = new Set(fallbacks);
  let attempt: Attempt = {
    method: facts.firstMethod,
    valuePaths: style.valuePaths,
    ifMatch: style.ifMatch,
    base: 'known',
    version: 'known',
    isGuess: false,
  };
  let previous: SentUpdate | undefined;
  let reading: HttpResult | undefined;
  /** The attempt before a guess, with its answer: a guess that is refused as well changes nothing. */
  let beforeGuess: { readonly attempt: Attempt; readonly sent: SentUpdate } | undefined;
  /** The status that refused If-Match, after which it is not sent. */
  let refusedVersion: number | undefined;
  for (;;) {
    let sent = await sendAttempt(client, context, { operation, style, attempt, previous, reading }, execution);
    if (sent.kind !== 'sent') return previous?.partial === true ? previous : sent;
    if (beforeGuess !== undefined && attempt.isGuess && isRefusedGuess(sent, attempt))
      ({ attempt, sent } = beforeGuess);
    else if (sent === previous) keepOnlyWithoutVersion(unused);
    const answer = answerOf(sent);
    const next = firstApplicable(unused, attempt, answer, facts);
    learn(client, operation.resourceType, context.remoteId, { answer, refusedVersion }, next?.fallback);
    if (isVersionDropped(next)) refusedVersion = statusOf(answer);
    if (next === undefined) return sent;
    unused.delete(next.fallback);
    if (next.attempt.isGuess) beforeGuess = { attempt, sent };
    attempt = next.attempt;
    previous = sent;
    reading = answer.decision === 'preconditionFailed' ? undefined : sent.reading;
  }
}

/** Another method than the usual one for a deactivation that was answered before, and had no proven effect. */
function firstMethodOf(
  client: ClientContext,
  { removalForm }: OperationContext,
  operation: UpdateOperation,
  { updateMethod: usual }: RequestStyle,
): WriteMethod {
  if (removalForm !== 'other' || operation.action !== 'deactivate') return usual;
  return usual === 'patch' ? (putMethodFor(client, operation) ?? usual) : 'patch';
}

/** The GET showed no current state, so only a request that needs none is left. */
function keepOnlyWithoutVersion(unused: Set<Fallback>): void {
  for (const fallback of [...unused]) if (fallback.name !== 'withoutVersion') unused.delete(fallback);
}

const factsOf = (
  client: ClientContext,
  { failedBefore }: OperationContext,
  operation: UpdateOperation,
  firstMethod: Attempt['method'],
): FallbackFacts => ({
  operation,
  putMethod: putMethodFor(client, operation),
  firstMethod,
  ifMatch: client.profile.protocol.ifMatch,
  failedBefore: failedBefore === true,
});

/** 404 to a PUT may mean that the target has no PUT; to a PATCH it is the state of the resource. */
function isRefusedGuess({ result }: SentUpdate, { method }: Attempt): boolean {
  if (result.kind !== 'response') return false;
  const decision = decide(result);
  if (decision === 'notFound') return method !== 'patch';
  return result.status === 500 || !['accept', 'retry', 'rateLimited'].includes(decision);
}

/**
 * Records what an answer shows about the target.
 *
 * @param refusedVersion the status that refused this update with If-Match before; undefined: it was not refused
 * @param next the fallback that the answer leads to
 */
function learn(
  { capabilities }: ClientContext,
  resourceType: ResourceType,
  id: RemoteId | undefined,
  { answer, refusedVersion }: { readonly answer: Answer; readonly refusedVersion: number | undefined },
  next: Fallback | undefined,
): void {
  const { decision, requestMethod, hasIfMatch } = answer;
  const status = statusOf(answer);
  if (id === undefined || status === undefined) return;
  if (next?.name === 'freshVersion' && !hasIfMatch) capabilities.ifMatchRequired(id, status);
  if (decision === 'accept') {
    capabilities.accepted(resourceType, requestMethod, hasIfMatch);
    if (next === undefined && refusedVersion !== undefined) capabilities.ifMatchRefused(id, refusedVersion);
  }
  if (requestMethod === 'PATCH' && decision === 'unsupported') capabilities.patchUnsupported(resourceType, id, status);
}

const statusOf = ({ result }: Answer): number | undefined => (result.kind === 'response' ? result.status : undefined);

const isVersionDropped = (next: { readonly fallback: Fallback } | undefined): boolean =>
  next?.fallback.name === 'withoutVersion' || next?.fallback.name === 'versionNotSent';

/**
 * The PUT that may replace PATCH: the current resource is read and written back, so that it keeps what the request does
 * not contain. An inactive account that the target hides or anonymises cannot be read.
 */
function putMethodFor(
  { profile, capabilities }: ClientContext,
  { resourceType, action }: UpdateOperation,
): FallbackFacts['putMethod'] {
  if (!capabilities.mayUsePut(resourceType)) return undefined;
  const isHidden = action === 'reactivate' && profile.protocol.inactiveUsers !== 'readable';
  return isHidden ? 'put' : 'getThenPut';
}

const answerOf = ({ encoded, result }: SentUpdate): Answer => ({
  result,
  decision: decide(result),
  requestMethod: encoded.request.method,
  hasIfMatch: encoded.request.ifMatch !== undefined,
});

/** The input of one attempt. */
interface Preparation {
  readonly operation: UpdateOperation;
  readonly style: RequestStyle;
  readonly attempt: Attempt;
  /** The previous attempt, with its result. */
  readonly previous: SentUpdate | undefined;
  /** A GET of an earlier attempt that still shows the current state. */
  readonly reading: HttpResult | undefined;
}

type AttemptResult = SentUpdate | NotEncodable | NeedsMembers | IncompleteRead;

/** Sends one attempt, under the group's lock where it builds on the previous request. */
async function sendAttempt(
  client: ClientContext,
  context: OperationContext,
  preparation: Preparation,
  execution: OperationExecution,
): Promise<AttemptResult> {
  const { operation, attempt } = preparation;
  // The previous request may also have made the group too large for PATCH.
  const dependsOnPrevious =
    operation.resourceType === 'Group' &&
    (attempt.method !== 'patch' ||
      attempt.ifMatch ||
      mergesMembers(preparation.style) ||
      client.profile.limits.maxPatchableGroupSize !== null);
  if (!dependsOnPrevious || context.remoteId === undefined)
    return encodeAndSend(client, context, preparation, execution);
  return client.groupLock.runExclusive(context.remoteId, async (uncommitted) => {
    const sent = await encodeAndSend(client, withUncommitted(context, uncommitted), preparation, execution);
    if (sent.kind === 'sent' && sent !== preparation.previous && isAccepted(sent.result))
      recordAccepted(uncommitted, operation, context, sent.result);
    return sent;
  });
}

async function encodeAndSend(
  client: ClientContext,
  context: OperationContext,
  preparation: Preparation,
  execution: OperationExecution,
): Promise<AttemptResult> {
  const { operation, attempt, previous } = preparation;
  const { method, valuePaths, ifMatch } = attempt;
  const attemptStyle = { ...preparation.style, updateMethod: method, valuePaths, ifMatch };
  const style = groupRequestStyle(client.profile, operation, context.members, attemptStyle);
  if ('kind' in style) return style;
  const { remoteId } = context;
  const isReadNeeded = needsCurrentState(operation, context, style, attempt);
  const first =
    isReadNeeded && remoteId !== undefined
      ? (preparation.reading ?? (await get(client.transport, operation.resourceType, remoteId, execution)))
      : undefined;
  const isWhole = first !== undefined && writesWhole(operation, style);
  const reading = isWhole ? await completeRead(client, context, operation, first, execution) : first;
  if (reading?.kind === 'incompleteRead') return reading;
  const basis =
    reading === undefined ? { operation, context } : rebaseOnReading(operation, context, reading, preparation);
  if ('kind' in basis) return basis;
  const encoded = encodeRequest(basis.operation, basis.context, style);
  if (encoded.kind !== 'encoded') return encoded;
  const request = outsideBulk(client, context, operation, encoded.request);
  return {
    kind: 'sent',
    encoded,
    ...(reading === undefined ? {} : { reading }),
    ...(previous?.partial === true ? { partial: true } : {}),
    ...(await sendInBatches(client, context, operation, request, execution)),
  };
}

/** A request whose kind had no effect inside Bulk is sent singly. */
function outsideBulk(
  { samples }: ClientContext,
  { removalForm, isSingle }: OperationContext,
  operation: UpdateOperation,
  request: ScimRequest,
): ScimRequest {
  if (removalForm !== undefined || isSingle === true) return { ...request, single: true };
  const { resourceType } = operation;
  const actions = sampledActionsOf(operation);
  const isIgnored = actions.some((action) => {
    const form = { resourceType, action, method: request.method, isBulk: true };
    return isRemoval(operation) ? samples.isContradicted(form) : samples.avoids(form);
  });
  return isIgnored ? { ...request, single: true } : request;
}

function sampledActionsOf({ action }: UpdateOperation): readonly SampledAction[] {
  if (action === 'members') return memberActions;
  return action === 'delete' ? ['delete'] : ['update'];
}

/** Whether the request contains all of the resource, or all members of a group, as a GET shows them. */
const writesWhole = (operation: UpdateOperation, style: RequestStyle): boolean =>
  style.updateMethod === 'getThenPut' || (operation.action === 'members' && mergesMembers(style));

function needsCurrentState(
  operation: UpdateOperation,
  { knownResource }: OperationContext,
  style: RequestStyle,
  { base, version }: Attempt,
): boolean {
  const { updateMethod, deactivation } = style;
  if (base === 'current' || version === 'current') return true;
  if (operation.action === 'delete' || (operation.action === 'deactivate' && deactivation === 'delete')) return false;
  // A membership operation does not contain the group's own attributes, and PUT would remove them.
  return (
    updateMethod === 'getThenPut' ||
    (operation.action === 'members' &&
      (mergesMembers(style) || (updateMethod === 'put' && knownResource === undefined)))
  );
}

/** The context, updated with the state that earlier responses of this pass showed. */
function withUncommitted(context: OperationContext, uncommitted: UncommittedGroupState | undefined): OperationContext {
  if (uncommitted === undefined) return context;
  const { version: knownVersion, ...rest } = context;
  const version = uncommitted.version === undefined ? knownVersion : (uncommitted.version ?? undefined);
  return {
    ...rest,
    ...(version === undefined ? {} : { version }),
    ...(context.members === undefined ? {} : { members: applyUncommitted(context.members, uncommitted) }),
    ...(uncommitted.body === undefined ? {} : { knownResource: uncommitted.body }),
  };
}

function recordAccepted(
  uncommitted: UncommittedGroupState,
  operation: UpdateOperation,
  { resolve }: OperationContext,
  result: Response,
): void {
  uncommitted.version = versionOf(result).version ?? null;
  if ('edits' in operation) uncommitted.body = operation.body;
  if (operation.action !== 'members') return;
  const { add, remove } = resolveMembers(operation, resolve);
  recordMembers(uncommitted, add, remove);
}
