import type { EditOperation } from '../../model/operation.ts';
import { pathOf } from '../../model/path.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import {
  withVersion,
  type OperationContext,
  type UpdateOperation,
  type OperationExecution,
} from '../operation-context.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import type { RequestStyle } from '../capabilities.ts';
import { groupRequestStyle } from '../encode/group-request-style.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';
import { get, parseGet } from '../read/get-resource.ts';
import {
  quoteEtag,
  encodeRequest,
  type EncodingContext,
  type EncodedRequest,
  type NotEncodable,
} from '../encode/encode-request.ts';
import { decide, versionOf } from '../judge/judge-response.ts';
import { resolveMembers } from '../encode/member-patch.ts';
import { recordUncommitted, applyUncommitted, type UncommittedGroupState } from './group-lock.ts';
import type { ClientContext } from '../client-context.ts';

/** What was said in the end, and what was answered to that. */
export interface SentUpdate {
  readonly kind: 'sent';
  readonly encoded: EncodedRequest;
  readonly result: HttpResult;
  /** It was said in several requests, and some of them were accepted before this answer. */
  readonly partial?: true;
}

/** How a change is to be said where that is not the target's usual way. */
export type WriteMethod = RequestStyle['updateMethod'];

/**
 * Says a change until it is understood: by PUT where PATCH is unknown, with the version that is there now where another was
 * named, and for what is really there where a path led nowhere.
 */
export async function sendUpdate(
  client: ClientContext,
  context: OperationContext,
  operation: UpdateOperation,
  execution: OperationExecution,
  method?: WriteMethod,
): Promise<SentUpdate | NotEncodable> {
  const { remoteId } = context;
  const { limits } = client.profile;
  const usualStyle = client.capabilities.requestStyle(operation.resourceType);
  const style: RequestStyle = method === undefined ? usualStyle : { ...usualStyle, updateMethod: method };
  // Whether a group has become too large for PATCH depends on the one before, too.
  const dependsOnPrevious =
    operation.resourceType === 'Group' &&
    (style.updateMethod !== 'patch' || style.ifMatch || limits.maxPatchableGroupSize !== null);
  const attempt =
    remoteId !== undefined && dependsOnPrevious
      ? await client.groupLock.runExclusive(remoteId, (uncommitted) =>
          underGroupLock(client, context, operation, style, uncommitted, execution),
        )
      : await withFallbacks(client, context, operation, style, execution);
  if (
    attempt.kind === 'notEncodable' ||
    attempt.encoded.request.method !== 'PATCH' ||
    decide(attempt.result) !== 'unsupported'
  )
    return attempt;
  return client.capabilities.fallBackToPut(operation.resourceType)
    ? sendUpdate(client, context, operation, execution)
    : attempt;
}

/** With what the answers before this one have said, and leaving word of its own. */
async function underGroupLock(
  client: ClientContext,
  context: OperationContext,
  operation: UpdateOperation,
  usualStyle: RequestStyle,
  uncommitted: UncommittedGroupState,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const allMembers = context.allMembers;
  const currentContext: EncodingContext = {
    ...(uncommitted.version === undefined ? context : withVersion(context, uncommitted.version)),
    ...(allMembers === undefined ? {} : { allMembers: () => applyUncommitted(allMembers(), uncommitted) }),
  };
  const style = groupRequestStyle(client.profile, operation, currentContext, usualStyle);
  if ('kind' in style) return style;
  const encodingContext: EncodingContext = {
    ...currentContext,
    ...(uncommitted.body === undefined
      ? await knownGroup(client, context, operation, style, execution)
      : { knownResource: uncommitted.body }),
  };
  const attempt = await withFallbacks(client, encodingContext, operation, style, execution);
  if (attempt.kind === 'notEncodable' || attempt.result.kind !== 'response' || decide(attempt.result) !== 'accept')
    return attempt;
  const { add, remove } = resolveMembers(
    operation.action === 'members' ? operation : { add: [], remove: [] },
    context.resolve,
  );
  recordUncommitted(uncommitted, versionOf(attempt.result).version, add, remove);
  if ('edits' in operation) uncommitted.body = operation.body;
  return attempt;
}

/** A membership says nothing of the group's own attributes, which PUT would wipe: they are read where the caller does not know them. */
async function knownGroup(
  client: ClientContext,
  context: OperationContext,
  operation: UpdateOperation,
  style: RequestStyle,
  execution: OperationExecution,
): Promise<Pick<EncodingContext, 'knownResource'>> {
  const { remoteId, knownResource } = context;
  if (operation.action !== 'members' || style.updateMethod !== 'put' || remoteId === undefined) return {};
  if (knownResource !== undefined) return { knownResource };
  const result = await get(client.transport, 'Group', remoteId, execution);
  return result.kind === 'response' && decide(result) === 'accept'
    ? { knownResource: fromScimJson(result.body, ['displayName', 'externalId']) }
    : {};
}

async function withFallbacks(
  client: ClientContext,
  context: EncodingContext,
  operation: UpdateOperation,
  style: RequestStyle,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const attempt = await encodeAndSend(client, context, operation, style, execution);
  if (attempt.kind === 'notEncodable') return attempt;
  const fallback = await chooseFallback(client, context, operation, style, attempt, execution);
  return attempt.partial === true && fallback.kind === 'sent' ? { ...fallback, partial: true } : fallback;
}

async function chooseFallback(
  client: ClientContext,
  context: EncodingContext,
  operation: UpdateOperation,
  style: RequestStyle,
  attempt: SentUpdate,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const decision = decide(attempt.result);
  if (decision === 'preconditionFailed' && client.capabilities.requireIfMatch())
    return withFreshVersion(client, context, operation, style, attempt, execution);
  if (!('edits' in operation) || style.updateMethod !== 'patch') return attempt;
  return decision === 'noTarget' || mayBePathError(context, operation, style, attempt)
    ? rebaseOnCurrentState(client, context, operation, style, attempt, execution)
    : attempt;
}

/** Some do not say that it is a path into an element that they refuse. Tried once: what was refused before is sent once in a pass. */
function mayBePathError(
  { failedBefore }: EncodingContext,
  { edits }: EditOperation,
  style: RequestStyle,
  { result, encoded }: SentUpdate,
): boolean {
  if (
    result.kind !== 'response' ||
    decide(result) !== 'rejected' ||
    result.status !== 400 ||
    encoded.request.method !== 'PATCH'
  )
    return false;
  const type = scimTypeOf(result);
  const hasSpecificType = type !== undefined && type !== 'invalidfilter' && type !== 'invalidsyntax';
  return (
    !hasSpecificType &&
    style.valuePaths &&
    edits.some(({ path }) => pathOf(path).filter !== undefined) &&
    failedBefore?.() !== true
  );
}

async function encodeAndSend(
  client: ClientContext,
  context: EncodingContext,
  operation: UpdateOperation,
  style: RequestStyle,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const current = await readForPut(client, context, operation, style, execution);
  if (current !== undefined && 'answer' in current) return { kind: 'sent', encoded: noRequest, result: current.answer };
  const encoded = encodeRequest(operation, { ...context, ...current }, style);
  return encoded.kind === 'notEncodable'
    ? encoded
    : { kind: 'sent', encoded, ...(await inBatches(client, encoded.request, execution)) };
}

const noRequest: EncodedRequest = {
  kind: 'encoded',
  request: { method: 'GET', path: '' },
  unresolved: [],
  unresolvedMembers: [],
};

/** What is there, where it is to be written back with our changes; the answer where it cannot be had. */
async function readForPut(
  client: ClientContext,
  { remoteId }: EncodingContext,
  operation: UpdateOperation,
  style: RequestStyle,
  execution: OperationExecution,
): Promise<Pick<EncodingContext, 'currentResource' | 'version'> | { readonly answer: HttpResult } | undefined> {
  const isDelete =
    operation.action === 'delete' || (operation.action === 'deactivate' && style.deactivation === 'delete');
  if (style.updateMethod !== 'getThenPut' || isDelete || remoteId === undefined) return undefined;
  const answer = await get(client.transport, operation.resourceType, remoteId, execution);
  if (answer.kind !== 'response' || decide(answer) !== 'accept') return { answer };
  return typeof answer.body === 'object' && answer.body !== null
    ? { currentResource: answer.body, ...versionOf(answer) }
    : { answer: { ...answer, status: 502 } };
}

/** A PATCH with more operations than a target takes is several, each for the version that the one before made. The first that fails is the answer. */
async function inBatches(
  client: ClientContext,
  request: ScimRequest,
  execution: OperationExecution,
): Promise<Pick<SentUpdate, 'result' | 'partial'>> {
  const maxOperations = client.profile.limits.operationsPerPatch;
  const { Operations: operations = [], ...message } = (request.body ?? {}) as { Operations?: readonly unknown[] };
  if (request.method !== 'PATCH' || maxOperations === null || operations.length <= maxOperations)
    return { result: await client.transport.sendWithRetry(request, execution) };
  let nextRequest = request;
  for (let offset = 0; ; offset += maxOperations) {
    const result = await client.transport.sendWithRetry(
      { ...nextRequest, body: { ...message, Operations: operations.slice(offset, offset + maxOperations) } },
      execution,
    );
    const isAccepted = result.kind === 'response' && decide(result) === 'accept';
    if (!isAccepted || offset + maxOperations >= operations.length)
      return { result, ...(isAccepted || offset === 0 ? {} : { partial: true }) };
    nextRequest = withIfMatch(nextRequest, versionOf(result).version);
  }
}

function withIfMatch(request: ScimRequest, version: string | undefined): ScimRequest {
  const { ifMatch, ...rest } = request;
  return ifMatch === undefined || version === undefined ? rest : { ...rest, ifMatch: quoteEtag(version) };
}

/** 412 and 428 (RFC 7644 section 3.14): once more with the version that is there now. Our edits are ours whatever else has changed. */
async function withFreshVersion(
  client: ClientContext,
  context: EncodingContext,
  operation: UpdateOperation,
  style: RequestStyle,
  attempt: SentUpdate,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const { remoteId } = context;
  if (remoteId === undefined) return attempt;
  const result = await get(client.transport, operation.resourceType, remoteId, execution);
  const getResult = parseGet(result, remoteId, []);
  if (getResult === 'notFound') return { ...attempt, result };
  if ('unavailable' in getResult || getResult.version === undefined) return attempt;
  return encodeAndSend(
    client,
    { ...context, version: getResult.version },
    operation,
    { ...style, ifMatch: true },
    execution,
  );
}

/**
 * A PATCH path led nowhere (400 noTarget, invalidPath): somebody changed the account there, or the target does not know such
 * paths. The edits are worked out again from what is there; if that is not understood either, whole attributes are replaced,
 * with what else was there.
 */
async function rebaseOnCurrentState(
  client: ClientContext,
  context: EncodingContext,
  operation: EditOperation,
  style: RequestStyle,
  attempt: SentUpdate,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const { remoteId } = context;
  if (remoteId === undefined) return attempt;
  const paths = [...new Set([...Object.keys(operation.body), ...operation.edits.map(({ path }) => path)])];
  const result = await get(client.transport, operation.resourceType, remoteId, execution);
  const getResult = parseGet(result, remoteId, paths);
  if (getResult === 'notFound') return { ...attempt, result };
  if ('unavailable' in getResult) return attempt;
  const edits = operation.edits
    .map((edit) => ({ ...edit, from: getResult.body[edit.path] ?? null }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
  // All is as it should be: the reading itself is the answer.
  if (edits.length === 0) return { ...attempt, result };
  const rebased = { ...operation, edits };
  const currentContext: EncodingContext = {
    ...context,
    currentValues: getResult.body,
    ...(result.kind === 'response' ? { currentResource: result.body as object } : {}),
    ...(getResult.version === undefined ? {} : { version: getResult.version }),
  };
  return resendRebased(client, currentContext, rebased, style, attempt, execution);
}

async function resendRebased(
  client: ClientContext,
  currentContext: EncodingContext,
  rebased: EditOperation,
  style: RequestStyle,
  attempt: SentUpdate,
  execution: OperationExecution,
): Promise<SentUpdate | NotEncodable> {
  const isGuess = decide(attempt.result) !== 'noTarget';
  const isPathUnknown = isGuess || (attempt.result.kind === 'response' && scimTypeOf(attempt.result) === 'invalidpath');
  const secondAttempt = isPathUnknown
    ? attempt
    : await encodeAndSend(client, currentContext, rebased, style, execution);
  if (
    secondAttempt.kind === 'notEncodable' ||
    !(isGuess || decide(secondAttempt.result) === 'noTarget') ||
    !style.valuePaths
  )
    return secondAttempt;
  const thirdAttempt = await encodeAndSend(client, currentContext, rebased, { ...style, valuePaths: false }, execution);
  // It was not the path: the first answer says why.
  return isGuess && thirdAttempt.kind === 'sent' && decide(thirdAttempt.result) === 'rejected' ? attempt : thirdAttempt;
}
