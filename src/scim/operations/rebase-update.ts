import { sourceKey } from '../../model/ids.ts';
import type { EditOperation, UpdateOperation } from '../../model/operation.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { Json } from '../../model/resource.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import type { EncodedRequest, EncodingContext } from '../encode/encode-request.ts';
import { isAccepted } from '../judge/judge-response.ts';
import type { OperationContext } from '../operation-context.ts';
import { ownerOf } from '../judge/resource-owner.ts';
import { parseGet } from '../read/get-resource.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import type { Attempt } from './attempt.ts';

/** The last request of an update and its result. */
export interface SentUpdate {
  readonly kind: 'sent';
  readonly encoded: EncodedRequest;
  readonly result: HttpResult;
  /** The GET that it was derived from. */
  readonly reading?: HttpResult;
  /** The update took several requests, and the target accepted some of them before this result. */
  readonly partial?: true;
  /** The operations of a PATCH were sent as several requests. */
  readonly isSplit?: true;
}

/** What an update is encoded from after a GET. */
export interface Basis {
  readonly operation: UpdateOperation;
  readonly context: EncodingContext;
}

/**
 * The operation to send, derived again from the state that a GET shows; the result itself where nothing is left to
 * send.
 */
export function rebaseOnReading(
  operation: UpdateOperation,
  context: OperationContext,
  reading: HttpResult,
  { attempt: { base, version }, previous }: { readonly attempt: Attempt; readonly previous: SentUpdate | undefined },
): Basis | SentUpdate {
  const current = readCurrent(operation, context, reading, previous);
  if ('kind' in current) return current;
  if (version === 'current' && base === 'known' && current.version === undefined && previous !== undefined)
    return previous;
  const rebased = contextAfter(context, reading as Response, current);
  if (!('edits' in operation)) return { operation, context: rebased };
  const manager = current.manager === undefined ? {} : { [managerPath]: current.manager };
  const currentValues = { ...current.body, ...manager };
  const edits = rebaseEdits(operation, currentValues, context);
  // Every value is already as desired: the GET is the result.
  if (edits.length === 0 && (base === 'current' || previous !== undefined))
    return { kind: 'sent', encoded: previous?.encoded ?? noRequest, result: reading };
  if (base === 'known') return { operation, context: rebased };
  return { operation: { ...operation, edits }, context: { ...rebased, currentValues } };
}

function contextAfter(context: OperationContext, { body }: Response, { version }: RemoteResource): EncodingContext {
  return {
    ...context,
    currentResource: body as object,
    ...(version === undefined ? {} : { version }),
    knownResource: context.knownResource ?? fromScimJson(body, ['displayName', 'externalId']),
  };
}

/** The resource that a GET shows; the result of the update where it shows none. */
function readCurrent(
  operation: UpdateOperation,
  { remoteId, knownResource }: OperationContext,
  reading: HttpResult,
  previous: SentUpdate | undefined,
): RemoteResource | SentUpdate {
  const encoded = previous?.encoded ?? noRequest;
  const paths = 'edits' in operation ? pathsOf(operation) : [];
  const bodies = [knownResource, 'edits' in operation ? operation.body : undefined];
  // The id belongs to another record now, which must not be overwritten.
  if (isAccepted(reading) && ownerOf(reading.body, operation.resourceType, bodies) === 'other')
    return { kind: 'sent', encoded, result: { ...reading, status: 404 } };
  const current = remoteId === undefined ? 'notFound' : parseGet(reading, remoteId, paths);
  if (current === 'notFound') return { kind: 'sent', encoded, result: reading };
  return 'unavailable' in current ? (previous ?? { kind: 'sent', encoded, result: asFailure(reading) }) : current;
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
