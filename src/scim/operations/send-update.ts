import type { EditOperation, UpdateOperation } from '../../model/operation.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import { sourceKey } from '../../model/ids.ts';
import type { Json } from '../../model/resource.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import type { RequestStyle } from '../capabilities.ts';
import { groupRequestStyle } from '../encode/group-request-style.ts';
import {
  encodeRequest,
  type EncodedRequest,
  type EncodingContext,
  type NotEncodable,
} from '../encode/encode-request.ts';
import { mergesMembers, resolveMembers } from '../encode/member-patch.ts';
import { decide, isAccepted, versionOf } from '../judge/judge-response.ts';
import type { ClientContext, NeedsMembers, OperationContext } from '../operation-context.ts';
import { get, parseGet } from '../read/get-resource.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { fallbacks, firstApplicable, type Answer, type Attempt } from './attempt.ts';
import { sendInBatches } from './patch-batches.ts';
import { applyUncommitted, recordMembers, type UncommittedGroupState } from './group-lock.ts';

/** The last request of an update and its result. */
export interface SentUpdate {
  readonly kind: 'sent';
  readonly encoded: EncodedRequest;
  readonly result: HttpResult;
  /** The GET that it was derived from. */
  readonly reading?: HttpResult;
  /** The update took several requests, and the target accepted some of them before this result. */
  readonly partial?: true;
}

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
): Promise<SentUpdate | NotEncodable | NeedsMembers> {
  const { capabilities } = client;
  const style = capabilities.requestStyle(operation.resourceType);
  const facts = {
    operation,
    mayUsePut: capabilities.mayUsePut(operation.resourceType),
    mayUseIfMatch: client.profile.protocol.ifMatch !== 'never',
    failedBefore: context.failedBefore === true,
  };
  const unused = new Set(fallbacks);
  let attempt: Attempt = {
    method: method ?? style.updateMethod,
    valuePaths: style.valuePaths,
    ifMatch: style.ifMatch,
    base: 'known',
    version: 'known',
    isGuess: false,
  };
  let previous: SentUpdate | undefined;
  let reading: HttpResult | undefined;
  for (;;) {
    const sent = await sendAttempt(client, context, { operation, style, attempt, previous, reading }, execution);
    if (sent.kind !== 'sent') return previous?.partial === true ? previous : sent;
    const answer = answerOf(sent);
    if (attempt.isGuess && answer.decision === 'rejected' && previous !== undefined) return previous;
    const next = sent === previous ? undefined : firstApplicable(unused, attempt, answer, facts);
    if (next === undefined) return sent;
    unused.delete(next.fallback);
    capabilities.learn(operation.resourceType, next.fallback.name);
    attempt = next.attempt;
    previous = sent;
    reading = answer.decision === 'preconditionFailed' ? undefined : sent.reading;
  }
}

const answerOf = ({ encoded, result }: SentUpdate): Answer => ({
  result,
  decision: decide(result),
  requestMethod: encoded.request.method,
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

type AttemptResult = SentUpdate | NotEncodable | NeedsMembers;

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
  const reading =
    isReadNeeded && remoteId !== undefined
      ? (preparation.reading ?? (await get(client.transport, operation.resourceType, remoteId, execution)))
      : undefined;
  const basis = reading === undefined ? { operation, context } : rebase(operation, context, reading, preparation);
  if ('kind' in basis) return basis;
  const encoded = encodeRequest(basis.operation, basis.context, style);
  if (encoded.kind !== 'encoded') return encoded;
  const isPartial = previous?.partial === true;
  return {
    kind: 'sent',
    encoded,
    ...(reading === undefined ? {} : { reading }),
    ...(isPartial ? { partial: true } : {}),
    ...(await sendInBatches(client, encoded.request, execution)),
  };
}

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

interface Basis {
  readonly operation: UpdateOperation;
  readonly context: EncodingContext;
}

/**
 * The operation to send, derived again from the state that a GET shows; the result itself where nothing is left to
 * send.
 */
function rebase(
  operation: UpdateOperation,
  context: OperationContext,
  reading: HttpResult,
  { attempt: { base, version }, previous }: Preparation,
): Basis | SentUpdate {
  const current = readCurrent(operation, context, reading, previous);
  if ('kind' in current) return current;
  if (version === 'current' && base === 'known' && current.version === undefined && previous !== undefined)
    return previous;
  const { body } = reading as Response;
  const rebased: EncodingContext = {
    ...context,
    currentResource: body as object,
    ...(current.version === undefined ? {} : { version: current.version }),
    knownResource: context.knownResource ?? fromScimJson(body, ['displayName', 'externalId']),
  };
  if (base === 'known' || !('edits' in operation)) return { operation, context: rebased };
  const manager = current.manager === undefined ? {} : { [managerPath]: current.manager };
  const currentValues = { ...current.body, ...manager };
  const edits = rebaseEdits(operation, currentValues, context);
  // Every value is already as desired: the GET is the result.
  if (edits.length === 0) return { kind: 'sent', encoded: previous?.encoded ?? noRequest, result: reading };
  return { operation: { ...operation, edits }, context: { ...rebased, currentValues } };
}

/** The resource that a GET shows; the result of the update where it shows none. */
function readCurrent(
  operation: UpdateOperation,
  { remoteId }: OperationContext,
  reading: HttpResult,
  previous: SentUpdate | undefined,
): RemoteResource | SentUpdate {
  const encoded = previous?.encoded ?? noRequest;
  const paths = 'edits' in operation ? pathsOf(operation) : [];
  const current = remoteId === undefined ? 'notFound' : parseGet(reading, remoteId, paths);
  if (current === 'notFound') return { kind: 'sent', encoded, result: reading };
  return 'unavailable' in current ? (previous ?? { kind: 'sent', encoded, result: asFailure(reading) }) : current;
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

const noRequest: EncodedRequest = {
  kind: 'encoded',
  request: { method: 'GET', path: '' },
  unresolved: [],
  unresolvedMembers: [],
};

/** A successful GET without the resource is a failure of the target. */
const asFailure = (result: HttpResult): HttpResult => (isAccepted(result) ? { ...result, status: 502 } : result);

const pathsOf = ({ body, edits }: EditOperation): readonly string[] => [
  ...new Set([...Object.keys(body), ...edits.map(({ path }) => path)]),
];

/** The edits that still change something, with the current values as old values. */
function rebaseEdits(
  { edits }: EditOperation,
  currentValues: Readonly<Record<string, Json>>,
  { resolve }: OperationContext,
): EditOperation['edits'] {
  return edits
    .map((edit) => ({ ...edit, from: currentValues[edit.path] ?? null }))
    .filter(({ path, from, to }) => {
      const expected = path === managerPath && typeof to === 'string' ? resolve('User', sourceKey(to)) : to;
      return JSON.stringify(from) !== JSON.stringify(expected);
    });
}
