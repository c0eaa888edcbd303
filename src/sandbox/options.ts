import type { Profile, Quota } from '../model/profile.ts';
import type { Clock, Random } from '../model/clock.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Fault } from './faults/faults.ts';
import type { RequestEntry } from './control/request-log.ts';
import type { RequestHandler } from './http/server.ts';
import type { Complex, Resource } from './resources/resource.ts';
import type { ServerOptions } from './server-options.ts';
import type { Seed, SeededResources } from './resources/seed.ts';

/** Options of one sandbox; missing ones have the values of `defaultServerOptions`. */
export interface SandboxOptions extends Partial<ServerOptions> {
  readonly clock: Clock;
  /** Decides faults that have a probability. */
  readonly random: Random;
  /** The bearer token that clients must send. */
  readonly token: string;
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Title of the overview page; by default the profile's name. */
  readonly label?: string;
  /** The kind of application to play. Every other option here overrides it. */
  readonly profile?: Profile;
  /** Numbers of misbehaviours to play in addition to those of the profile. */
  readonly misbehaviours?: readonly number[];
  readonly faults?: readonly Fault[];
  /** Rate limit: requests above it within any second get 429. Unlimited by default. */
  readonly requestsPerSecond?: number;
  /** Quotas over longer windows; requests above them get 429. */
  readonly quotas?: readonly Quota[];
  /** Form of Retry-After in 429 responses: `seconds` by default. */
  readonly retryAfter?: 'seconds' | 'date' | 'none';
  /** Milliseconds of delay before each request is executed. 0 by default. */
  readonly latencyMs?: number;
  /** The sentence about the data at the top of the overview page; by default `rehearsalNotice`. */
  readonly notice?: string;
  /**
   * The data is that of real people: the overview page and the control endpoints need the token, too, and the log has
   * no bodies.
   */
  readonly isPrivate?: boolean;
  /** The ServiceProviderConfig; by default it follows from the options. */
  readonly serviceProviderConfig?: Complex;
  /** Number of requests that the log keeps: 100,000 by default. */
  readonly logLimit?: number;
}

/** A SCIM 2.0 application in memory to rehearse against, without a network. */
export interface InProcessSandbox {
  /** Base URL of the SCIM service: http://127.0.0.1:PORT/scim/v2 */
  readonly url: string;
  /** Answers one request. */
  readonly handle: RequestHandler;
  /** The current users and groups, as a client would read them. */
  users(): readonly Resource[];
  groups(): readonly Resource[];
  /** The requests so far, in order of arrival. */
  readonly log: readonly RequestEntry[];
  clearLog(): void;
  /**
   * The active faults: assign a new list, or modify this one. A fault starts to count with the first request that it
   * matches.
   */
  faults: Fault[];
  /**
   * Numbers of the active misbehaviours, including the profile's: assign a new list.
   * @throws RangeError for a number that cannot be played
   */
  misbehaviours: readonly number[];
  /** Adds resources without a request. @throws ScimError where a POST would be refused */
  seed(seed: Seed): SeededResources;
  /**
   * Adds a resource as another application shows it; `copyResource` explains what it becomes. Users come before the
   * groups that have them as members.
   */
  copy(resourceType: ResourceType, id: string, resource: Complex): void;
  /** Adds definitions of attributes that the resource has. @returns whether any was missing */
  define(resourceType: ResourceType, resource: Complex): boolean;
  /** The resources as they are stored. A change replaces the object. */
  stored(resourceType: ResourceType): Iterable<Resource>;
  /** Aborts requests that a fault or the latency delays. */
  stop(): void;
}

/** A sandbox that listens on 127.0.0.1. It must be closed. */
export interface Sandbox extends InProcessSandbox {
  readonly port: number;
  close(): Promise<void>;
}
