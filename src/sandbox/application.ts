import type { Instant } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Random } from '../model/world.ts';
import type { Contents } from './contents.ts';
import type { Habit } from './habit.ts';
import type { ResourceType } from './schema/definition.ts';
import type { Rules } from './rules.ts';

/** What every request is answered from. */
export interface Application {
  readonly contents: Contents;
  /** Those in force now: what is played may change while it runs. */
  readonly rules: Rules;
  readonly types: Readonly<Record<Kind, ResourceType>>;
  /** What is played, outermost first: the misbehaviours, then what the profile says. */
  readonly habits: readonly Habit[];
  /** Base URL of the SCIM service, without a slash at its end. */
  readonly url: string;
  /** Where ServiceProviderConfig is; null where it is not served. */
  readonly discovery: string | null;
  readonly random: Random;
  now(): Instant;
}

/** A request after its body was read. `path` is relative to the service's URL: /Users/42. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** As it was sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}
