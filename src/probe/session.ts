import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Clock } from '../model/clock.ts';
import { resourcePath } from '../scim/encode/urls.ts';
import type { Transport } from '../scim/transport/transport.ts';
import type { Response } from '../scim/transport/message.ts';
import { decide, errorSummary, versionOf } from '../scim/judge/judge-response.ts';
import { createCanaryFactory, type CanaryFactory } from './canaries.ts';
import { StoppedError } from './errors.ts';
import { finding, type Findings } from './finding.ts';
import type { Canary, Ledger } from './ledger.ts';
import type { CanaryNames } from './names.ts';
import { createRequestSender, type SendRequest } from './requests.ts';
import { createPoll, type ConsistencyDelay, type Poll } from './waiting.ts';

/** What experiments use: requests, and canaries. Experiments write to canaries only. */
export interface ProbeSession extends CanaryFactory {
  readonly names: CanaryNames;
  readonly ledger: Ledger;
  readonly findings: Findings;
  /** Every write waits this long afterwards. */
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
  readonly poll: Poll;
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
  const send = createRequestSender({ transport, signal, usersPath: path('User'), pause });

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
