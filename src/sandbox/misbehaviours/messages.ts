import type { Json } from '../../model/resource.ts';
import type { Response } from '../http/response.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, type Complex } from '../resources/resource.ts';

/** Whether it is a GET of a collection, with or without a filter. */
export const isListRequest = ({ endpointType, http }: ScimRequest): boolean =>
  endpointType === 'collection' && http.method === 'GET';

/** The filter of a list request; undefined for other requests. */
export const filterOf = (request: ScimRequest): string | undefined =>
  isListRequest(request) ? (request.http.query.get('filter') ?? undefined) : undefined;

/** Whether it is a GET of a collection without a filter. */
export const isUnfilteredList = (request: ScimRequest): boolean =>
  isListRequest(request) && filterOf(request) === undefined;

/** Whether the request may change a resource. */
export const isWrite = ({ endpointType, http }: ScimRequest): boolean =>
  (endpointType === 'collection' || endpointType === 'resource') && http.method !== 'GET';

/** Whether the request is a PATCH or PUT of one resource. */
export const isUpdate = ({ endpointType, http }: ScimRequest): boolean =>
  endpointType === 'resource' && (http.method === 'PATCH' || http.method === 'PUT');

/** Whether the status is 2xx. */
export const isSuccess = ({ status }: Response): boolean => status >= 200 && status < 300;

/** The request with changed query parameters; undefined removes one. */
export function withQuery(request: ScimRequest, changes: Readonly<Record<string, string | undefined>>): ScimRequest {
  const query = new URLSearchParams(request.http.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return { ...request, http: { ...request.http, query } };
}

/** Turns a write into a GET, so that it returns 2xx without effect. */
export function asGet(request: ScimRequest): ScimRequest {
  return { ...request, http: { ...request.http, method: 'GET', text: '' } };
}

/** The response with a changed body, if it has one. */
export function withBody(response: Response, change: (body: Complex) => Complex): Response {
  return response.body === undefined ? response : { ...response, body: change(response.body) };
}

/** The response with a changed body, if it is a list. */
export function withList(
  response: Response,
  request: ScimRequest,
  change: (body: Complex, rows: readonly Json[]) => Complex,
): Response {
  const rows = response.body?.['Resources'];
  return isListRequest(request) && response.body !== undefined && Array.isArray(rows)
    ? { ...response, body: change(response.body, rows as readonly Json[]) }
    : response;
}

/** An HTML page. */
export function htmlResponse(status: number, title: string): Response {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    text: `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}

/** A response without a body. */
export const emptyResponse = (status: number): Response => ({ status, headers: {} });

/** A copy of the object without the named attributes. */
export function omit(object: Complex, ...names: readonly string[]): Complex {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Changes every object in a value, innermost first. */
export function mapObjects(value: Json, change: (object: Complex) => Complex): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => mapObjects(element, change));
  if (!isComplex(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapObjects(inner, change)])));
}
