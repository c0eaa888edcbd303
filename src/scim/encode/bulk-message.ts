import type { Endpoints } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId, withEndpoints } from './urls.ts';
import { toResponse, type HttpResult, type ScimRequest } from '../transport/message.ts';

const bulkRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** One request among the operations of a Bulk request. */
export interface BulkRequestItem {
  readonly request: ScimRequest;
  /** Of a create: the id by which other operations of the Bulk request reference it. */
  readonly bulkId?: string;
}

/**
 * Builds a Bulk request (RFC 7644 section 3.7). Without `failOnErrors`, a failed operation does not stop the others.
 */
export function bulkRequest(parts: readonly BulkRequestItem[], endpoints: Endpoints): ScimRequest {
  return {
    method: 'POST',
    path: '/Bulk',
    body: { schemas: [bulkRequestSchema], Operations: parts.map((part) => bulkOperation(part, endpoints)) },
  };
}

/** Builds one operation of a Bulk request. */
export function bulkOperation({ request, bulkId }: BulkRequestItem, endpoints: Endpoints): object {
  const { method, path, body, ifMatch } = request;
  return {
    method,
    path: withEndpoints(path, endpoints),
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(ifMatch === undefined ? {} : { version: ifMatch }),
    ...(body === undefined ? {} : { data: body }),
  };
}

/**
 * Parses a Bulk response (RFC 7644 section 3.7) into one result per operation, in the order of the request. Results are
 * matched by order if their number equals that of the operations and no location contradicts it. Otherwise they are
 * matched by bulkId, or by method and location. So no two operations of one Bulk request may share method and path.
 *
 * @returns undefined where the body is not a Bulk response
 */
export function parseBulkResponse(body: unknown, parts: readonly BulkRequestItem[]): readonly HttpResult[] | undefined {
  const list = getIgnoringCase(body, 'Operations');
  if (!Array.isArray(list)) return undefined;
  const results = (list as unknown[]).map(parseResult);
  const expected = parts.map(toExpected);
  const ambiguousIds = duplicates(expected.map(({ location }) => location.id));
  const matchesLocation = (result: BulkResult, { location }: ExpectedResult): boolean =>
    result.location !== undefined &&
    result.location.id === location.id &&
    (result.location.collection === location.collection || !ambiguousIds.has(location.id));
  const matchesOther = (result: BulkResult, part: ExpectedResult): boolean =>
    part.bulkId === undefined &&
    result.location !== undefined &&
    !matchesLocation(result, part) &&
    expected.some((other) => matchesLocation(result, other));

  const matchesByOrder = (part: ExpectedResult, result: BulkResult | undefined): boolean =>
    result !== undefined && isCompatible(result, part) && !matchesOther(result, part);

  const isInOrder =
    results.length === expected.length && expected.every((part, index) => matchesByOrder(part, results[index]));
  const remaining = new Set(results);
  return expected.map((part, index) => {
    const result = isInOrder
      ? results[index]
      : [...remaining].find(
          (each) =>
            isCompatible(each, part) &&
            (part.bulkId === undefined ? matchesLocation(each, part) : each.bulkId === part.bulkId),
        );
    if (result === undefined) return missingResult;
    remaining.delete(result);
    return part.bulkId !== undefined && !namesCreate(result, part, results) ? unnamedResult : toHttpResult(result.raw);
  });
}

/** The last two segments of a resource's URL: the collection and the id. */
interface ResourceLocation {
  readonly collection: string;
  readonly id: string;
}

interface ExpectedResult {
  readonly method: string;
  readonly bulkId: string | undefined;
  readonly location: ResourceLocation;
  readonly body: unknown;
}

interface BulkResult {
  readonly raw: unknown;
  readonly method: string | undefined;
  readonly bulkId: unknown;
  readonly location: ResourceLocation | undefined;
}

const toExpected = ({ request: { method, path, body }, bulkId }: BulkRequestItem): ExpectedResult => ({
  method,
  body,
  bulkId,
  location: parseLocation(path),
});

function parseResult(raw: unknown): BulkResult {
  const method = getIgnoringCase(raw, 'method');
  const location = getIgnoringCase(raw, 'location');
  return {
    raw,
    method: typeof method === 'string' ? method.toUpperCase() : undefined,
    bulkId: getIgnoringCase(raw, 'bulkId'),
    location: typeof location === 'string' ? parseLocation(location) : undefined,
  };
}

function isCompatible({ method, bulkId }: BulkResult, part: ExpectedResult): boolean {
  return (method === undefined || method === part.method) && (bulkId === undefined || bulkId === part.bulkId);
}

/** Ids that users and groups share: some targets number both from 1. */
function duplicates(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
}

/**
 * Whether the result of a create states which create it belongs to: by its bulkId, which RFC 7644 section 3.7.2
 * requires, or by the resource. Some servers answer in another order than that of the request.
 */
function namesCreate(result: BulkResult, { bulkId, body }: ExpectedResult, all: readonly BulkResult[]): boolean {
  const { location } = result;
  const isShared =
    location !== undefined && all.some((one) => one !== result && isSameLocation(one.location, location));
  if (isShared) return false;
  if (result.bulkId === bulkId) return true;
  const shown = getIgnoringCase(result.raw, 'response');
  const names = ['externalId', 'userName', 'displayName'];
  return names.some((name) => {
    const expected = getIgnoringCase(body, name);
    return typeof expected === 'string' && getIgnoringCase(shown, name) === expected;
  });
}

const isSameLocation = (one: ResourceLocation | undefined, other: ResourceLocation): boolean =>
  one !== undefined && one.id === other.id && one.collection === other.collection;

const unnamedResult: HttpResult = {
  kind: 'noResponse',
  detail: 'the Bulk response does not state which of the creates this result belongs to',
};

const missingResult: HttpResult = {
  kind: 'noResponse',
  detail: 'the Bulk response contains no result for this operation',
};

function toHttpResult(result: unknown): HttpResult {
  const rawStatus = getIgnoringCase(result, 'status');
  // A draft of the standard used {"code": "201"}.
  const status = Number(getIgnoringCase(rawStatus, 'code') ?? rawStatus);
  if (!Number.isInteger(status) || status < 100)
    return { kind: 'noResponse', detail: 'the Bulk response contains no status for this operation' };
  const version = getIgnoringCase(result, 'version');
  const response = getIgnoringCase(result, 'response');
  const location = getIgnoringCase(result, 'location');
  const id = status < 300 && typeof location === 'string' ? parseId(parseLocation(location).id) : undefined;
  const body =
    id === undefined || (response !== undefined && getIgnoringCase(response, 'id') !== undefined)
      ? response
      : { ...(typeof response === 'object' ? response : {}), id };
  const itemResponse = toResponse(
    status,
    typeof version === 'string' ? { etag: version } : {},
    body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  );
  return { ...itemResponse, isBulk: true };
}

function parseLocation(address: string): ResourceLocation {
  const [collection = '', last = ''] = ['', ...address.replace(/[?#].*$/, '').split('/')].slice(-2);
  return { collection: decodeUriOrKeep(collection).toLowerCase(), id: decodeUriOrKeep(last) };
}

function decodeUriOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
