import type { Endpoints } from '../model/profile.ts';
import { member } from '../model/shape.ts';
import { asRemoteId, placed } from './address.ts';
import { replyOf, type Answer, type ScimRequest } from './message.ts';

const bulkRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** One request among the operations of a Bulk request. */
export interface BulkPart {
  readonly request: ScimRequest;
  /** Of a create: by what others in the same Bulk request point to it. */
  readonly bulkId?: string;
}

/** RFC 7644 section 3.7. `failOnErrors` is not said: one that fails keeps no other out. */
export function bulkRequest(parts: readonly BulkPart[], endpoints: Endpoints): ScimRequest {
  return {
    method: 'POST',
    path: '/Bulk',
    body: { schemas: [bulkRequestSchema], Operations: parts.map((part) => bulkOperation(part, endpoints)) },
  };
}

export function bulkOperation({ request, bulkId }: BulkPart, endpoints: Endpoints): object {
  const { method, path, body, ifMatch } = request;
  return {
    method,
    path: placed(path, endpoints),
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(ifMatch === undefined ? {} : { version: ifMatch }),
    ...(body === undefined ? {} : { data: body }),
  };
}

/**
 * What a Bulk answer says of each of its operations (RFC 7644 section 3.7), in the order in which they were sent. Results are told
 * apart by bulkId, by method and location, and where there are as many as operations and none of them names another place, by
 * their order. So no two operations of one Bulk request may have method and path in common.
 *
 * @returns undefined where it is no Bulk answer
 */
export function bulkAnswers(body: unknown, parts: readonly BulkPart[]): readonly Answer[] | undefined {
  const list = member(body, 'Operations');
  if (!Array.isArray(list)) return undefined;
  const results = (list as unknown[]).map(resultOf);
  const wanted = parts.map(wantedOf);
  const twins = doubled(wanted.map(({ at }) => at.last));
  const isAt = (result: Result, { at }: Wanted): boolean =>
    result.at !== undefined &&
    result.at.last === at.last &&
    (result.at.collection === at.collection || !twins.has(at.last));
  const isElsewhere = (result: Result, part: Wanted): boolean =>
    part.bulkId === undefined &&
    result.at !== undefined &&
    !isAt(result, part) &&
    wanted.some((other) => isAt(result, other));

  const mayBeInPlace = (part: Wanted, result: Result | undefined): boolean =>
    result !== undefined && mayBe(result, part) && !isElsewhere(result, part);

  const inOrder = results.length === wanted.length && wanted.every((part, index) => mayBeInPlace(part, results[index]));
  const left = new Set(results);
  return wanted.map((part, index) => {
    const result = inOrder
      ? results[index]
      : [...left].find(
          (each) => mayBe(each, part) && (part.bulkId === undefined ? isAt(each, part) : each.bulkId === part.bulkId),
        );
    if (result === undefined) return unanswered;
    left.delete(result);
    return answerOf(result.said);
  });
}

/** Where a resource is: its id, and the word before it, whatever host and base stand before that. */
interface Place {
  readonly collection: string;
  readonly last: string;
}

interface Wanted {
  readonly method: string;
  readonly bulkId: string | undefined;
  readonly at: Place;
}

interface Result {
  readonly said: unknown;
  readonly method: string | undefined;
  readonly bulkId: unknown;
  readonly at: Place | undefined;
}

const wantedOf = ({ request: { method, path }, bulkId }: BulkPart): Wanted => ({ method, bulkId, at: placeOf(path) });

function resultOf(said: unknown): Result {
  const method = member(said, 'method');
  const location = member(said, 'location');
  return {
    said,
    method: typeof method === 'string' ? method.toUpperCase() : undefined,
    bulkId: member(said, 'bulkId'),
    at: typeof location === 'string' ? placeOf(location) : undefined,
  };
}

function mayBe({ method, bulkId }: Result, part: Wanted): boolean {
  return (method === undefined || method === part.method) && (bulkId === undefined || bulkId === part.bulkId);
}

/** Ids that people and groups have in common: at some, both are counted from 1. */
function doubled(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
}

const unanswered: Answer = { kind: 'noAnswer', detail: 'the answer to the Bulk request says nothing of it' };

function answerOf(result: unknown): Answer {
  const said = member(result, 'status');
  // A draft of the standard had {"code": "201"}.
  const status = Number(member(said, 'code') ?? said);
  if (!Number.isInteger(status) || status < 100)
    return { kind: 'noAnswer', detail: 'the answer to the Bulk request gives no status for it' };
  const version = member(result, 'version');
  const response = member(result, 'response');
  const location = member(result, 'location');
  const id = status < 300 && typeof location === 'string' ? asRemoteId(placeOf(location).last) : undefined;
  const body =
    id === undefined || (response !== undefined && member(response, 'id') !== undefined)
      ? response
      : { ...(typeof response === 'object' ? response : {}), id };
  return replyOf(
    status,
    typeof version === 'string' ? { etag: version } : {},
    body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  );
}

function placeOf(address: string): Place {
  const [collection = '', last = ''] = ['', ...address.replace(/[?#].*$/, '').split('/')].slice(-2);
  return { collection: decoded(collection).toLowerCase(), last: decoded(last) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
