import type { Clock } from '../../../src/model/clock.ts';
import type { Random } from '../../../src/model/clock.ts';
import { enterpriseUserSchema } from '../../../src/model/path.ts';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import type { Resource, SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import type { HttpRequest, Send, SendResult } from '../../../src/scim/transport/message.ts';
import { sandboxToken, startInProcessSandbox } from '../../world/in-process-sandbox.ts';

/** What a request asks for. `bulk` and `other` requests concern no single resource. */
export type RequestKind = 'search' | 'read' | 'create' | 'update' | 'delete' | 'bulk' | 'other';

/** A request as faults see it. */
export interface SeenRequest extends HttpRequest {
  readonly kind: RequestKind;
  readonly resourceType: ResourceType | undefined;
  readonly id: string | undefined;
  /** Identifies the resource, also in a create: its externalId, or its id where it has none. */
  readonly subject: string;
}

/** The sandbox behind the faults. */
export interface HonestServer {
  /** Executes a request and returns its response. */
  deliver(request: HttpRequest): Promise<SendResult>;
  /** Executes a request after this time, in ms,; its response is not sent. */
  deliverLater(request: HttpRequest, delayMs: number): void;
  /** The stored resource with this id. */
  find(id: string): Resource | undefined;
  /** Sends a request of an administrator, without a fault. @returns the id of the resource in the response */
  byHand(method: string, path: string, body?: object): Promise<string | undefined>;
  readonly random: Random;
}

/** Answers a request in place of the server. */
export type Fault = (request: SeenRequest, server: HonestServer) => Promise<SendResult>;

export interface AdversaryServer extends Pick<HonestServer, 'byHand' | 'find'> {
  readonly send: Send;
  readonly url: string;
  users(): readonly Resource[];
  groups(): readonly Resource[];
  /** Requests since the last call, without those of discovery, which is read again each day. */
  takeRequestCount(): number;
  /** Hides what is created from now on from searches for this time, in ms. */
  delaySearch(delayMs: number): void;
  /** Executes the deferred requests that are due. */
  settle(): Promise<void>;
}

interface Job {
  readonly at: number;
  readonly request: HttpRequest;
}

/**
 * A sandbox in process.
 *
 * @param draw the fault of a request; undefined: it is executed as it should be
 */
export function createAdversaryServer(
  options: Partial<SandboxOptions>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  draw: (request: SeenRequest) => Fault | undefined,
  observe: (request: string, isFault: boolean, result: SendResult) => void = () => {},
): AdversaryServer {
  const { sandbox, send } = startInProcessSandbox({ clock, random, ...options });
  const never = new AbortController().signal;
  const hiddenUntil = new Map<string, number>();
  let searchDelayMs = 0;
  let jobs: readonly Job[] = [];
  let requests = 0;

  const deliver = async (request: HttpRequest): Promise<SendResult> => {
    const response = await send(request, never);
    if (response.kind !== 'response') return response;
    const seen = seenRequest(request, sandbox.url);
    if (seen.kind === 'create' && response.status === 201) {
      const id = (response.body as { readonly id?: string }).id;
      if (id !== undefined && searchDelayMs > 0) hiddenUntil.set(id, clock.now() + searchDelayMs);
    }
    return seen.kind === 'search'
      ? withoutHidden(response, (id) => (hiddenUntil.get(id) ?? 0) > clock.now())
      : response;
  };
  const settle = async (): Promise<void> => {
    const due = jobs.filter(({ at }) => at <= clock.now());
    jobs = jobs.filter(({ at }) => at > clock.now());
    for (const { request } of due) await send(request, never);
  };
  const find = (id: string): Resource | undefined =>
    [...sandbox.users(), ...sandbox.groups()].find((resource) => resource.id === id);
  const byHand: HonestServer['byHand'] = async (method, path, body) => {
    const response = await send(
      {
        method,
        url: `${sandbox.url}${path}`,
        headers: { authorization: `Bearer ${sandboxToken}`, 'content-type': 'application/scim+json' },
        ...(body === undefined ? {} : { body: JSON.stringify(withoutMissingManager(body, find)) }),
      },
      never,
    );
    if (response.kind !== 'response' || response.status >= 300)
      throw new Error(`${method} ${path} by hand: ${JSON.stringify(response)}`);
    return (response.body as { readonly id?: string } | undefined)?.id;
  };
  // Ids differ from run to run.
  const withStableSubject = (seen: SeenRequest): SeenRequest => {
    const externalId = seen.id === undefined ? undefined : find(seen.id)?.['externalId'];
    return typeof externalId === 'string' ? { ...seen, subject: externalId } : seen;
  };
  const server: HonestServer = {
    deliver,
    deliverLater: (request, delayMs) => {
      jobs = [...jobs, { at: clock.now() + delayMs, request }];
    },
    find,
    byHand,
    random,
  };

  return {
    url: sandbox.url,
    users: () => sandbox.users(),
    groups: () => sandbox.groups(),
    byHand,
    find,
    settle,
    delaySearch: (delayMs) => {
      searchDelayMs = delayMs;
    },
    takeRequestCount() {
      const count = requests;
      requests = 0;
      return count;
    },
    async send(request) {
      await settle();
      const seen = withStableSubject(seenRequest(request, sandbox.url));
      if (seen.kind !== 'other') requests += 1;
      const fault = draw(seen);
      const result = await (fault === undefined ? deliver(request) : fault(seen, server));
      observe(
        `${request.method} ${request.url.slice(sandbox.url.length)} ${request.body ?? ''}`,
        fault !== undefined,
        result,
      );
      return result;
    },
  };
}

/** The server refuses a reference to a manager who was deleted. */
function withoutMissingManager(resource: object, find: HonestServer['find']): object {
  const extension = (resource as Readonly<Record<string, unknown>>)[enterpriseUserSchema];
  const { manager, ...rest } = (extension ?? {}) as { readonly manager?: { readonly value?: string } };
  return manager?.value === undefined || find(manager.value) !== undefined
    ? resource
    : { ...resource, [enterpriseUserSchema]: rest };
}

function seenRequest(request: HttpRequest, url: string): SeenRequest {
  const { pathname } = new URL(request.url);
  const [collection = '', id] = pathname
    .slice(new URL(url).pathname.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const resourceType = collection === 'Users' ? 'User' : collection === 'Groups' ? 'Group' : undefined;
  const kind = kindOf(request.method, collection, resourceType, id);
  return { ...request, kind, resourceType, id, subject: id ?? externalIdIn(request.body) };
}

function kindOf(
  method: string,
  collection: string,
  resourceType: ResourceType | undefined,
  id: string | undefined,
): RequestKind {
  if (collection === 'Bulk') return 'bulk';
  if (resourceType === undefined) return 'other';
  if (method === 'GET') return id === undefined ? 'search' : 'read';
  return method === 'POST' ? 'create' : method === 'DELETE' ? 'delete' : 'update';
}

function externalIdIn(body: string | undefined): string {
  const message = body === undefined ? {} : (JSON.parse(body) as { readonly externalId?: string });
  return message.externalId ?? '';
}

function withoutHidden(
  response: Extract<SendResult, { kind: 'response' }>,
  isHidden: (id: string) => boolean,
): SendResult {
  const body = response.body as { readonly Resources?: readonly { readonly id: string }[] };
  const visible = body.Resources?.filter(({ id }) => !isHidden(id));
  if (visible === undefined || visible.length === body.Resources?.length) return response;
  return {
    ...response,
    body: { ...body, Resources: visible, itemsPerPage: visible.length, totalResults: visible.length },
  };
}
