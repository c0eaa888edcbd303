import { resourceTypes, type ResourceType } from '../model/resource-type.ts';
import type { Json } from '../model/resource.ts';
import { errorResponse, type Response } from './http/response.ts';
import type { Application } from './behaviours/behaviour.ts';
import { segmentsBelow } from './http/parse-request.ts';
import { copyResource } from './resources/copy-resource.ts';
import type { Complex } from './resources/resource.ts';
import { withShownAttributes } from './schema/shown-attributes.ts';
import { createResourceStore } from './resources/resource-store.ts';
import type { InProcessSandbox, Sandbox, SandboxOptions } from './options.ts';
import { handleControl, isControlPath, type ControlContext } from './control/control.ts';
import { createFaultSelector } from './faults/faults.ts';
import { createAdmissionCheck } from './http/admission.ts';
import { applyFault } from './faults/inject-fault.ts';
import { createRequestLog, type OpenEntry } from './control/request-log.ts';
import { misbehaviourProblem, activateMisbehaviours } from './misbehaviours/catalogue.ts';
import { behavioursOf } from './profile-behaviours/from-profile.ts';
import { route } from './endpoints/routes.ts';
import { defaultServerOptions, type ServerOptions } from './server-options.ts';
import { ScimError } from './http/scim-error.ts';
import { seedResources } from './resources/seed.ts';
import { resourceTypeDefinitions } from './schema/resource-type.ts';
import { handleWithErrors, listen, type IncomingRequest } from './http/server.ts';
import { createTokenIssuer } from './http/oauth-tokens.ts';
import { withGroups } from './resources/render.ts';

export type { InProcessSandbox, Sandbox, SandboxOptions } from './options.ts';
export type { Fault } from './faults/faults.ts';
export type { RequestEntry } from './control/request-log.ts';
export type { Resource } from './resources/resource.ts';
export type { ServerOptions } from './server-options.ts';
export type { Seed, SeededResources } from './resources/seed.ts';

const basePath = '/scim/v2';

/** Token endpoint while misbehaviour 82 is active (RFC 6749 section 4.4). */
const tokenPath = '/oauth2/token';
const expiringTokens = 82;

/** How long a connection without a response stays open, in milliseconds: longer than the time limit of clients. */
const heldBackMs = 90_000;

/** The disclaimer that every start of the sandbox prints. */
export function rehearsalNotice(label: string): string {
  return (
    `This is a rehearsal of ${label}, made from public documentation. ` +
    "It is not the vendor's service, and all its data is lost when it ends."
  );
}

/** Starts a sandbox that listens on 127.0.0.1. Rejects with the system's error if the port is in use. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const server = await listen(options.port ?? 0, (incoming) => sandbox.handle(incoming));
  let sandbox: InProcessSandbox;
  try {
    sandbox = createSandbox(options, `http://127.0.0.1:${server.port}`);
  } catch (error) {
    await server.close();
    throw error;
  }
  return Object.assign(sandbox, {
    port: server.port,
    async close() {
      sandbox.stop();
      await server.close();
    },
  });
}

/**
 * A sandbox without a network: `handle` answers each request in process.
 *
 * @param origin scheme, host and port of the URLs in its answers
 */
export function createSandbox(options: SandboxOptions, origin = 'http://127.0.0.1'): InProcessSandbox {
  const { clock, random, token, profile } = options;
  const profileBehaviour = behavioursOf(profile);
  const label = options.label ?? profile?.name ?? 'a SCIM 2.0 application';
  const { latencyMs = 0, logLimit = 100_000, retryAfter = 'seconds', isPrivate = false } = options;
  const serverOptions: ServerOptions = { ...defaultServerOptions, ...profileBehaviour.options, ...options };
  let typeDefinitions = resourceTypeDefinitions(profileBehaviour.resourceTypeOptions);
  let active = activateMisbehaviours(
    [
      ...profileBehaviour.misbehaviours.filter((number) => misbehaviourProblem(number) === undefined),
      ...(options.misbehaviours ?? []),
    ],
    profileBehaviour.behaviours,
    serverOptions,
  );
  const store = createResourceStore(serverOptions);
  const log = createRequestLog(logLimit);
  const tokenIssuer = createTokenIssuer(token);
  const { requestsPerSecond = profileBehaviour.requestsPerSecond, quotas = profileBehaviour.quotas } = options;
  const checkAdmission = createAdmissionCheck({
    token,
    requestsPerSecond,
    quotas,
    retryAfter,
    isIssued: (text) => tokenIssuer.isIssued(text),
  });
  const selectFault = createFaultSelector(random);
  const closing = new AbortController();

  async function handleScim(incoming: IncomingRequest, path: string, query: string): Promise<Response | undefined> {
    const at = clock.now();
    const entry: OpenEntry = { at, method: incoming.method, path, query, status: 0 };
    log.add(entry);
    // Rate limits count at arrival, before the body is read: the times in the log then prove that no second exceeded
    // the limit.
    const refusal = checkAdmission(
      {
        method: incoming.method,
        resourceType: resourceTypes.find(
          (resourceType) => segmentsBelow(typeDefinitions[resourceType].endpoint, path) !== undefined,
        ),
        headers: incoming.headers,
      },
      at,
    );
    const text = await incoming.text();
    if (text !== '' && !isPrivate) entry.body = jsonOrText(text);
    if (refusal !== undefined) return logResponse(entry, refusal, isPrivate);

    const { delay, effect } = selectFault(sandbox.faults, {
      method: incoming.method,
      path,
      query: decodeQuery(query),
      text,
    });
    if (effect !== undefined) entry.fault = effect.do;
    if (delay + latencyMs > 0) await clock.sleep(delay + latencyMs, closing.signal);
    const request = {
      method: incoming.method,
      path,
      query: new URLSearchParams(query),
      rawQuery: query,
      headers: incoming.headers,
      text,
    };
    const { response, isDropped } = applyFault(effect, (ignoreFilter) => route(app, request, ignoreFilter));
    if (response?.isHeldBack === true) {
      await clock.sleep(heldBackMs, closing.signal);
      return undefined;
    }
    if (!isDropped) return withUnlogged(logResponse(entry, response, isPrivate));
    if (response?.body !== undefined && !isPrivate) entry.response = response.body;
    return undefined;
  }

  async function handle(incoming: IncomingRequest): Promise<Response | undefined> {
    const [path = '/', query = ''] = splitOnce(incoming.url, '?');
    if (isControlPath(path)) {
      const request = {
        method: incoming.method,
        path,
        query: new URLSearchParams(query),
        rawQuery: query,
        headers: incoming.headers,
        text: await incoming.text(),
      };
      return handleControl(controlContext, request);
    }
    if (path === tokenPath && active.numbers.includes(expiringTokens))
      return tokenIssuer.issue(await incoming.text(), incoming.headers.authorization);
    if (`${path}/`.startsWith(`${basePath}/`)) return handleScim(incoming, path.slice(basePath.length) || '/', query);
    const entry: OpenEntry = { at: clock.now(), method: incoming.method, path, query, status: 0 };
    log.add(entry);
    return logResponse(
      entry,
      errorResponse(new ScimError(404, `${path} is not an endpoint. The base URL of the SCIM service is ${basePath}.`)),
      isPrivate,
    );
  }

  function define(resourceType: ResourceType, resource: Complex): boolean {
    const before = typeDefinitions[resourceType];
    const after = withShownAttributes(before, resource);
    typeDefinitions = { ...typeDefinitions, [resourceType]: after };
    return after !== before;
  }

  const url = `${origin}${basePath}`;
  const app: Application = {
    store,
    get typeDefinitions() {
      return typeDefinitions;
    },
    url,
    discoveryPath: profileBehaviour.discoveryPath,
    serviceProviderConfig: options.serviceProviderConfig,
    now: () => clock.now(),
    get options() {
      return active.options;
    },
    get behaviours() {
      return active.behaviours;
    },
  };
  const sandbox: InProcessSandbox = {
    url,
    users: () => [...store.all('User')].map((user) => withGroups('User', user, store)),
    groups: () => [...store.all('Group')],
    get log() {
      return log.entries();
    },
    clearLog: () => log.clear(),
    faults: [...(options.faults ?? [])],
    get misbehaviours() {
      return active.numbers;
    },
    set misbehaviours(numbers) {
      active = activateMisbehaviours(numbers, profileBehaviour.behaviours, serverOptions);
    },
    seed: (seed) => seedResources(app, seed),
    copy(resourceType, id, resource) {
      define(resourceType, resource);
      copyResource(app, resourceType, id, resource);
    },
    define,
    stored: (resourceType) => store.all(resourceType),
    handle: (incoming) => handleWithErrors(incoming, handle),
    stop: () => closing.abort(),
  };
  const controlContext: ControlContext = {
    sandbox,
    store,
    title: label,
    notice: options.notice ?? rehearsalNotice(label),
    token: isPrivate ? token : undefined,
    requestCount: () => log.total(),
  };
  return sandbox;
}

function logResponse(entry: OpenEntry, response: Response | undefined, isPrivate: boolean): Response | undefined {
  if (response === undefined) return undefined;
  entry.status = response.status;
  if (isPrivate) return response;
  if (response.body !== undefined) entry.response = response.body;
  else if (response.text !== undefined) entry.response = response.text;
  return response;
}

function withUnlogged(response: Response | undefined): Response | undefined {
  if (response?.unlogged === undefined) return response;
  const { unlogged, ...rest } = response;
  return { ...rest, body: { ...rest.body, ...unlogged } };
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function decodeQuery(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
