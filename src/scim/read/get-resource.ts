import type { RemoteId } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { resourcePath } from '../encode/urls.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { Transport } from '../transport/transport.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { HttpResult } from '../transport/message.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** The result of a GET: the resource, `notFound`, or the reason why neither is known. */
export type GetResult = RemoteResource | 'notFound' | { readonly unavailable: string };

/** Sends a GET of one resource (RFC 7644 section 3.4.1). */
export function get(
  transport: Transport,
  resourceType: ResourceType,
  id: RemoteId,
  execution: OperationExecution,
): Promise<HttpResult> {
  return transport.sendWithRetry({ method: 'GET', path: resourcePath(resourceType, id) }, execution);
}

/** Parses the response to a GET. A resource with another id than `id` does not count. */
export function parseGet(result: HttpResult, id: RemoteId, paths: readonly string[]): GetResult {
  const decision = decide(result);
  if (decision === 'notFound') return 'notFound';
  if (result.kind !== 'response' || decision !== 'accept') return { unavailable: describeResult(result) };
  const resource = parseResource(result.body, paths, result.headers);
  return resource?.remoteId === id
    ? resource
    : {
        unavailable:
          `asked for ${id}, but the response contains ` +
          (resource === undefined ? 'no resource' : `resource ${resource.remoteId}`),
      };
}
