import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';

/** A request with its body. `path` is relative to the base URL: /Users/42. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Still percent-encoded, without the question mark. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** Whether it is one operation of a Bulk request. */
  readonly inBulk?: true;
}

/** A request with its endpoint resolved. */
export interface ScimRequest {
  readonly http: HttpRequest;
  readonly endpointType: 'collection' | 'search' | 'resource' | 'bulk' | 'discovery' | 'elsewhere';
  /** Set for collections, searches and resources. */
  readonly resourceType?: ResourceType;
  /** The id of a resource, or the path segment after a discovery endpoint. */
  readonly id?: string;
  /** The parsed body; absent if it is not JSON. */
  readonly body?: Json;
}
