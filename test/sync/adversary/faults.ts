import { toResponse, type HttpRequest, type Response, type SendResult } from '../../../src/scim/transport/message.ts';
import { randomInt } from '../../world/random.ts';
import type { Fault, HonestServer, RequestKind, SeenRequest } from './server.ts';

/** A way in which a server or what stands before it fails, and the requests that it can concern. */
export interface FaultKind {
  readonly name: string;
  readonly kinds: readonly RequestKind[];
  readonly fault: Fault;
  /** It concerns every request as long as it lasts. */
  readonly isTotal?: true;
  /**
   * It may answer a write with success that has no effect. Closings are all read back; of other writes a sample is, so
   * some of these stay unknown to any client until a later write.
   */
  readonly isSilent?: true;
}

const writes: readonly RequestKind[] = ['create', 'update', 'delete', 'bulk'];
const updates: readonly RequestKind[] = ['update'];
const reads: readonly RequestKind[] = ['read', 'search', 'other'];
const all: readonly RequestKind[] = [...writes, ...reads];
const allButSearches: readonly RequestKind[] = [...writes, 'read', 'other'];

const json = (status: number, body: object): SendResult =>
  toResponse(status, { 'content-type': 'application/scim+json' }, JSON.stringify(body));
const html = (status: number): SendResult =>
  toResponse(status, { 'content-type': 'text/html' }, '<!doctype html><title>The gateway</title><p>Try again.</p>');
const empty = (status: number): SendResult => toResponse(status, {}, '');
const error = (status: number, envelope = status): SendResult =>
  json(envelope, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    detail: 'Refused by the adversary.',
  });
const cut: SendResult = { kind: 'noResponse', detail: 'socket hang up' };

const pick = <T>({ random }: HonestServer, items: readonly [T, ...T[]]): T =>
  items[randomInt(random, items.length)] ?? items[0];

/** 404 is left out for searches: some applications answer it instead of an empty list. */
const searchRefusals = [400, 401, 403, 405, 409, 410, 412, 429, 500, 501, 503] as const;
const refusals = [400, 401, 403, 404, 405, 409, 410, 412, 429, 500, 501, 503] as const;

/** Runs the request, and returns another response than the server's. */
const afterEffect =
  (answer: (server: HonestServer) => SendResult): Fault =>
  async (request, server) => {
    await server.deliver(request);
    return answer(server);
  };

const instead =
  (answer: (server: HonestServer) => SendResult): Fault =>
  async (_, server) =>
    answer(server);

/**
 * Executes the request and takes its effect back, so that the response shows a state that the server does not hold.
 * A deletion is only answered.
 */
const shownWithoutEffect: Fault = async (request, server) => {
  if (request.kind === 'delete') return empty(204);
  const before = request.id === undefined ? undefined : server.find(request.id);
  const response = await server.deliver(request);
  if (response.kind !== 'response' || response.status >= 300) return response;
  const collection = request.resourceType === 'Group' ? '/Groups' : '/Users';
  if (before === undefined) {
    const { id } = response.body as { readonly id?: string };
    if (id !== undefined) await server.byHand('DELETE', `${collection}/${encodeURIComponent(id)}`);
  } else await server.byHand('PUT', `${collection}/${encodeURIComponent(before.id)}`, before);
  return response;
};

/** Executes only the first operation of a PATCH. */
function firstOperation(request: SeenRequest): HttpRequest {
  const message = JSON.parse(request.body ?? '{}') as { readonly Operations?: readonly unknown[] };
  return message.Operations === undefined
    ? request
    : { ...request, body: JSON.stringify({ ...message, Operations: message.Operations.slice(0, 1) }) };
}

const changed =
  (change: (response: Response) => SendResult): Fault =>
  async (request, server) => {
    const response = await server.deliver(request);
    return response.kind === 'response' && response.status < 300 ? change(response) : response;
  };

function withoutActive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutActive);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (name === 'active' ? [] : [[name, withoutActive(inner)]])),
  );
}

/** A filter that the server does not know is ignored: the response lists everything. */
const ignoreFilter: Fault = (request, server) => {
  const url = new URL(request.url);
  url.searchParams.delete('filter');
  return server.deliver({ ...request, url: url.href });
};

const minuteMs = 60_000;

/**
 * The faults. Two kinds are left out, because no client can see them:
 *
 *  - A server that contradicts its state in writes and in every read: `active: false` shown of an open account, or a
 *    404 to the read of an existing account together with a search that never shows it. A client has no other evidence.
 *  - An effect that comes later than the next pass, or a reactivation by hand after the second look: `drift` finds it.
 */
export const faultKinds: readonly FaultKind[] = [
  { name: '204 without effect', kinds: writes, fault: instead(() => empty(204)), isSilent: true },
  { name: '200 {} without effect', kinds: writes, fault: instead(() => json(200, {})), isSilent: true },
  { name: '202 without effect', kinds: writes, fault: instead(() => empty(202)) },
  {
    name: 'a shown resource without effect',
    kinds: ['create', 'update', 'delete'],
    fault: shownWithoutEffect,
    isSilent: true,
  },
  {
    name: '202 and the effect within ten minutes',
    kinds: ['create', 'update', 'delete'],
    fault: async (request, server) => {
      server.deliverLater(request, 1_000 + randomInt(server.random, 10 * minuteMs));
      return empty(202);
    },
  },
  {
    name: 'an error in a 200, without effect',
    kinds: allButSearches,
    fault: instead((server) => error(pick(server, refusals), 200)),
  },
  {
    name: 'an error in a 200 to a search',
    kinds: ['search'],
    fault: instead((server) => error(pick(server, searchRefusals), 200)),
  },
  {
    name: 'an error in a 200 after the effect',
    kinds: writes,
    fault: afterEffect((server) => error(pick(server, refusals), 200)),
  },
  { name: 'a web page', kinds: all, fault: instead((server) => html(pick(server, [200, 404, 502]))) },
  {
    name: 'a web page after the effect',
    kinds: writes,
    fault: afterEffect((server) => html(pick(server, [200, 404, 502]))),
  },
  { name: 'a refusal', kinds: allButSearches, fault: instead((server) => error(pick(server, refusals))) },
  { name: 'a refused search', kinds: ['search'], fault: instead((server) => error(pick(server, searchRefusals))) },
  { name: '404 to everything', kinds: all, fault: instead(() => error(404)), isTotal: true },
  { name: '404 in a 200 to everything', kinds: all, fault: instead(() => error(404, 200)), isTotal: true },
  { name: '200 {} to everything', kinds: all, fault: instead(() => json(200, {})), isTotal: true, isSilent: true },
  { name: 'a web page to everything', kinds: all, fault: instead(() => html(200)), isTotal: true },
  { name: 'a refusal after the effect', kinds: writes, fault: afterEffect((server) => error(pick(server, refusals))) },
  ...refusals.map((status): FaultKind => ({
    name: `always ${status}`,
    kinds: status === 404 ? allButSearches : all,
    fault: instead(() => error(status)),
  })),
  {
    name: 'the first operation, and a refusal',
    kinds: updates,
    fault: async (request, server) => {
      await server.deliver(firstOperation(request));
      return error(pick(server, [400, 403, 409, 422, 500]));
    },
  },
  {
    name: 'the first operation, and its success',
    kinds: updates,
    isSilent: true,
    fault: (request, server) => server.deliver(firstOperation(request)),
  },
  {
    name: '404 or 410 to a known id',
    kinds: ['read', 'update', 'delete'],
    fault: instead((server) => error(pick(server, [404, 410]))),
  },
  { name: 'a connection that is cut before the effect', kinds: all, fault: instead(() => cut) },
  { name: 'a connection that is cut after the effect', kinds: writes, fault: afterEffect(() => cut) },
  { name: 'success without a body', kinds: writes, fault: changed(({ status }) => empty(status)) },
  { name: '200 {} after the effect', kinds: writes, fault: changed(() => json(200, {})) },
  { name: 'a search that ignores filters', kinds: ['search'], fault: ignoreFilter },
  { name: 'a search without rows and without a list', kinds: ['search'], fault: instead(() => json(200, {})) },
  {
    name: 'reads without active',
    kinds: ['read', 'search'],
    fault: changed(({ status, body }) => json(status, withoutActive(body) as object)),
  },
];
