import type { RemoteId } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import type { Clock } from '../model/clock.ts';
import { parseId, resourcePath } from '../scim/encode/urls.ts';
import { newExecution } from '../scim/operation-context.ts';
import type { Transport } from '../scim/transport/transport.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import { filterOf } from '../scim/read/lookup.ts';
import type { Response, ScimRequest } from '../scim/transport/message.ts';
import { decide, errorSummary, versionOf } from '../scim/judge/judge-response.ts';
import { finding, type Findings } from './finding.ts';
import type { Canary, Ledger } from './ledger.ts';
import { containsName, nameIn, type CanaryNames } from './names.ts';
import { foreignAccount, NoResponseError, StoppedError, unreachable } from './errors.ts';

export interface Creation {
  readonly response: Response;
  /** Absent where it was refused. */
  readonly canary?: Canary;
}

export interface CreateOptions {
  /** Instead of a new one. */
  readonly name?: string;
  /** As for `send`. */
  readonly handledStatuses?: readonly number[];
}

/** How much later than its answer a write shows, in milliseconds. Shared by all that stand on the same application. */
export interface ConsistencyDelay {
  milliseconds: number;
}

/** What experiments stand on: requests, and canaries that may be changed. Whatever is changed here was made here. */
export interface ProbeSession {
  readonly names: CanaryNames;
  readonly ledger: Ledger;
  readonly findings: Findings;
  /** That long is waited after each write. */
  readonly delay: ConsistencyDelay;
  /** As the standard has it; the exchange knows where that is there. */
  path(resourceType: ResourceType, id?: RemoteId): string;
  /**
   * One answer, whatever it says. What may be said twice is, where no answer came.
   *
   * @param handledStatuses statuses that are an answer here, though they usually ask to wait
   * @throws NoResponseError without an answer, StoppedError, TargetUnusableError
   */
  send(request: ScimRequest, handledStatuses?: readonly number[]): Promise<Response>;
  /** Makes a canary; `body` is given its name. It is in the ledger before the request goes out. @throws as `send` */
  create(resourceType: ResourceType, body: (name: string) => object, options?: CreateOptions): Promise<Creation>;
  /** Writes down what a request made that is no plain POST. @returns undefined where what is there bears another name */
  recordCreated(resourceType: ResourceType, name: string, id: unknown): Promise<Canary | undefined>;
  read(canary: Canary, query?: Readonly<Record<string, string>>): Promise<Response>;
  /** Reads until it is so, or some time has passed: some applications show what was written a little later. */
  readUntil(
    canary: Canary,
    isExpected: (body: unknown) => boolean,
    query?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  write(method: 'PATCH' | 'PUT' | 'DELETE', canary: Canary, body?: object): Promise<Response>;
  pause(milliseconds: number): Promise<void>;
}

export interface SessionDeps {
  readonly exchange: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly names: CanaryNames;
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly delay: ConsistencyDelay;
}

/** The last segment of a URL, as an id. */
export function idFromLocation(location: string | undefined): RemoteId | undefined {
  const lastSegment = location
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .split('/')
    .at(-1);
  try {
    return lastSegment === undefined ? undefined : parseId(decodeURIComponent(lastSegment));
  } catch {
    return undefined;
  }
}

/** How long it is waited for what was written to show, in milliseconds, step by step. */
const readWaitsMs = [200, 600];
/** How much longer for what was made and cannot be pointed to otherwise. */
const extraSearchWaitsMs = [1500, 3000];
const maxAttempts = 3;
/** How long an application that does not answer now is left alone, in milliseconds. */
const retryDelayMs = 1000;

/** The first and plainest question: is anybody there, and are we welcome? */
export const ping = (users: string): ScimRequest => ({
  method: 'GET',
  path: users,
  query: { startIndex: '1', count: '1' },
});
const isPing = ({ method, query }: ScimRequest): boolean =>
  method === 'GET' && query?.['startIndex'] === '1' && query['count'] === '1';
const isTargetFailure = ({ status }: Response): boolean => [401, 502, 503, 504].includes(status);

export function openSession({ exchange, clock, signal, names, ledger, findings, delay }: SessionDeps): ProbeSession {
  const requiresIfMatch = (): boolean => findings.profile().protocol.ifMatch === 'always';

  async function send(request: ScimRequest, handledStatuses: readonly number[] = [], attempt = 1): Promise<Response> {
    const response = await sendWithRetry(request, handledStatuses);
    // What is said of one request is a finding; what is said of every request is the end, and would be mistaken for many findings.
    if (!isTargetFailure(response) || isPing(request)) return response;
    await waitUntilReachable();
    // RFC 9110 section 15.6.4: not now. Some say so to whoever is in haste, and it tells nothing of what was asked.
    if (response.status !== 503 || handledStatuses.includes(503) || attempt >= maxAttempts) return response;
    await pause(retryDelayMs);
    return send(request, handledStatuses, attempt + 1);
  }

  /** @throws TargetUnusableError where a plain question is not answered either, however often it is asked */
  async function waitUntilReachable(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const pingResponse = await sendWithRetry(ping(path('User')), []);
      if (!isTargetFailure(pingResponse)) return;
      if (pingResponse.status === 401 || attempt >= maxAttempts)
        throw unreachable(`it answers nothing any more but ${errorSummary(pingResponse)}`);
      await pause(retryDelayMs * attempt);
    }
  }

  async function sendWithRetry(request: ScimRequest, handledStatuses: readonly number[]): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const budget = newExecution(signal);
      const result = await exchange.send(request, budget, (response) => handledStatuses.includes(response.status));
      if (result.kind === 'notAttempted')
        throw result.reason === 'stopped' ? new StoppedError() : unreachable(result.detail);
      const isRetryable = result.kind !== 'response' || [408, 502, 503, 504].includes(result.status);
      const mayRetry =
        request.method !== 'POST' &&
        attempt < maxAttempts &&
        !handledStatuses.includes(result.kind === 'response' ? result.status : 0);
      if (isRetryable && mayRetry && (await exchange.backOff(result, attempt, budget))) continue;
      if (result.kind !== 'response') throw new NoResponseError(`${request.method} ${request.path}: ${result.detail}`);
      return result;
    }
  }

  const path = resourcePath;

  const read: ProbeSession['read'] = (canary, query = {}) =>
    send({ method: 'GET', path: path(canary.resourceType, canary.id), query });

  async function writeOnce(
    method: 'PATCH' | 'PUT' | 'DELETE',
    canary: Canary,
    body: object | undefined,
  ): Promise<Response> {
    const version = requiresIfMatch() ? versionOf(await read(canary)).version : undefined;
    const response = await send({
      method,
      path: path(canary.resourceType, canary.id),
      ...(body === undefined ? {} : { body }),
      ...(version === undefined ? {} : { ifMatch: version }),
    });
    if (decide(response) === 'accept') await pause(delay.milliseconds);
    return response;
  }

  /** Whether an id that was answered is that of what we asked for, and not somebody's who was there before. */
  async function isCreatedByUs(
    resourceType: ResourceType,
    id: RemoteId,
    name: string,
    responseBody: unknown,
  ): Promise<boolean> {
    if (containsName(responseBody, name)) return true;
    const { body } = await send({ method: 'GET', path: path(resourceType, id) });
    return (
      containsName(body, name) ||
      (nameIn(resourceType, responseBody) === undefined && nameIn(resourceType, body) === undefined)
    );
  }

  /** Some answer a create without the resource: then it is where Location says (RFC 7644 section 3.3), or where a search shows it, a little later. */
  async function locateCreated(
    resourceType: ResourceType,
    name: string,
    response: Response,
  ): Promise<RemoteId | undefined> {
    const locationId = idFromLocation(response.headers['location']);
    if (
      locationId !== undefined &&
      containsName((await send({ method: 'GET', path: path(resourceType, locationId) })).body, name)
    )
      return locationId;
    for (const wait of [...readWaitsMs, ...extraSearchWaitsMs]) {
      const filter = filterOf(uniqueNameAttribute(resourceType), name);
      const rows =
        parseListResponse(await send({ method: 'GET', path: path(resourceType), query: { filter } }))?.rows ?? [];
      const created = rows.find((row) => containsName(row, name));
      const matchedId = parseId(getIgnoringCase(created, 'id'));
      if (matchedId !== undefined) return matchedId;
      await pause(wait);
    }
    return undefined;
  }

  return {
    names,
    ledger,
    findings,
    delay,
    path,
    send,
    read,

    async create(resourceType, body, { name = names.next(resourceType), handledStatuses = [] } = {}) {
      const entry = ledger.recordIntent(resourceType, name);
      let response: Response;
      try {
        response = await send({ method: 'POST', path: path(resourceType), body: body(name) }, handledStatuses);
      } catch (error) {
        // Told to stop before it was sent, or refused by our own side: then there is nothing to remove.
        if (!(error instanceof NoResponseError)) entry.state = 'gone';
        throw error;
      }
      const decision = decide(response);
      if (decision === 'accept') await pause(delay.milliseconds);
      const id = decision === 'accept' ? parseId(getIgnoringCase(response.body, 'id')) : undefined;
      if (decision !== 'accept') {
        // A server that failed half-way may have made it, and some keep what they refuse: it is looked for at the end.
        if (response.status < 500) entry.state = 'refused';
        return { response };
      }
      if (id === undefined) {
        const locatedId = await locateCreated(resourceType, name, response);
        return { response, ...(locatedId === undefined ? {} : { canary: ledger.markCreated(entry, locatedId) }) };
      }
      const existing = ledger.canaryWithId(resourceType, id);
      if (existing !== undefined) {
        entry.state = 'gone';
        return { response, canary: existing };
      }
      // Whatever happens to the next request, the end knows where to look.
      entry.id = id;
      if (!(await isCreatedByUs(resourceType, id, name, response.body))) {
        // Not this one; what was asked for may be there as well, and is looked for by its name.
        delete entry.id;
        throw foreignAccount(name, id);
      }
      return { response, canary: ledger.markCreated(entry, id) };
    },

    async recordCreated(resourceType, name, id) {
      const remoteId = parseId(id);
      if (remoteId === undefined) return undefined;
      await pause(delay.milliseconds);
      const entry =
        ledger.entries.find((each) => each.resourceType === resourceType && each.name === name) ??
        ledger.recordIntent(resourceType, name);
      return containsName((await send({ method: 'GET', path: path(resourceType, remoteId) })).body, name)
        ? ledger.markCreated(entry, remoteId)
        : undefined;
    },

    async readUntil(canary, isExpected, query) {
      for (const wait of readWaitsMs) {
        const response = await read(canary, query);
        if (isExpected(response.body)) return response;
        await pause(wait);
      }
      return read(canary, query);
    },

    async write(method, canary, body) {
      const response = await writeOnce(method, canary, body);
      if (requiresIfMatch() || (response.status !== 428 && response.status !== 412)) return response;
      findings.add(
        finding('versions', `a change without If-Match is refused: ${errorSummary(response)}`, {
          protocol: { ifMatch: 'always' },
        }),
      );
      return writeOnce(method, canary, body);
    },

    pause,
  };

  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    await clock.sleep(milliseconds, signal).catch(() => {
      throw new StoppedError();
    });
  }
}
