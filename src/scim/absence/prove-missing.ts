import type { RemoteId } from '../../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { FlatResource } from '../../model/resource.ts';
import { isHtml } from '../judge/error-body.ts';
import { ownerOf } from '../judge/resource-owner.ts';
import { decide, describeResult } from '../judge/judge-response.ts';
import type { ClientContext } from '../operation-context.ts';
import { get, parseGet } from '../read/get-resource.ts';
import { findByAny, matchAttributes, type Lookup } from '../read/lookup.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';
import { judgeAbsence, type Absence, type IdReading } from './judge-absence.ts';

/** An account whose absence is in question. */
export interface Suspect {
  readonly resourceType: ResourceType;
  readonly remoteId: RemoteId;
  /** The values that the account may have: as the snapshot knows it, and as the source wants it. */
  readonly bodies: readonly FlatResource[];
  /** Paths to read from an account that is found. */
  readonly paths: readonly string[];
  /** The answer to a GET by id, if it was sent already. */
  readonly reading?: HttpResult | undefined;
}

/**
 * Finds out whether an account is missing, after a request on its id was answered 404. Sends a GET by id and, only if
 * that does not find the account, the look-ups by the match attributes.
 */
export async function proveMissing(
  { transport, profile }: Pick<ClientContext, 'transport' | 'profile'>,
  { resourceType, remoteId, bodies, paths, reading: earlier }: Suspect,
  execution: OperationExecution,
): Promise<Absence> {
  const result = earlier ?? (await get(transport, resourceType, remoteId, execution));
  const reading = ownReading(result, remoteId, paths, { resourceType, bodies });
  return reading === 'notFound'
    ? lookUpMissing({ transport, profile }, { resourceType, remoteId, bodies, paths }, execution)
    : judgeAbsence(remoteId, reading, [], bodies[0] ?? {});
}

/** Looks an account up that a GET by id does not find. Sends the look-ups by the match attributes only. */
export async function lookUpMissing(
  { transport, profile }: Pick<ClientContext, 'transport' | 'profile'>,
  { resourceType, remoteId, bodies, paths }: Omit<Suspect, 'reading'>,
  execution: OperationExecution,
): Promise<Absence> {
  const lookups: Lookup[] = [];
  for (const body of distinctBodies(matchAttributes(profile, resourceType), withFoldedNames(resourceType, bodies)))
    lookups.push(await findByAny(transport, profile, { resourceType, body, paths }, execution));
  return judgeAbsence(remoteId, 'notFound', lookups, bodies[0] ?? {});
}

/** Interprets the answer to a GET by id. A 404 that is a web page comes from a gateway, not from the application. */
export function idReading(result: HttpResult, id: RemoteId, paths: readonly string[]): IdReading {
  if (decide(result) === 'notFound' && result.kind === 'response' && isHtml(result))
    return { unavailable: describeResult(result) };
  return parseGet(result, id, paths);
}

/** The record that a resource should belong to. */
export interface ExpectedOwner {
  readonly resourceType: ResourceType;
  /** The resource as it was sent, and as it was known before. */
  readonly bodies: readonly (FlatResource | undefined)[];
}

/**
 * As `idReading`. The id of a record that shows another record was reused: the account is not found there.
 */
export function ownReading(
  result: HttpResult,
  id: RemoteId,
  paths: readonly string[],
  { resourceType, bodies }: ExpectedOwner,
): IdReading {
  const reading = idReading(result, id, paths);
  const isResource = reading !== 'notFound' && !('unavailable' in reading);
  const isOther = isResource && result.kind === 'response' && ownerOf(result.body, resourceType, bodies) === 'other';
  return isOther ? 'notFound' : reading;
}

/**
 * Some targets store names in lower case and compare them by case in filters. The name in another case is searched,
 * too, without the other attributes, whose search was empty.
 */
function withFoldedNames(resourceType: ResourceType, bodies: readonly FlatResource[]): readonly FlatResource[] {
  const attribute = uniqueNameAttribute(resourceType);
  const names = bodies.map((body) => body[attribute]).filter((name) => typeof name === 'string');
  const folded = names.map((name) => name.toLowerCase()).filter((name) => !names.includes(name));
  return [...bodies, ...folded.map((name) => ({ [attribute]: name }))];
}

/** Bodies that differ in the attributes by which an account is looked up, and have a value in one of them. */
function distinctBodies(attributes: readonly string[], all: readonly FlatResource[]): readonly FlatResource[] {
  const bodies = all.filter((body) => attributes.some((path) => body[path] !== undefined));
  const identityOf = (body: FlatResource): string => JSON.stringify(attributes.map((path) => body[path] ?? null));
  return [...new Map(bodies.map((body) => [identityOf(body), body])).values()];
}
