import type { RemoteId } from '../model/ids.ts';
import type { BulkMethod } from '../model/profile.ts';
import { resourceTypes, uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import type { Clock } from '../model/clock.ts';
import { parseId, resourcePath, withEndpoints } from '../scim/encode/urls.ts';
import { filterOf } from '../scim/read/lookup.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import type { Transport } from '../scim/transport/transport.ts';
import type { Response, ScimRequest } from '../scim/transport/message.ts';
import { decide, errorSummary, versionOf } from '../scim/judge/judge-response.ts';
import { createCanaryFactory, type CanaryFactory } from './canaries.ts';
import { StoppedError } from './errors.ts';
import { finding, type Findings } from './finding.ts';
import type { Canary, Ledger } from './ledger.ts';
import { containsName, type CanaryNames } from './names.ts';
import { createRequestSender, type SendRequest } from './requests.ts';
import { createPoll, type ConsistencyDelay, type Poll } from './waiting.ts';

/** What experiments use: requests, and canaries. Experiments write to canaries only. */
export interface ProbeSession extends CanaryFactory {
  readonly names: CanaryNames;
  readonly ledger: Ledger;
  readonly findings: Findings;
  /** A write waits until reads show it; a search waits until it shows the last write. */
  readonly delay: ConsistencyDelay;
  /** The path of RFC 7644; the transport translates it to the target's endpoints. */
  path(resourceType: ResourceType, id?: RemoteId): string;
  readonly send: SendRequest;
  read(canary: Canary, query?: Readonly<Record<string, string>>): Promise<Response>;
  /** Reads up to three times within 0.8 seconds until the body is as expected: some targets show writes late. */
  readUntil(
    canary: Canary,
    isExpected: (body: unknown) => boolean,
    query?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  write(method: 'PATCH' | 'PUT' | 'DELETE', canary: Canary, body?: object): Promise<Response>;
  /** Sends a Bulk request (RFC 7644 section 3.7). Its operations must change canaries only. */
  bulk(operations: readonly BulkOperation[]): Promise<Response>;
  readonly poll: Poll;
  /**
   * Searches for a canary that a read by id does not show, by a filter on its name.
   * @returns whether the target shows it under another id, which the canary has from now on
   */
  relocate(canary: Canary): Promise<boolean>;
}

export interface BulkOperation {
  readonly method: BulkMethod;
  /** As `path` returns it. */
  readonly path: string;
  readonly bulkId?: string;
  readonly data?: object;
}

/** Dependencies of `openSession`. */
export interface SessionDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly names: CanaryNames;
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly delay: ConsistencyDelay;
}

/** Waits of `readUntil`, in milliseconds. */
const readWaitsMs = [200, 600];

/** Opens what all experiments at one target share. */
export function openSession({ transport, clock, signal, names, ledger, findings, delay }: SessionDeps): ProbeSession {
  const path = resourcePath;
  const requiresIfMatch = (): boolean => findings.profile().protocol.ifMatch === 'always';

  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    await clock.sleep(milliseconds, signal).catch(() => {
      throw new StoppedError();
    });
  }

  const poll = createPoll(pause);
  const sendNow = createRequestSender({ transport, signal, usersPath: path('User'), pause });
  const isSearch = ({ method, path: requestPath }: ScimRequest): boolean =>
    method === 'GET' && resourceTypes.some((resourceType) => requestPath === path(resourceType));

  const toEndpoints = (operations: readonly BulkOperation[]): readonly BulkOperation[] =>
    operations.map((operation) => ({
      ...operation,
      path: withEndpoints(operation.path, findings.profile().protocol.endpoints),
    }));

  const send: SendRequest = async (request, handledStatuses) => {
    if (isSearch(request)) await pause(Math.max(0, delay.lastWriteAt + delay.searchMs - clock.now()));
    const response = await sendNow(request, handledStatuses);
    if (request.method !== 'GET') delay.lastWriteAt = clock.now();
    return response;
  };

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
    if (decide(response) !== 'accept') return response;
    await pause(delay.readMs);
    const id = parseId(getIgnoringCase(response.body, 'id'));
    if (id !== undefined && id !== canary.id && containsName(response.body, canary.name)) await followId(canary, id);
    return response;
  }

  /**
   * Some targets give a user another id when it becomes active again. The new id counts if a read by it shows the
   * canary. If the previous id still exists, it becomes a canary of its own, so that the clean-up removes both.
   */
  async function followId(canary: Canary, id: RemoteId): Promise<boolean> {
    const { resourceType, name, id: previousId } = canary;
    if (ledger.canaryWithId(resourceType, id) !== undefined) return false;
    const response = await send({ method: 'GET', path: path(resourceType, id) });
    if (decide(response) !== 'accept' || !containsName(response.body, name)) return false;
    ledger.changeId(canary, id);
    const previous = await send({ method: 'GET', path: path(resourceType, previousId) });
    if (decide(previous) === 'accept' && containsName(previous.body, name))
      ledger.markCreated(ledger.recordIntent(resourceType, name), previousId);
    findings.add(
      finding('id', `an update gives the ${resourceType.toLowerCase()} another id: ${previousId} became ${id}`),
    );
    return true;
  }

  return {
    ...createCanaryFactory({ send, poll, pause, names, ledger, delay }),
    names,
    ledger,
    findings,
    delay,
    path,
    send,
    read,
    poll,

    async bulk(operations) {
      const response = await send({
        method: 'POST',
        path: '/Bulk',
        body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: toEndpoints(operations) },
      });
      if (decide(response) === 'accept') await pause(delay.readMs);
      return response;
    },

    async relocate(canary) {
      const { resourceType, name } = canary;
      const filter = filterOf(uniqueNameAttribute(resourceType), name);
      const response = await send({ method: 'GET', path: path(resourceType), query: { filter } });
      const row = parseListResponse(response)?.rows.find((each) => containsName(each, name));
      const id = parseId(getIgnoringCase(row, 'id'));
      return id !== undefined && id !== canary.id && (await followId(canary, id));
    },

    async readUntil(canary, isExpected, query) {
      const { result } = await poll(
        readWaitsMs,
        () => read(canary, query),
        ({ body }) => isExpected(body),
      );
      return result;
    },

    async write(method, canary, body) {
      const response = await writeOnce(method, canary, body);
      if (requiresIfMatch() || (response.status !== 428 && response.status !== 412)) return response;
      findings.add(
        finding('ETag', `an update without If-Match is refused: ${errorSummary(response)}`, {
          protocol: { ifMatch: 'always' },
        }),
      );
      return writeOnce(method, canary, body);
    },
  };
}
