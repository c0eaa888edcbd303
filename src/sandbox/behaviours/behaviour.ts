import type { Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Response } from '../http/response.ts';
import type { ResourceStore } from '../resources/resource-store.ts';
import type { ScimRequest } from '../http/request.ts';
import type { Complex, Resource } from '../resources/resource.ts';
import type { ServerOptions } from '../server-options.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';

/** The state and configuration of the application. */
export interface Application {
  readonly store: ResourceStore;
  /** The current options: active misbehaviours may change them at run time. */
  readonly options: ServerOptions;
  readonly typeDefinitions: Readonly<Record<ResourceType, ResourceTypeDefinition>>;
  /** Active behaviours, outermost first: the misbehaviours, then the profile's. */
  readonly behaviours: readonly Behaviour[];
  /** Base URL of the SCIM service, without a trailing slash. */
  readonly url: string;
  /** Path of ServiceProviderConfig; null: not served. */
  readonly discoveryPath: string | null;
  /** The ServiceProviderConfig of another application; undefined: it follows from the options. */
  readonly serviceProviderConfig: Complex | undefined;
  now(): Instant;
}

/** A write before it is stored. `request` is undefined for seeded resources. */
export interface PendingWrite {
  readonly resourceType: ResourceType;
  readonly before: Complex | undefined;
  readonly request: ScimRequest | undefined;
}

/**
 * A deviation from RFC 7643 and RFC 7644. Each hook is a step of processing a request; an absent hook changes nothing.
 * A hook refuses a request by throwing a ScimError.
 */
export interface Behaviour {
  /** Server options that it overrides. */
  readonly options?: Partial<ServerOptions>;
  /** Translates the application's own forms into those of RFC 7644. */
  readonly transformRequest?: (request: ScimRequest, app: Application) => ScimRequest;
  /** Runs before the request is executed. @returns a response that replaces the execution */
  readonly intercept?: (request: ScimRequest, app: Application) => Response | undefined;
  /** Chooses the id of a new resource. @returns undefined for a generated id */
  readonly assignId?: (request: ScimRequest) => string | undefined;
  /** Changes attributes before they are stored. */
  readonly transformStored?: (attributes: Complex, change: PendingWrite, app: Application) => Complex;
  /** Executes DELETE of a resource in another way. @returns whether it did */
  readonly handleDelete?: (resourceType: ResourceType, resource: Resource, app: Application) => boolean;
  /** The resource as readers and filters see it. @returns undefined to hide it */
  readonly visibleAs?: (
    resource: Resource,
    resourceType: ResourceType,
    request: ScimRequest,
    app: Application,
  ) => Resource | undefined;
  /** Changes the rows of a listing. */
  readonly orderList?: (
    resources: readonly Resource[],
    resourceType: ResourceType,
    app: Application,
  ) => readonly Resource[];
  /** Changes a resource in a response, after filters were applied. */
  readonly transformResource?: (
    resource: Complex,
    resourceType: ResourceType,
    request: ScimRequest,
    app: Application,
  ) => Complex;
  /** Changes the response, including errors. */
  readonly transformResponse?: (response: Response, request: ScimRequest, app: Application) => Response;
}
