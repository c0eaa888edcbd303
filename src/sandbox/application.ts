import type { Instant } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Random } from '../model/world.ts';
import type { Answer } from './answer.ts';
import type { Contents } from './contents.ts';
import type { Asked } from './request.ts';
import type { Complex, Resource } from './resource.ts';
import type { Rules } from './rules.ts';
import type { ResourceType } from './schema/definition.ts';

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

/** A write that is about to be kept. `asked` is absent for what is planted without a request. */
export interface Change {
  readonly kind: Kind;
  readonly before: Complex | undefined;
  readonly asked: Asked | undefined;
}

/**
 * One way in which an application differs from RFC 7643 and RFC 7644. Each hook is a step of answering a request; what has no
 * hook for a step leaves it alone. A hook refuses by throwing a ScimError.
 */
export interface Habit {
  /** Choices of the RFCs that it makes otherwise. */
  readonly rules?: Partial<Rules>;
  /** The request as this application takes it: forms of its own become those of RFC 7644. */
  readonly hear?: (asked: Asked, app: Application) => Asked;
  /** Judges the request before anything is done. @returns what is answered instead */
  readonly judge?: (asked: Asked, app: Application) => Answer | undefined;
  /** The id of what is about to be made by this request. */
  readonly identify?: (asked: Asked) => string | undefined;
  /** The attributes as they are kept. */
  readonly store?: (attributes: Complex, change: Change, app: Application) => Complex;
  /** DELETE of this resource in another way. @returns whether it was done */
  readonly end?: (kind: Kind, resource: Resource, app: Application) => boolean;
  /** What readers and filters see of a resource. @returns undefined where nobody sees it */
  readonly appear?: (resource: Resource, kind: Kind, asked: Asked, app: Application) => Resource | undefined;
  /** The order of a listing. */
  readonly arrange?: (resources: readonly Resource[], kind: Kind, app: Application) => readonly Resource[];
  /** How a resource is written in an answer, after filters were judged. */
  readonly show?: (resource: Complex, kind: Kind, asked: Asked, app: Application) => Complex;
  /** How the answer is written in the end, refusals included. */
  readonly answer?: (answer: Answer, asked: Asked, app: Application) => Answer;
}
