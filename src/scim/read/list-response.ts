import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Response } from '../transport/message.ts';

/** A page of a listing or a search (RFC 7644 section 3.4.2), after validation. */
export interface ListResponse {
  readonly rows: readonly unknown[];
  /** undefined where `totalResults` is missing or not a number. */
  readonly total: number | undefined;
  /** The cursor of the next page (RFC 9865 section 2); undefined after the last page. */
  readonly next?: string;
}

/**
 * Parses a list response. @returns undefined where the body is not a list: `{}` from a wrong tenant, a single resource,
 * `Resources` of another type
 */
export function parseListResponse({ body }: Pick<Response, 'body'>): ListResponse | undefined {
  const resources = getIgnoringCase(body, 'Resources');
  const total = parseCount(getIgnoringCase(body, 'totalResults'));
  const cursor = getIgnoringCase(body, 'nextCursor');
  const next = typeof cursor === 'string' && cursor !== '' ? { next: cursor } : {};
  if (Array.isArray(resources)) return { rows: resources as unknown[], total, ...next };
  // RFC 7644 section 3.4.2: without results, Resources may be omitted.
  return (resources === undefined || resources === null) && total === 0 ? { rows: [], total, ...next } : undefined;
}

function parseCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}
