import type { Outcome } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import type { FlatResource } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { minuteMs } from '../../model/time.ts';
import type { OperationContext, OperationExecution, WriteOperation } from '../operation-context.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { LearnedCapabilities } from '../capabilities.ts';
import { find, type Lookup } from '../read/lookup.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { findNotPersisted, describeNotPersisted } from './verify-writes.ts';
import { encodeRequest, type EncodedRequest } from '../encode/encode-request.ts';
import { decide, isConflict, errorSummary, toOutcome } from '../judge/judge-response.ts';
import type { ClientContext } from '../client-context.ts';

type CreateOperation = Extract<WriteOperation, { action: 'create' }>;

/**
 * Creates an account, once.
 *
 * POST is the one request that must not be repeated blindly: after an attempt that may have taken effect, it is looked up
 * before it is sent again. An account that is already there becomes ours, if it may.
 */
export async function create(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  execution: OperationExecution,
): Promise<Outcome> {
  if (operation.resourceType === 'Group' && client.profile.supports.groupsReadOnly)
    return adoptExternalGroup(client, context, operation, execution);
  const encoded = encodeRequest(operation, context, client.capabilities.requestStyle(operation.resourceType));
  if (encoded.kind === 'notEncodable') return { kind: 'skipped', detail: encoded.detail };
  if (context.mayDuplicate !== true || context.isInDoubt) return post(client, context, operation, encoded, execution);
  const verdict = decideBeforeCreate(await lookUpExisting(client, context, operation, execution), context, operation);
  return verdict.kind === 'send' ? post(client, context, operation, encoded, execution, verdict.note) : verdict;
}

async function post(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  encoded: EncodedRequest,
  execution: OperationExecution,
  note?: string,
): Promise<Outcome> {
  const { transport, profile, capabilities } = client;
  // What an earlier pass sent without an answer, or this one did.
  let inDoubt: HttpResult | 'earlier' | undefined = context.isInDoubt ? 'earlier' : undefined;
  let conflictRules: Pick<Protocol, 'conflictStatuses' | 'conflictMessages'> = profile.protocol;
  const mayMeanConflict = (response: Response): boolean => isConflict(response, conflictRules);

  for (let attempt = 1; ; attempt += 1) {
    if (inDoubt !== undefined) {
      const lookup = await lookUpExisting(client, context, operation, execution);
      const verdict = decideInDoubt(lookup, inDoubt, context, operation);
      if (verdict.kind !== 'send') return verdict;
      note = verdict.note ?? note;
    }
    const result = await transport.send(encoded.request, execution, mayMeanConflict);
    if (result.kind === 'response') {
      if (mayMeanConflict(result)) {
        const outcome = await resolveConflict(client, context, operation, result, execution);
        if (outcome !== 'asUsual') return outcome;
        conflictRules = {
          ...conflictRules,
          conflictStatuses: conflictRules.conflictStatuses.filter((status) => status !== result.status),
        };
        continue;
      }
      const decision = decide(result);
      if (decision === 'accept')
        return toCreatedOutcome(client, context, operation, result, encoded.unresolved, note, execution);
      if (decision === 'rejected' && shouldRetryMinimal(result, context, operation, capabilities))
        return withMinimalAttributes(client, context, operation, result, execution);
    }
    if (isInDoubt(result)) inDoubt = result;
    if (!(await transport.backOff(result, attempt, execution))) return finalOutcome(operation, result, inDoubt);
  }
}

/** A group that only the application makes: it is ours once it can be found there. */
async function adoptExternalGroup(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  execution: OperationExecution,
): Promise<Outcome> {
  const lookup = await lookUpExisting(client, context, operation, execution);
  if (lookup.kind === 'found') return adopt(lookup, context, operation, 200);
  if (lookup.kind === 'unavailable') return { kind: 'unavailable', detail: lookup.detail };
  const lookupDetail = lookup.kind === 'none' ? '' : ` (${lookup.detail})`;
  return {
    kind: 'rejected',
    status: 404,
    detail: `groups are made at this application itself, and it has none called "${operation.name}"${lookupDetail}: make it there`,
  };
}

/**
 * A target may refuse a person for one attribute that it does not know, and not say which. She is made without all that she can be without; what was
 * left out is said as changes, of which the report names those that are refused.
 */
async function withMinimalAttributes(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  refusal: Response,
  execution: OperationExecution,
): Promise<Outcome> {
  const { body, omitted } = minimalAttributes(operation.body);
  const encoded = encodeRequest(
    { ...operation, body },
    context,
    client.capabilities.requestStyle(operation.resourceType),
  );
  const result = encoded.kind === 'encoded' ? await client.transport.send(encoded.request, execution) : refusal;
  if (result.kind !== 'response' || decide(result) !== 'accept') {
    client.capabilities.minimalRetryFailed();
    // It may have been made all the same.
    return isInDoubt(result) ? toOutcome(operation, result) : finalOutcome(operation, refusal, undefined);
  }
  return toCreatedOutcome(
    client,
    context,
    { ...operation, body },
    result,
    omitted,
    `made without ${omitted.join(', ')} at first, since it was refused with them: ${errorSummary(refusal)}`,
    execution,
  );
}

/** Only where the refusal gives no reason, and only once: whoever was refused before is sent once in a pass. */
function shouldRetryMinimal(
  refusal: Response,
  { failedBefore }: OperationContext,
  { resourceType, body }: CreateOperation,
  capabilities: LearnedCapabilities,
): boolean {
  if (resourceType === 'Group' || scimTypeOf(refusal) !== undefined || !capabilities.mayRetryMinimal()) return false;
  return minimalAttributes(body).omitted.length > 0 && failedBefore?.() !== true;
}

/** What nearly every application knows of a person. */
function minimalAttributes(body: FlatResource): { readonly body: FlatResource; readonly omitted: readonly string[] } {
  const isEssential = (path: string): boolean => /^(userName|externalId|active|displayName|name\b|emails\b)/.test(path);
  const omitted = Object.keys(body).filter((path) => !isEssential(path));
  return { body: Object.fromEntries(Object.entries(body).filter(([path]) => isEssential(path))), omitted };
}

function lookUpExisting(
  { transport, profile }: ClientContext,
  { paths, owner }: OperationContext,
  { resourceType, body }: CreateOperation,
  execution: OperationExecution,
): Promise<Lookup> {
  return find(transport, profile, { resourceType, body, paths, owner }, execution);
}

/** Whether the account may have been made although the answer does not say so. */
function isInDoubt(result: HttpResult): boolean {
  return result.kind === 'noResponse' || (result.kind === 'response' && decide(result) === 'retry');
}

/** The answers of a gateway or of nobody: the application may have done its part. Any other 5xx is the application's own "no". */
function mayHaveTakenEffect(inDoubt: HttpResult | 'earlier'): boolean {
  if (inDoubt === 'earlier') return false;
  return inDoubt.kind !== 'response' || [408, 502, 504].includes(inDoubt.status);
}

type Verdict = Outcome | { readonly kind: 'send'; readonly note?: string };

function decideInDoubt(
  lookup: Lookup,
  inDoubt: HttpResult | 'earlier',
  context: OperationContext,
  operation: CreateOperation,
): Verdict {
  switch (lookup.kind) {
    case 'found': {
      const isOurs =
        lookup.by === 'externalId' ||
        Object.entries(operation.body).every(([path, value]) => isEqual(lookup.resource.body[path], value));
      return adopt(lookup, { ...context, mayAdopt: context.mayAdopt || isOurs }, operation, 200);
    }
    case 'none':
      return { kind: 'send' };
    case 'ambiguous':
      return { kind: 'rejected', status: 409, detail: lookup.detail };
    case 'unavailable':
      return {
        kind: 'unknown',
        detail: `sent without an answer, and whether it took effect could not be looked up: ${lookup.detail}`,
      };
    case 'untrusted': {
      const note = `it was sent before without an answer, and sent again, since ${lookup.detail}`;
      if (!mayHaveTakenEffect(inDoubt)) return { kind: 'send', note };
      return {
        kind: 'unknown',
        detail: `sent without an answer, and ${lookup.detail}; the next pass sends it again: look for doubled accounts there`,
      };
    }
  }
}

/** Whether it is there already, where nothing else would tell. */
function decideBeforeCreate(lookup: Lookup, context: OperationContext, operation: CreateOperation): Verdict {
  switch (lookup.kind) {
    case 'found':
      return adopt(lookup, context, operation, 200);
    case 'none':
      return { kind: 'send' };
    case 'ambiguous':
      return { kind: 'rejected', status: 409, detail: lookup.detail };
    case 'unavailable':
      return { kind: 'unavailable', detail: `whether it is there already could not be looked up: ${lookup.detail}` };
    case 'untrusted':
      return { kind: 'send', note: `made without knowing whether it is there already: ${lookup.detail}` };
  }
}

const isEqual = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a)?.toLowerCase() === JSON.stringify(b).toLowerCase();

/** Takes an account over that is already there, unless it is somebody else's or that is not allowed. */
function adopt(
  { resource, by }: Pick<Extract<Lookup, { kind: 'found' }>, 'resource' | 'by'>,
  { owner, mayAdopt }: OperationContext,
  { resourceType, key }: CreateOperation,
  status: number,
): Outcome {
  const ownerKey = owner(resourceType, resource.remoteId);
  if (ownerKey !== undefined && ownerKey !== key)
    return {
      kind: 'rejected',
      status: 409,
      detail: `already there: its ${by} is that of the account of key ${ownerKey}`,
    };
  if (!mayAdopt)
    return {
      kind: 'rejected',
      status: 409,
      detail: `already there (found by ${by}), and taking accounts over is switched off for this target: set "adopt" to true, or remove it there`,
    };
  return { kind: 'adopted', status, resource };
}

/** @returns `asUsual` where a status that may mean a conflict turns out to mean what it usually does: 429, or a failure */
async function resolveConflict(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  response: Response,
  execution: OperationExecution,
): Promise<Outcome | 'asUsual'> {
  const lookup = await lookUpExisting(client, context, operation, execution);
  const isDefiniteConflict = decide(response) === 'conflict';
  switch (lookup.kind) {
    case 'found':
      return adopt(lookup, context, operation, response.status);
    case 'ambiguous':
      return { kind: 'rejected', status: response.status, detail: lookup.detail };
    case 'unavailable':
      return {
        kind: 'unavailable',
        status: response.status,
        detail: `already there (${errorSummary(response)}), and it could not be looked up: ${lookup.detail}`,
      };
    case 'none':
    case 'untrusted': {
      if (decide(response) === 'rateLimited' || decide(response) === 'retry') return 'asUsual';
      const lookupDetail = lookup.kind === 'none' ? '' : ` (${lookup.detail})`;
      return {
        kind: 'rejected',
        status: response.status,
        detail: isDefiniteConflict
          ? `already there, but no lookup can see it${lookupDetail}: ${errorSummary(response)}`
          : errorSummary(response),
      };
    }
  }
}

/** Some answer a create with an empty body, or with the account of somebody else that they matched it to. */
async function toCreatedOutcome(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  response: Response,
  unresolved: readonly string[],
  note: string | undefined,
  execution: OperationExecution,
): Promise<Outcome> {
  const outcome = toOutcome(operation, response);
  if (outcome.kind !== 'done') return outcome;
  const extra = { ...(unresolved.length === 0 ? {} : { unresolved }), ...(note === undefined ? {} : { detail: note }) };
  if (outcome.remoteId === undefined) {
    const lookup = await lookUpExisting(client, context, operation, execution);
    if (lookup.kind !== 'found')
      return {
        kind: 'unknown',
        detail: `answered ${response.status} without an id, and no lookup shows the account yet`,
      };
    const adopted = adopt(lookup, { ...context, mayAdopt: true }, operation, response.status);
    return adopted.kind === 'adopted' ? { ...outcome, remoteId: adopted.resource.remoteId, ...extra } : adopted;
  }
  const ownerKey = context.owner(operation.resourceType, outcome.remoteId);
  if (ownerKey !== undefined && ownerKey !== operation.key) {
    return {
      kind: 'rejected',
      status: response.status,
      detail: `the target answered with an account that was there before, that of key ${ownerKey}; check what it matches accounts by`,
    };
  }
  const resource = existedBefore(response, execution)
    ? parseResource(response.body, context.paths, context.owner, response.headers)
    : undefined;
  if (resource !== undefined)
    return adopt({ resource, by: 'what the target matches accounts by' }, context, operation, response.status);
  return verifyCreated(client, context, operation, { ...outcome, ...extra }, execution);
}

/** Clocks differ by less than this, in milliseconds. */
const maxClockSkewMs = 5 * minuteMs;

/** Some answer a create with an account that they had already; when it was made tells (`meta.created`, RFC 7643 section 3.1). */
function existedBefore({ body }: Response, { sentAt }: OperationExecution): boolean {
  const created = Date.parse(String(getIgnoringCase(getIgnoringCase(body, 'meta'), 'created')));
  return sentAt !== undefined && created < sentAt - maxClockSkewMs;
}

/** Where successes are not to be believed, what was not kept is said once more, as a change. */
async function verifyCreated(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  outcome: Extract<Outcome, { kind: 'done' }>,
  execution: OperationExecution,
): Promise<Outcome> {
  const { resourceType, key, name, reason, body } = operation;
  const { remoteId, unresolved: unresolvedPaths = [] } = outcome;
  if (remoteId === undefined) return outcome;
  const edits = Object.entries(body).map(([path, to]) => ({ path, from: null, to }));
  const notPersisted = await findNotPersisted(
    client,
    { ...context, remoteId },
    { action: 'update', resourceType, key, name, reason, edits, body },
    unresolvedPaths,
    execution,
  );
  return notPersisted.length === 0
    ? outcome
    : {
        ...outcome,
        unresolved: [...unresolvedPaths, ...notPersisted.map(({ path }) => path)],
        detail: describeNotPersisted(outcome.status, notPersisted),
      };
}

function finalOutcome(
  operation: CreateOperation,
  result: HttpResult,
  inDoubt: HttpResult | 'earlier' | undefined,
): Outcome {
  const outcome = toOutcome(operation, result);
  // An earlier attempt of this pass may have worked, whatever kept us from finding out.
  const isStillInDoubt =
    inDoubt !== undefined && inDoubt !== 'earlier' && (outcome.kind === 'unavailable' || outcome.kind === 'skipped');
  return isStillInDoubt ? { kind: 'unknown', detail: `sent without an answer; then ${outcome.detail}` } : outcome;
}
