import type { RemoteId } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { resourcePath } from '../encode/urls.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { Transport } from '../transport/transport.ts';
import { parseResource } from '../judge/parse-resource.ts';
import type { HttpResult } from '../transport/message.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** What is there under an id: a resource, nothing, or no answer that says so. */
export type GetResult = RemoteResource | 'notFound' | { readonly unavailable: string };

/** RFC 7644 section 3.4.1. */
export function get(
  transport: Transport,
  resourceType: ResourceType,
  id: RemoteId,
  execution: OperationExecution,
): Promise<HttpResult> {
  return transport.sendWithRetry({ method: 'GET', path: resourcePath(resourceType, id) }, execution);
}

export function parseGet(result: HttpResult, id: RemoteId, paths: readonly string[]): GetResult {
  const decision = decide(result);
  if (decision === 'notFound') return 'notFound';
  if (result.kind !== 'response' || decision !== 'accept') return { unavailable: describeResult(result) };
  const resource = parseResource(result.body, paths, result.headers);
  return resource?.remoteId === id
    ? resource
    : {
        unavailable: `asked for ${id}, and ${resource === undefined ? 'no resource' : `resource ${resource.remoteId}`} was answered`,
      };
}
