import type { Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Response } from '../http/response.ts';
import type { ResourceStore } from '../resources/resource-store.ts';
import type { ScimRequest } from '../http/request.ts';
import type { Complex, Resource } from '../resources/resource.ts';
import type { ServerOptions } from '../server-options.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';

/** What every request is answered from. */
export interface Application {
  readonly store: ResourceStore;
  /** Those in force now: what is played may change while it runs. */
  readonly options: ServerOptions;
  readonly typeDefinitions: Readonly<Record<ResourceType, ResourceTypeDefinition>>;
  /** What is played, outermost first: the misbehaviours, then what the profile says. */
  readonly behaviours: readonly Behaviour[];
  /** Base URL of the SCIM service, without a slash at its end. */
  readonly url: string;
  /** Where ServiceProviderConfig is; null where it is not served. */
  readonly discoveryPath: string | null;
  now(): Instant;
}

/** A write that is about to be kept. `asked` is absent for what is planted without a request. */
export interface PendingWrite {
  readonly resourceType: ResourceType;
  readonly before: Complex | undefined;
  readonly request: ScimRequest | undefined;
}

/**
 * One way in which an application differs from RFC 7643 and RFC 7644. Each hook is a step of answering a request; what has no
 * hook for a step leaves it alone. A hook refuses by throwing a ScimError.
 */
export interface Behaviour {
  /** Choices of the RFCs that it makes otherwise. */
  readonly options?: Partial<ServerOptions>;
  /** The request as this application takes it: forms of its own become those of RFC 7644. */
  readonly transformRequest?: (request: ScimRequest, app: Application) => ScimRequest;
  /** Judges the request before anything is done. @returns what is answered instead */
  readonly intercept?: (request: ScimRequest, app: Application) => Response | undefined;
  /** The id of what is about to be made by this request. */
  readonly assignId?: (request: ScimRequest) => string | undefined;
  /** The attributes as they are kept. */
  readonly transformStored?: (attributes: Complex, change: PendingWrite, app: Application) => Complex;
  /** DELETE of this resource in another way. @returns whether it was done */
  readonly handleDelete?: (resourceType: ResourceType, resource: Resource, app: Application) => boolean;
  /** What readers and filters see of a resource. @returns undefined where nobody sees it */
  readonly visibleAs?: (
    resource: Resource,
    resourceType: ResourceType,
    request: ScimRequest,
    app: Application,
  ) => Resource | undefined;
  /** The order of a listing. */
  readonly orderList?: (
    resources: readonly Resource[],
    resourceType: ResourceType,
    app: Application,
  ) => readonly Resource[];
  /** How a resource is written in an answer, after filters were judged. */
  readonly transformResource?: (
    resource: Complex,
    resourceType: ResourceType,
    request: ScimRequest,
    app: Application,
  ) => Complex;
  /** How the answer is written in the end, refusals included. */
  readonly transformResponse?: (response: Response, request: ScimRequest, app: Application) => Response;
}
