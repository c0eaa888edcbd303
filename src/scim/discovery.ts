import { member } from '../model/shape.ts';
import type { Effort } from './addressed.ts';
import type { Exchange } from './exchange.ts';
import { decide } from './response.ts';

/** What a target says of itself (RFC 7643 section 5). What it does not say in a readable way is undefined, and switches nothing off. */
export interface Discovery {
  readonly patch?: boolean;
  readonly filter?: boolean;
  readonly etag?: boolean;
  readonly bulk?: { readonly supported: boolean; readonly maxOperations?: number; readonly maxPayloadSize?: number };
  /** The whole answer, for a person who wants to see it. */
  readonly raw?: unknown;
}

/** @returns undefined where the target has no readable ServiceProviderConfig */
export async function discover(exchange: Exchange, effort: Effort): Promise<Discovery | undefined> {
  const answer = await exchange.insist({ method: 'GET', path: '/ServiceProviderConfig' }, effort);
  return answer.kind === 'reply' && decide(answer) === 'accept' ? readDiscovery(answer.body) : undefined;
}

export function readDiscovery(body: unknown): Discovery | undefined {
  const patch = supported(body, 'patch');
  const filter = supported(body, 'filter');
  const etag = supported(body, 'etag');
  const bulk = supported(body, 'bulk');
  if (patch === undefined && filter === undefined && etag === undefined && bulk === undefined) return undefined;
  return {
    ...(patch === undefined ? {} : { patch }),
    ...(filter === undefined ? {} : { filter }),
    ...(etag === undefined ? {} : { etag }),
    ...(bulk === undefined
      ? {}
      : { bulk: { supported: bulk, ...limit(body, 'maxOperations'), ...limit(body, 'maxPayloadSize') } }),
    raw: body,
  };
}

function supported(body: unknown, feature: string): boolean | undefined {
  const value = member(member(body, feature), 'supported');
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  return text === true || text === 'true' ? true : text === false || text === 'false' ? false : undefined;
}

function limit(body: unknown, name: 'maxOperations' | 'maxPayloadSize') {
  const value = Number(member(member(body, 'bulk'), name) ?? Number.NaN);
  return Number.isFinite(value) ? { [name]: value } : {};
}
