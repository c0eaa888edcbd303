import type { Json } from '../model/resource.ts';
import { member } from '../model/shape.ts';
import { jsonAnswer, scimJson, type Answer } from './answer.ts';
import type { Application } from './application.ts';
import type { Request } from './request.ts';
import { isComplex, textOf, type Complex } from './resource.ts';
import type { BulkSizes } from './rules.ts';
import { badRequest, ScimError } from './scim-error.ts';

const requestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const responseSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';

/**
 * Carries out the operations of a Bulk request, in such an order that what a `bulkId:` points to is there first (RFC 7644 section 3.7).
 * Each is answered as it would be on its own; after `failOnErrors` refusals the rest is not done.
 * @param act carries out one operation
 * @throws ScimError 400 invalidSyntax, 413 where it is larger than this application takes
 */
export function bulk(
  app: Application,
  message: Json,
  sizes: BulkSizes,
  request: Request,
  act: (inner: Request) => Answer,
): Answer {
  const operations = readOperations(message, sizes, request);
  const failOnErrors = Number(member(message, 'failOnErrors') ?? Infinity);
  const ids = new Map<string, string>();
  const results = new Map<Operation, Complex>();
  let errors = 0;
  for (const operation of inOrder(operations)) {
    if (errors >= failOnErrors) break;
    const { result, id } = carryOut(app, operation, ids, request, act);
    if (id !== undefined && operation.bulkId !== undefined) ids.set(operation.bulkId, id);
    if (Number(result['status']) >= 400) errors += 1;
    results.set(operation, result);
  }
  return jsonAnswer(200, {
    schemas: [responseSchema],
    Operations: operations.flatMap((operation) => results.get(operation) ?? []),
  });
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: Json | undefined;
  /** The bulkIds that it points to. */
  readonly needs: readonly string[];
}

function readOperations(
  message: Json,
  { maxOperations, maxPayloadSize }: BulkSizes,
  { text }: Request,
): readonly Operation[] {
  if (Buffer.byteLength(text) > maxPayloadSize)
    throw new ScimError(413, `The size of the bulk operation exceeds the maxPayloadSize (${maxPayloadSize}).`);
  const schemas = member(message, 'schemas');
  if (!Array.isArray(schemas) || !schemas.includes(requestSchema))
    throw badRequest('invalidSyntax', `The body of a Bulk request must have "schemas": ["${requestSchema}"].`);
  const operations = member(message, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw badRequest('invalidSyntax', 'The body of a Bulk request must have "Operations".');
  if (operations.length > maxOperations)
    throw new ScimError(
      413,
      `The bulk operation has ${operations.length} operations, more than the maxOperations (${maxOperations}).`,
    );
  return operations.map(readOperation);
}

function readOperation(operation: Json, at: number): Operation {
  const text = (name: string): string | undefined => {
    const value = member(operation, name);
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
  const data = member(operation, 'data') as Json | undefined;
  if (method !== 'DELETE' && !isComplex(data)) throw badRequest('invalidSyntax', `Operations[${at}] needs data.`);
  const needs = [...new Set(`${path}\n${JSON.stringify(data ?? null)}`.match(/bulkId:[^"'/\]\\\s]+/g) ?? [])].map(
    (reference) => reference.slice('bulkId:'.length),
  );
  return { method, path, bulkId, version: text('version'), data, needs };
}

/** Whoever is pointed to goes first; a circle is left as it stands, and its first reference refused as unknown. */
function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const made = new Map(
    operations.flatMap((operation) =>
      operation.bulkId === undefined || operation.method !== 'POST' ? [] : [[operation.bulkId, operation]],
    ),
  );
  const ordered = new Set<Operation>();
  const visit = (operation: Operation, trail: readonly Operation[]): void => {
    if (ordered.has(operation) || trail.includes(operation)) return;
    for (const need of operation.needs) {
      const needed = made.get(need);
      if (needed !== undefined) visit(needed, [...trail, operation]);
    }
    ordered.add(operation);
  };
  for (const operation of operations) visit(operation, []);
  return [...ordered];
}

function carryOut(
  app: Application,
  operation: Operation,
  ids: ReadonlyMap<string, string>,
  outer: Request,
  act: (inner: Request) => Answer,
): { result: Complex; id?: string } {
  const { method, bulkId, version } = operation;
  const named = { method, ...(bulkId === undefined ? {} : { bulkId }) };
  const unknown = operation.needs.find((need) => !ids.has(need));
  if (unknown !== undefined) {
    const response = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '409',
      detail: `There is no resource with the bulkId ${JSON.stringify(unknown)}.`,
    };
    return { result: { ...named, status: '409', response } };
  }
  const resolve = (text: string): string =>
    text.replace(/bulkId:([^"'/\]\\\s]+)/g, (_, id: string) => ids.get(id) ?? '');
  const text = operation.data === undefined ? '' : resolve(JSON.stringify(operation.data));
  const answer = act({
    method,
    path: resolve(operation.path),
    query: new URLSearchParams(),
    rawQuery: '',
    headers: { ...outer.headers, 'content-type': scimJson, ...(version === undefined ? {} : { 'if-match': version }) },
    text,
  });
  const id = textOf(answer.body?.['id']);
  return {
    result: { ...named, ...told(answer, method, `${app.url}${resolve(operation.path)}`) },
    ...(answer.status < 300 && id !== '' ? { id } : {}),
  };
}

/** What is said of one operation beside what names it (RFC 7644 section 3.7.3); `location` may be left out where nothing was made. */
function told({ status, headers, body }: Answer, method: string, asked: string): Complex {
  const { etag, location = method === 'POST' ? undefined : asked } = headers;
  return {
    ...(location === undefined || (status >= 400 && method === 'POST') ? {} : { location }),
    ...(etag === undefined ? {} : { version: etag }),
    status: String(status),
    ...(status >= 400 && body !== undefined ? { response: body } : {}),
  };
}
