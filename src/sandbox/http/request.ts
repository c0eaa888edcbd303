import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';

/** A request after its body was read. `path` is relative to the service's URL: /Users/42. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** As it was sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** What a request is about. */
export interface ScimRequest {
  readonly http: HttpRequest;
  readonly endpointType: 'collection' | 'search' | 'resource' | 'bulk' | 'discovery' | 'elsewhere';
  /** Of collections, searches and resources. */
  readonly resourceType?: ResourceType;
  /** Of a resource; of a discovery endpoint, what stands behind it. */
  readonly id?: string;
  /** The body as JSON; absent where it is none. */
  readonly body?: Json;
}
