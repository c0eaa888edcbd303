import { ScimError } from './scim-error.ts';
import { isObject } from './schema.ts';

/** One operation of a Bulk request (RFC 7644 section 3.7). */
export interface BulkOperation {
  readonly method: string;
  readonly path: string;
  readonly data: unknown;
  readonly version: string | undefined;
}

export interface BulkResponse {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Carries the operations out one after the other, with ids in the place of the bulkIds of those before. `lost`: nothing is said of one. */
export function executeBulk(
  body: unknown,
  maxOperations: number,
  execute: (operation: BulkOperation) => BulkResponse | 'lost',
): BulkResponse {
  const operations = isObject(body) ? body['Operations'] : undefined;
  if (!Array.isArray(operations)) throw new ScimError(400, 'a Bulk request has Operations', 'invalidSyntax');
  if (operations.length > maxOperations) throw new ScimError(413, `no more than ${maxOperations} operations`);
  const ids = new Map<string, string>();
  const results = (operations as unknown[]).flatMap((operation) => {
    const { method, path, bulkId, version, data } = readOperation(operation);
    const substitution = substituteBulkIds(data, ids);
    const operationResponse =
      'missing' in substitution
        ? unresolvedBulkId(substitution.missing)
        : execute({ method, path, version, data: substitution.data });
    if (operationResponse === 'lost') return [];
    const { status, body: response, headers = {} } = operationResponse;
    const id = (response as { readonly id?: string } | undefined)?.id;
    if (bulkId !== undefined && id !== undefined) ids.set(bulkId, id);
    const location = method === 'POST' ? headers['Location'] : `https://app.example/scim/v2${path}`;
    return [
      {
        method,
        status: String(status),
        ...(bulkId === undefined ? {} : { bulkId }),
        ...(location === undefined ? {} : { location }),
        ...(headers['ETag'] === undefined ? {} : { version: headers['ETag'] }),
        ...(status < 300 ? {} : { response }),
      },
    ];
  });
  return {
    status: 200,
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'], Operations: results },
  };
}

function readOperation(operation: unknown) {
  if (!isObject(operation)) throw new ScimError(400, 'an operation is an object', 'invalidSyntax');
  const { method, path, bulkId, version, data } = operation;
  if (typeof method !== 'string' || typeof path !== 'string' || !path.startsWith('/'))
    throw new ScimError(400, 'an operation has a method and a path', 'invalidSyntax');
  if (method === 'POST' && typeof bulkId !== 'string') throw new ScimError(400, 'a POST has a bulkId', 'invalidSyntax');
  return {
    method,
    path,
    data,
    bulkId: typeof bulkId === 'string' ? bulkId : undefined,
    version: typeof version === 'string' ? version : undefined,
  };
}

/** RFC 7644 section 3.7.2: what cannot be resolved fails its operation, and no other. */
function substituteBulkIds(
  data: unknown,
  ids: ReadonlyMap<string, string>,
): { readonly data: unknown } | { readonly missing: string } {
  let missing: string | undefined;
  const substituted =
    data === undefined
      ? undefined
      : (JSON.parse(JSON.stringify(data), (_key, value: unknown) => {
          if (typeof value !== 'string' || !value.startsWith('bulkId:')) return value;
          const id = ids.get(value.slice('bulkId:'.length));
          if (id === undefined) missing = value;
          return id;
        }) as unknown);
  return missing === undefined ? { data: substituted } : { missing };
}

const unresolvedBulkId = (bulkId: string): BulkResponse => ({
  status: 409,
  body: new ScimError(409, `nothing was created as ${bulkId}`).toBody(),
});
