import type { Kind } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import type { Answer } from './answer.ts';
import type { Application, Request } from './application.ts';
import type { Complex, Resource } from './resource.ts';
import type { Rules } from './rules.ts';

/** What a request is about. */
export interface Asked {
  readonly request: Request;
  readonly on: 'collection' | 'search' | 'resource' | 'bulk' | 'discovery' | 'elsewhere';
  /** Of collections, searches and resources. */
  readonly kind?: Kind;
  /** Of a resource; of a discovery endpoint, what stands behind it. */
  readonly id?: string;
  /** The body as JSON; absent where it is none. */
  readonly message?: Json;
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
