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

/**
 * Executes the operations in order and replaces each bulkId by the id of the created resource. The response omits an
 * operation for which `execute` returns `lost`.
 */
export function executeBulk(
  body: unknown,
  maxOperations: number,
  execute: (operation: BulkOperation) => BulkResponse | 'lost',
): BulkResponse {
  const operations = isObject(body) ? body['Operations'] : undefined;
  if (!Array.isArray(operations)) throw new ScimError(400, 'a Bulk request needs Operations', 'invalidSyntax');
  if (operations.length > maxOperations) throw new ScimError(413, `more than ${maxOperations} operations`);
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
  if (!isObject(operation)) throw new ScimError(400, 'an operation must be an object', 'invalidSyntax');
  const { method, path, bulkId, version, data } = operation;
  if (typeof method !== 'string' || typeof path !== 'string' || !path.startsWith('/'))
    throw new ScimError(400, 'an operation needs a method and a path', 'invalidSyntax');
  if (method === 'POST' && typeof bulkId !== 'string')
    throw new ScimError(400, 'a POST needs a bulkId', 'invalidSyntax');
  return {
    method,
    path,
    data,
    bulkId: typeof bulkId === 'string' ? bulkId : undefined,
    version: typeof version === 'string' ? version : undefined,
  };
}

/** RFC 7644 section 3.7.2: an unresolved bulkId fails its own operation only. */
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
  body: new ScimError(409, `no resource was created for ${bulkId}`).toBody(),
});
