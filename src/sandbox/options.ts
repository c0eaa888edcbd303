import type { Profile, Quota } from '../model/profile.ts';
import type { Clock, Random } from '../model/clock.ts';
import type { Fault } from './faults/faults.ts';
import type { RequestEntry } from './control/request-log.ts';
import type { Resource } from './resources/resource.ts';
import type { ServerOptions } from './server-options.ts';
import type { Seed, SeededResources } from './resources/seed.ts';

export interface SandboxOptions extends Partial<ServerOptions> {
  readonly clock: Clock;
  /** Decides about faults with a probability. */
  readonly random: Random;
  /** What the client must send as its bearer token. */
  readonly token: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** What is rehearsed, for the title of the page: the profile's name where there is one. */
  readonly label?: string;
  /** The kind of application that is played. What else stands here outweighs it. */
  readonly profile?: Profile;
  /** Numbers of the misbehaviours that are played beside those of the profile. */
  readonly misbehaviours?: readonly number[];
  readonly faults?: readonly Fault[];
  /** More than so many requests in any second are answered 429. Unlimited by default. */
  readonly requestsPerSecond?: number;
  /** Limits over longer times, answered 429. */
  readonly quotas?: readonly Quota[];
  /** How 429 says when to come back: `seconds` by default. */
  readonly retryAfter?: 'seconds' | 'date' | 'none';
  /** Milliseconds before each request is done. 0 by default. */
  readonly latencyMs?: number;
  /** How many requests are remembered: 100,000 by default. */
  readonly logLimit?: number;
}

/** A SCIM 2.0 application in memory, on 127.0.0.1, to rehearse against. It must be closed. */
export interface Sandbox {
  /** Base URL of the SCIM service: http://127.0.0.1:PORT/scim/v2 */
  readonly url: string;
  readonly port: number;
  /** The users and groups as a client would read them now. */
  users(): readonly Resource[];
  groups(): readonly Resource[];
  /** The requests so far, in the order of arrival. */
  readonly log: readonly RequestEntry[];
  clearLog(): void;
  /** The faults in force: assign a new list, or change this one. A fault counts from the moment it is first met. */
  faults: Fault[];
  /** Numbers of the misbehaviours in force, those of the profile among them: assign a new list. @throws RangeError for a number that cannot be played */
  misbehaviours: readonly number[];
  /** Adds resources without a request. @throws ScimError as a POST would be refused */
  seed(seed: Seed): SeededResources;
  close(): Promise<void>;
}
