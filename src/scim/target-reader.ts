import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Json } from '../model/resource.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import { parseId } from './encode/urls.ts';
import { isAccepted } from './judge/judge-response.ts';
import { discover, type Discovery } from './read/discovery.ts';
import { get } from './read/get-resource.ts';
import { withGroupReadOptions } from './read/group-reads.ts';
import { list, type Listed, type Listing } from './read/listing.ts';
import { openConnection, type ConnectionDeps, type ConnectionSettings } from './transport/connection.ts';
import { newExecution } from './transport/execution.ts';

/** A resource with all that the target shows of it. */
export interface WholeResource extends Listed {
  readonly json: { readonly [name: string]: Json };
}

/** A connection that can only read: each request is a GET. No method throws because of a server or the network. */
export interface TargetReader {
  readonly counters: { readonly requests: number };
  /** Reads the ServiceProviderConfig, once. @returns undefined where the target has none, or it is not readable */
  discover(signal: AbortSignal): Promise<Discovery | undefined>;
  /** Lists all resources of a type. The return value states whether the listing is complete. */
  list(resourceType: ResourceType, signal: AbortSignal): AsyncGenerator<readonly WholeResource[], Listing>;
  /** Reads one resource. @returns undefined where the target does not show it */
  get(resourceType: ResourceType, id: RemoteId, signal: AbortSignal): Promise<WholeResource | undefined>;
  /** Aborts requests in flight and closes the connections. */
  close(): void;
}

/** Opens a connection that only reads. Sends no request yet. */
export function createTargetReader(settings: ConnectionSettings, deps: ConnectionDeps): TargetReader {
  const { protocol, limits } = settings.profile;
  const connection = openConnection(settings, deps);
  const transport = withGroupReadOptions(connection.transport, protocol);
  return {
    counters: connection.counters,
    discover: async (signal) =>
      protocol.discovery === 'off' ? undefined : discover(transport, newExecution(signal), true),
    list: (resourceType, signal) =>
      list(
        transport,
        { resourceType, parse: wholeResource, pageSize: limits.pageSize, pagingMode: protocol.listing },
        newExecution(signal),
      ),
    async get(resourceType, id, signal) {
      const result = await get(transport, resourceType, id, newExecution(signal));
      const resource = isAccepted(result) ? wholeResource(result.body) : undefined;
      return resource?.remoteId === id ? resource : undefined;
    },
    close: () => connection.close(),
  };
}

/** @returns undefined without a usable id */
function wholeResource(row: unknown): WholeResource | undefined {
  const remoteId = parseId(getIgnoringCase(row, 'id'));
  return remoteId === undefined ? undefined : { remoteId, json: row as WholeResource['json'] };
}
