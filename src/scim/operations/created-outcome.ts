import type { CreateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { uniqueNameAttribute } from '../../model/resource-type.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { minuteMs } from '../../model/time.ts';
import { toOutcome } from '../judge/judge-response.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import type { RemoteId } from '../../model/ids.ts';
import { unusableId } from '../encode/urls.ts';
import { ownReading } from '../absence/prove-missing.ts';
import { describeOwner, ownerOf } from '../judge/resource-owner.ts';
import { get } from '../read/get-resource.ts';
import { readBack } from '../read/read-back.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { kindOf, type WriteKind } from '../write-samples.ts';
import type { Response } from '../transport/message.ts';
import { lookUpExisting } from './create-lookup.ts';
import { describeNotPersisted, findNotPersisted, isReadBack } from './verify-writes.ts';

/** What an accepted create does not contain. */
interface Shortfall {
  readonly unresolved: readonly string[];
  /** Paths that the target refused. */
  readonly refused?: readonly string[];
  readonly note?: string | undefined;
}

/**
 * The outcome of an accepted create. If the response has no body, the id is looked up. Some targets respond with an
 * existing account that they matched.
 */
export async function createdOutcome(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  response: Response,
  { unresolved, refused = [], note }: Shortfall,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const outcome = toOutcome(operation, response);
  if (outcome.kind !== 'done') return outcome;
  const extra = {
    ...(unresolved.length === 0 ? {} : { unresolved }),
    ...(refused.length === 0 ? {} : { refused }),
    ...(note === undefined ? {} : { detail: note }),
  };
  const isOther = ownerOf(response.body, operation.resourceType, [operation.body]) === 'other';
  const { remoteId } = outcome;
  if (remoteId === undefined || isOther) {
    const found = await identifyCreated(client, context, operation, { response, isOther }, execution);
    return found.kind === 'unknown' ? found : { ...outcome, remoteId: found.remoteId, evidence: 'read', ...extra };
  }
  const resource = existedBefore(response, execution)
    ? parseResource(response.body, context.paths, response.headers)
    : undefined;
  if (resource !== undefined)
    return {
      kind: 'existing',
      status: response.status,
      resource,
      by: 'what the target matches accounts by',
      origin: 'response',
    };
  const isShown = getIgnoringCase(response.body, uniqueNameAttribute(operation.resourceType)) !== undefined;
  const created = { ...outcome, evidence: isShown ? 'shown' : 'answered', ...extra } as const;
  const kind = kindOf(operation.resourceType, 'create', { method: 'POST', path: '' }, response);
  if (client.samples.isChosen(kind)) {
    const read = await readSample(client, context, operation, kind, { ...created, remoteId }, execution);
    if (read !== undefined) return read;
  }
  return isReadBack(client, { resourceType: operation.resourceType, action: 'update' })
    ? verifyPersisted(client, context, operation, { ...created, remoteId }, execution)
    : created;
}

/** Looks up an account whose create was answered without a usable id, or with the account of another person. */
async function identifyCreated(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  { response, isOther }: { readonly response: Response; readonly isOther: boolean },
  execution: OperationExecution,
): Promise<{ readonly kind: 'found'; readonly remoteId: RemoteId } | Extract<Outcome, { kind: 'unknown' }>> {
  const { resourceType } = operation;
  const lookup = await lookUpExisting(client, context, operation, execution);
  if (lookup.kind === 'found') return { kind: 'found', remoteId: lookup.resource.remoteId };
  const problem = isOther ? undefined : unusableId(getIgnoringCase(response.body, 'id'));
  const answered = `answered ${response.status} with`;
  if (problem === undefined) {
    const shown = isOther ? ` another account (${describeOwner(response.body, resourceType)})` : 'out an id';
    const detail = `${answered}${shown}, and no look-up shows the account yet`;
    return { kind: 'unknown', detail, lookAgain: true };
  }
  // A look-up that shows the account with the same id will not change.
  const lookAgain = lookup.kind === 'unavailable' ? {} : { lookAgain: true as const };
  return { kind: 'unknown', detail: `${answered} an account, but ${problem}`, ...lookAgain };
}

/** A create that was answered with the id of the account. */
type AnsweredCreate = Extract<Outcome, { kind: 'done' }> & { readonly remoteId: RemoteId };

/**
 * Reads a create that was chosen for the sample. Some targets answer with another id than the one they store: then a
 * look-up finds the resource. @returns undefined where no read answers
 */
async function readSample(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  kind: WriteKind,
  created: AnsweredCreate,
  execution: OperationExecution,
): Promise<Outcome | undefined> {
  const outcome = await readCreated(client, context, operation, created, execution);
  const isRead = outcome?.kind === 'done' && outcome.remoteId === created.remoteId;
  client.samples.record(kind, outcome === undefined ? 'unknown' : isRead ? 'confirmed' : 'contradicted');
  return outcome;
}

async function readCreated(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  created: AnsweredCreate,
  execution: OperationExecution,
): Promise<Outcome | undefined> {
  const { remoteId, status } = created;
  const read = await readBack<Outcome | 'absent' | 'unavailable'>(
    client,
    execution,
    async (reads) => {
      const result = await get(client.transport, operation.resourceType, remoteId, reads);
      const resource = ownReading(result, remoteId, [], {
        resourceType: operation.resourceType,
        bodies: [operation.body],
      });
      if (resource !== 'notFound') return 'unavailable' in resource ? 'unavailable' : { ...created, evidence: 'read' };
      const lookup = await lookUpExisting(client, context, operation, reads);
      if (lookup.kind !== 'found') return 'absent';
      const { remoteId: storedId } = lookup.resource;
      const detail = `answered ${status} with id ${remoteId}, but the resource has id ${storedId}`;
      return { ...created, remoteId: storedId, evidence: 'read', detail };
    },
    (value) => value !== 'absent',
  );
  if (read === 'absent')
    return { kind: 'unknown', detail: `answered ${status}, but neither a read by id nor a look-up shows the resource` };
  return read === 'unavailable' ? undefined : read;
}

/** Clocks of client and server differ by less than this. */
const maxClockSkewMs = 5 * minuteMs;

/**
 * Whether `meta.created` (RFC 7643 section 3.1) is before our request. A target whose clock is behind states the time
 * of its own clock in `Date`.
 */
export function existedBefore(
  { body, headers }: Pick<Response, 'body' | 'headers'>,
  { sentAt }: Pick<OperationExecution, 'sentAt'>,
): boolean {
  if (sentAt === undefined) return false;
  const stated = getIgnoringCase(getIgnoringCase(body, 'meta'), 'created');
  if (typeof stated !== 'string') return false;
  const created = Date.parse(stated);
  const clockOfTarget = Date.parse(headers['date'] ?? '');
  const since = Number.isNaN(clockOfTarget) ? sentAt : Math.min(sentAt, clockOfTarget);
  return created < since - maxClockSkewMs;
}

/** Reads the account back. Attributes that the target accepted but did not persist stay unresolved. */
async function verifyPersisted(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  outcome: AnsweredCreate,
  execution: OperationExecution,
): Promise<Outcome> {
  const { resourceType, key, name, reason, body } = operation;
  const { remoteId, unresolved: unresolvedPaths = [], refused = [] } = outcome;
  const edits = Object.entries(body).map(([path, to]) => ({ path, from: null, to }));
  const notPersisted = await findNotPersisted(
    client,
    { ...context, remoteId },
    { action: 'update', resourceType, key, name, reason, edits, body },
    [...unresolvedPaths, ...refused],
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
