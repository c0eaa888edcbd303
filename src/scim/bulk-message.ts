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
  return { method: 'POST', path: '/Bulk', body: { schemas: [bulkRequestSchema], Operations: parts.map((part) => bulkOperation(part, endpoints)) } };
}

export function bulkOperation({ request, bulkId }: BulkPart, endpoints: Endpoints): object {
  const { method, path, body, ifMatch } = request;
  return {
    method, path: placed(path, endpoints),
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(ifMatch === undefined ? {} : { version: ifMatch }),
    ...(body === undefined ? {} : { data: body }),
  };
}

/**
 * What a Bulk answer says of each of its operations (RFC 7644 section 3.7), in the order in which they were sent. Results are told
 * apart by bulkId, by method and location, and where there are as many as operations, by their order.
 *
 * @returns undefined where it is no Bulk answer
 */
export function bulkAnswers(body: unknown, parts: readonly BulkPart[]): readonly Answer[] | undefined {
  const results = member(body, 'Operations');
  if (!Array.isArray(results)) return undefined;
  const left = new Set(results as unknown[]);
  const inOrder = left.size === parts.length && parts.every((part, index) => mayBe((results as unknown[])[index], part));
  return parts.map((part, index) => {
    const result: unknown = inOrder ? (results as unknown[])[index] : [...left].find((each) => isFor(each, part));
    if (result === undefined) return unanswered;
    left.delete(result);
    return answerOf(result);
  });
}

const unanswered: Answer = { kind: 'noAnswer', detail: 'the answer to the Bulk request says nothing of it' };

function mayBe(result: unknown, { request, bulkId }: BulkPart): boolean {
  const method = member(result, 'method');
  const id = member(result, 'bulkId');
  return (typeof method !== 'string' || method.toUpperCase() === request.method) && (id === undefined || id === bulkId);
}

function isFor(result: unknown, part: BulkPart): boolean {
  if (!mayBe(result, part)) return false;
  if (part.bulkId !== undefined) return member(result, 'bulkId') === part.bulkId;
  const location = member(result, 'location');
  return typeof location === 'string' && lastOf(location) === lastOf(part.request.path);
}

function answerOf(result: unknown): Answer {
  const said = member(result, 'status');
  // A draft of the standard had {"code": "201"}.
  const status = Number(member(said, 'code') ?? said);
  if (!Number.isInteger(status) || status < 100) return { kind: 'noAnswer', detail: 'the answer to the Bulk request gives no status for it' };
  const version = member(result, 'version');
  const response = member(result, 'response');
  const location = member(result, 'location');
  const id = status < 300 && typeof location === 'string' ? asRemoteId(lastOf(location)) : undefined;
  const body = id === undefined || (response !== undefined && member(response, 'id') !== undefined) ? response : { ...(typeof response === 'object' ? response : {}), id };
  return replyOf(status, typeof version === 'string' ? { etag: version } : {}, body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
}

/** The id at the end of an address, whatever host and base stand before it. */
function lastOf(address: string): string {
  const last = address.replace(/[?#].*$/, '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
