import type { CreateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Profile, Protocol } from '../../model/profile.ts';
import { encodeRequest, type EncodedRequest } from '../encode/encode-request.ts';
import { decide, errorSummary, isAccepted, isConflict, toOutcome } from '../judge/judge-response.ts';
import { mayConcernAttribute, namedPaths } from '../judge/refused-attributes.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import type { Lookup } from '../read/lookup.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { isRepeatedFailure } from '../transport/retry.ts';
import {
  afterConflict,
  afterRefusal,
  beforeCreate,
  externalGroup,
  isInDoubt,
  lookUpExisting,
  whileInDoubt,
} from './create-lookup.ts';
import { createdOutcome } from './created-outcome.ts';
import { referencedId } from './send-in-parts.ts';
import { isIdentityPath, smallerCreates, type SmallerCreate } from './smaller-create.ts';

/**
 * Creates a resource exactly once.
 *
 * POST is not idempotent: after an attempt that may have taken effect, the resource is looked up before POST is sent
 * again. A refusal is such an attempt, too: some applications store the account and then fail. The caller decides the
 * ownership of an existing resource.
 *
 *     POST → accepted
 *          → conflict                        look-up → existing account, or POST with the same identity alone
 *          → no response, 5xx                look-up → existing account, or POST again
 *          → refused, 500 for a second time  look-up → existing account, or POST with fewer attributes
 */
export async function create(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  if (operation.resourceType === 'Group' && client.profile.supports.groupsReadOnly)
    return externalGroup(await lookUpExisting(client, context, operation, execution), operation);
  const encoded = encodeRequest(operation, context, client.capabilities.requestStyle(operation.resourceType));
  if (encoded.kind === 'notEncodable') return { kind: 'skipped', detail: encoded.detail };
  const isLookedUp = context.mayDuplicate === true && !context.isInDoubt;
  const verdict = isLookedUp
    ? beforeCreate(await lookUpExisting(client, context, operation, execution))
    : ({ kind: 'send' } as const);
  if (verdict.kind !== 'send') return verdict;
  const { note } = verdict;
  const { refusal, outcome } = await postUntilAnswered({ client, context, operation, encoded, execution, note });
  return refusal === undefined ? outcome : createSmaller(client, context, operation, { refusal, outcome }, execution);
}

/** A create with its encoded request. */
interface PostRequest {
  readonly client: ClientContext;
  readonly context: OperationContext;
  readonly operation: CreateOperation;
  readonly encoded: EncodedRequest;
  readonly execution: OperationExecution;
  /** What the report adds about the look-up before. */
  readonly note?: string | undefined;
}

/** A POST that is sent until it is answered. */
interface Attempts {
  /** The refused response; undefined where `outcome` is the result. */
  readonly refusal?: Response;
  readonly outcome: PerformOutcome;
}

async function postUntilAnswered({
  client,
  context,
  operation,
  encoded,
  execution,
  note: noteBefore,
}: PostRequest): Promise<Attempts> {
  const { transport, profile } = client;
  let note = noteBefore;
  // The result that left the create in doubt: of an earlier pass, or of this one.
  let inDoubt: HttpResult | 'earlier' | undefined = context.isInDoubt ? 'earlier' : undefined;
  let conflictRules: Pick<Protocol, 'conflictStatuses' | 'conflictMessages'> = profile.protocol;
  const mayMeanConflict = (response: Response): boolean => isConflict(response, conflictRules);

  const { consistencyDelaySeconds, allowsDuplicates } = profile.protocol;
  const isSearchDelayed = consistencyDelaySeconds > 0 || allowsDuplicates.includes(operation.resourceType);

  for (let attempt = 1; ; attempt += 1) {
    if (inDoubt !== undefined) {
      const lookup = await lookUpExisting(client, context, operation, execution);
      const verdict = whileInDoubt(lookup, inDoubt, operation, context.resolve, isSearchDelayed);
      if (verdict.kind !== 'send') return { outcome: verdict };
      note = verdict.note ?? note;
    }
    const result = await transport.send(encoded.request, execution, mayMeanConflict);
    if (result.kind === 'response') {
      if (mayMeanConflict(result)) {
        const lookup = await lookUpExisting(client, context, operation, execution);
        const outcome = afterConflict(lookup, result, inDoubt);
        if (outcome !== 'noConflict')
          return mayConcernOtherAttribute(lookup, result, profile, inDoubt !== undefined)
            ? { outcome, refusal: result }
            : { outcome };
        // From now on the status has its usual meaning: 429, or a failure.
        conflictRules = {
          ...conflictRules,
          conflictStatuses: conflictRules.conflictStatuses.filter((status) => status !== result.status),
        };
        continue;
      }
      if (isAccepted(result)) {
        const { unresolved } = encoded;
        return { outcome: await createdOutcome(client, context, operation, result, { unresolved, note }, execution) };
      }
      if (isRefused(result, attempt)) return refusedAttempts(operation, result);
    }
    if (isInDoubt(result)) inDoubt = result;
    if (!(await transport.backOff(result, attempt, execution)))
      return { outcome: finalOutcome(operation, result, inDoubt) };
  }
}

/** Whether a create with fewer attributes may succeed, and the same one would not. */
const isRefused = (response: Response, attempt: number): boolean =>
  mayConcernAttribute(response) && (decide(response) !== 'retry' || isRepeatedFailure(response, attempt));

/** What may have been a conflict in an earlier pass was tried with the identity alone then. */
function guessAfter(
  mayBeConflict: boolean,
  mayGuess: boolean,
  { failedBefore }: OperationContext,
): 'none' | 'identity' | 'all' {
  if (!mayGuess || (mayBeConflict && failedBefore === true)) return 'none';
  return mayBeConflict ? 'identity' : 'all';
}

function refusedAttempts(operation: CreateOperation, refusal: Response): Attempts {
  return { refusal, outcome: withDoubt(toOutcome(operation, refusal)) };
}

/** A gateway may refuse with any status what the application has executed. */
const withDoubt = (outcome: Outcome): Outcome =>
  outcome.kind === 'rejected' ? { ...outcome, mayExist: true } : outcome;

/** Whether the response means a conflict at every target, or by the message that the profile names. */
const isCertainConflict = (response: Response, { protocol }: Profile): boolean =>
  isConflict(response, protocol) && (decide(response) === 'conflict' || protocol.conflictMessages.length > 0);

/**
 * Whether a create with fewer attributes may succeed after a conflict: another attribute may be the one in use.
 *
 * A certain conflict shows that an account exists. It may be the account of an earlier create, or one that a look-up
 * without trust does not show; a smaller create could then make a second one.
 */
function mayConcernOtherAttribute(lookup: Lookup, response: Response, profile: Profile, inDoubt: boolean): boolean {
  if (!mayConcernAttribute(response)) return false;
  if (isCertainConflict(response, profile)) return lookup.kind === 'none' && !inDoubt;
  return lookup.kind === 'none' || lookup.kind === 'untrusted';
}

/** Sends a refused create with fewer attributes, until one is accepted. */
async function createSmaller(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  { refusal, outcome }: Required<Attempts>,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const { transport, profile, capabilities } = client;
  const paths = Object.keys(operation.body);
  const named = namedPaths(refusal, paths, (path) => referencedId(operation.body, path, context));
  const isCertain = isCertainConflict(refusal, profile);
  if (isCertain && named.some(isIdentityPath)) return outcome;
  const mayBeConflict = isConflict(refusal, profile.protocol);
  const guess = guessAfter(mayBeConflict, capabilities.mayCreateSmaller(), context);
  // An account that may exist is found by its identity, and nothing else prevents a second one.
  const keepsIdentity = ({ body }: SmallerCreate): boolean =>
    !(context.isInDoubt || isCertain) || body['externalId'] === operation.body['externalId'];
  const creates = smallerCreates(operation, named, guess).filter(keepsIdentity);
  if (creates.length === 0) return outcome;
  // After such a status the look-up was made.
  if (!mayBeConflict) {
    const verdict = afterRefusal(await lookUpExisting(client, context, operation, execution), operation, context);
    if (verdict !== 'send') return verdict ?? outcome;
  }
  for (const { body, refused, unresolved } of creates) {
    const encoded = encodeRequest({ ...operation, body }, context, capabilities.requestStyle(operation.resourceType));
    if (encoded.kind === 'notEncodable') return outcome;
    const result = await transport.send(encoded.request, execution, (response) => response.status === 429);
    if (result.kind === 'response' && decide(result) === 'accept') {
      capabilities.smallerCreateEnded(true);
      const omitted = [...refused, ...unresolved].join(', ');
      const note = `created without ${omitted}; the target refused it with them: ${errorSummary(refusal)}`;
      const missing = { refused, unresolved: [...unresolved, ...encoded.unresolved], note };
      return createdOutcome(client, context, { ...operation, body }, result, missing, execution);
    }
    if (result.kind !== 'response' || !mayConcernAttribute(result))
      return isInDoubt(result) ? toOutcome(operation, result) : outcome;
  }
  capabilities.smallerCreateEnded(false);
  return outcome;
}

function finalOutcome(
  operation: CreateOperation,
  result: HttpResult,
  inDoubt: HttpResult | 'earlier' | undefined,
): Outcome {
  const outcome = withDoubt(toOutcome(operation, result));
  // An earlier attempt of this pass may have taken effect, although the last one did not.
  const isStillInDoubt =
    inDoubt !== undefined && inDoubt !== 'earlier' && (outcome.kind === 'unavailable' || outcome.kind === 'skipped');
  return isStillInDoubt ? { kind: 'unknown', detail: `sent without an answer; then ${outcome.detail}` } : outcome;
}
