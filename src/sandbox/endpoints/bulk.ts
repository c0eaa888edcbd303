import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { jsonResponse, scimJson, type Response } from '../http/response.ts';
import type { Application } from '../behaviours/behaviour.ts';
import type { HttpRequest } from '../http/request.ts';
import { isComplex, textOf, type Complex } from '../resources/resource.ts';
import type { BulkLimits } from '../server-options.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';

const requestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const responseSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';

/**
 * Executes the operations of a Bulk request in dependency order of their bulkIds (RFC 7644 section 3.7). After
 * `failOnErrors` errors, the remaining operations are not executed.
 * @param handle executes one operation
 * @throws ScimError 400 invalidSyntax, 413 above a limit
 */
export function bulk(
  app: Application,
  message: Json,
  limits: BulkLimits,
  request: HttpRequest,
  handle: (inner: HttpRequest) => Response,
): Response {
  const operations = parseOperations(message, limits, request);
  const failOnErrors = Number(getIgnoringCase(message, 'failOnErrors') ?? Infinity);
  const ids = new Map<string, string>();
  const results = new Map<BulkOperation, Complex>();
  let errors = 0;
  for (const operation of inDependencyOrder(operations)) {
    if (errors >= failOnErrors) break;
    const { result, id } = executeOperation(app, operation, ids, limits, request, handle);
    if (id !== undefined && operation.bulkId !== undefined) ids.set(operation.bulkId, id);
    if (Number(result['status']) >= 400) errors += 1;
    results.set(operation, result);
  }
  return jsonResponse(200, {
    schemas: [responseSchema],
    Operations: operations.flatMap((operation) => results.get(operation) ?? []),
  });
}

interface BulkOperation {
  readonly method: string;
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: Json | undefined;
  /** bulkIds that it references. */
  readonly references: readonly string[];
}

function parseOperations(
  message: Json,
  { maxOperations, maxPayloadSize }: BulkLimits,
  { text }: HttpRequest,
): readonly BulkOperation[] {
  if (Buffer.byteLength(text) > maxPayloadSize)
    throw new ScimError(413, `The size of the bulk operation exceeds the maxPayloadSize (${maxPayloadSize}).`);
  const schemas = getIgnoringCase(message, 'schemas');
  if (!Array.isArray(schemas) || !schemas.includes(requestSchema))
    throw badRequest('invalidSyntax', `The body of a Bulk request must have "schemas": ["${requestSchema}"].`);
  const operations = getIgnoringCase(message, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw badRequest('invalidSyntax', 'The body of a Bulk request must have "Operations".');
  if (operations.length > maxOperations)
    throw new ScimError(
      413,
      `The bulk operation has ${operations.length} operations, more than the maxOperations (${maxOperations}).`,
    );
  return operations.map(parseOperation);
}

function parseOperation(operation: Json, at: number): BulkOperation {
  const text = (name: string): string | undefined => {
    const value = getIgnoringCase(operation, name);
    return typeof value === 'string' ? value : undefined;
  };
  const method = text('method')?.toUpperCase() ?? '';
  const path = text('path') ?? '';
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) || !path.startsWith('/')) {
    throw badRequest(
      'invalidSyntax',
      `Operations[${at}] needs a method (POST, PUT, PATCH or DELETE) and a path that begins with a slash.`,
    );
  }
  const bulkId = text('bulkId');
  if (method === 'POST' && bulkId === undefined)
    throw badRequest('invalidSyntax', `Operations[${at}] is a POST and needs a bulkId (RFC 7644 section 3.7).`);
  const data = getIgnoringCase(operation, 'data') as Json | undefined;
  if (method !== 'DELETE' && !isComplex(data)) throw badRequest('invalidSyntax', `Operations[${at}] needs data.`);
  const references = [...new Set(`${path}\n${JSON.stringify(data ?? null)}`.match(/bulkId:[^"'/\]\\\s]+/g) ?? [])].map(
    (reference) => reference.slice('bulkId:'.length),
  );
  return { method, path, bulkId, version: text('version'), data, references };
}

/** Referenced creates come first. In a cycle, the order stays, and the first reference fails as unknown. */
function inDependencyOrder(operations: readonly BulkOperation[]): readonly BulkOperation[] {
  const creates = new Map(
    operations.flatMap((operation) =>
      operation.bulkId === undefined || operation.method !== 'POST' ? [] : [[operation.bulkId, operation]],
    ),
  );
  const ordered = new Set<BulkOperation>();
  const visit = (operation: BulkOperation, ancestors: readonly BulkOperation[]): void => {
    if (ordered.has(operation) || ancestors.includes(operation)) return;
    for (const bulkId of operation.references) {
      const dependency = creates.get(bulkId);
      if (dependency !== undefined) visit(dependency, [...ancestors, operation]);
    }
    ordered.add(operation);
  };
  for (const operation of operations) visit(operation, []);
  return [...ordered];
}

function executeOperation(
  app: Application,
  operation: BulkOperation,
  ids: ReadonlyMap<string, string>,
  { methods }: BulkLimits,
  outer: HttpRequest,
  handle: (inner: HttpRequest) => Response,
): { result: Complex; id?: string } {
  const { method, bulkId, version } = operation;
  const identification = { method, ...(bulkId === undefined ? {} : { bulkId }) };
  if (!methods.some((each) => each === method)) {
    const response = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '501',
      detail: `${method} is not supported inside Bulk.`,
    };
    return { result: { ...identification, status: '501', response } };
  }
  const unresolved = operation.references.find((reference) => !ids.has(reference));
  if (unresolved !== undefined) {
    const response = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '409',
      detail: `There is no resource with the bulkId ${JSON.stringify(unresolved)}.`,
    };
    return { result: { ...identification, status: '409', response } };
  }
  const resolve = (text: string): string =>
    text.replace(/bulkId:([^"'/\]\\\s]+)/g, (_, id: string) => ids.get(id) ?? '');
  const text = operation.data === undefined ? '' : resolve(JSON.stringify(operation.data));
  const httpResponse = handle({
    method,
    path: resolve(operation.path),
    query: new URLSearchParams(),
    rawQuery: '',
    headers: { ...outer.headers, 'content-type': scimJson, ...(version === undefined ? {} : { 'if-match': version }) },
    text,
    inBulk: true,
  });
  const id = textOf(httpResponse.body?.['id']);
  return {
    result: { ...identification, ...resultFields(httpResponse, method, `${app.url}${resolve(operation.path)}`) },
    ...(httpResponse.status < 300 && id !== '' ? { id } : {}),
  };
}

/** The fields of a result besides `method` and `bulkId` (RFC 7644 section 3.7.3). A failed POST has no `location`. */
function resultFields({ status, headers, body }: Response, method: string, requestedLocation: string): Complex {
  const { etag, location = method === 'POST' ? undefined : requestedLocation } = headers;
  return {
    ...(location === undefined || (status >= 400 && method === 'POST') ? {} : { location }),
    ...(etag === undefined ? {} : { version: etag }),
    status: String(status),
    ...(status >= 400 && body !== undefined ? { response: body } : {}),
  };
}
