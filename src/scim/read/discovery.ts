import { getIgnoringCase } from '../../model/scim-json.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { Transport } from '../transport/transport.ts';
import { decide } from '../judge/judge-response.ts';

/**
 * The ServiceProviderConfig of a target (RFC 7643 section 5). A missing or unreadable feature is undefined and disables
 * nothing.
 */
export interface Discovery {
  readonly patch?: boolean;
  readonly filter?: boolean;
  readonly etag?: boolean;
  readonly bulk?: { readonly supported: boolean; readonly maxOperations?: number; readonly maxPayloadSize?: number };
  /** The whole response body, for display. */
  readonly raw?: unknown;
}

/**
 * Reads the ServiceProviderConfig.
 *
 * @param isKnown an earlier document is known, so one attempt is enough: removals wait for it
 * @returns undefined where the target has none that is readable
 */
export async function discover(
  transport: Transport,
  execution: OperationExecution,
  isKnown: boolean,
): Promise<Discovery | undefined> {
  const request = { method: 'GET', path: '/ServiceProviderConfig' } as const;
  const result = await (isKnown ? transport.send(request, execution) : transport.sendWithRetry(request, execution));
  return result.kind === 'response' && decide(result) === 'accept' ? parseDiscovery(result.body) : undefined;
}

/** Parses a ServiceProviderConfig. @returns undefined where it contains no known feature */
export function parseDiscovery(body: unknown): Discovery | undefined {
  const patch = readSupported(body, 'patch');
  const filter = readSupported(body, 'filter');
  const etag = readSupported(body, 'etag');
  const bulk = readSupported(body, 'bulk');
  if (patch === undefined && filter === undefined && etag === undefined && bulk === undefined) return undefined;
  return {
    ...(patch === undefined ? {} : { patch }),
    ...(filter === undefined ? {} : { filter }),
    ...(etag === undefined ? {} : { etag }),
    ...(bulk === undefined
      ? {}
      : { bulk: { supported: bulk, ...readLimit(body, 'maxOperations'), ...readLimit(body, 'maxPayloadSize') } }),
    raw: body,
  };
}

function readSupported(body: unknown, feature: string): boolean | undefined {
  const value = getIgnoringCase(getIgnoringCase(body, feature), 'supported');
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  return text === true || text === 'true' ? true : text === false || text === 'false' ? false : undefined;
}

function readLimit(body: unknown, name: 'maxOperations' | 'maxPayloadSize') {
  const value = Number(getIgnoringCase(getIgnoringCase(body, 'bulk'), name) ?? Number.NaN);
  return Number.isFinite(value) ? { [name]: value } : {};
}
