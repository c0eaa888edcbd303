import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Response } from '../transport/message.ts';

/** A page of a listing or a search (RFC 7644 section 3.4.2), as far as it can be believed. */
export interface ListResponse {
  readonly rows: readonly unknown[];
  /** undefined where it is not said, or not as a number. */
  readonly total: number | undefined;
  /** RFC 9865 section 2: how the next page is asked for; undefined after the last one. */
  readonly next?: string;
}

/** @returns undefined where the answer is no list: `{}` from a wrong tenant, a single resource, `Resources` of another type */
export function parseListResponse({ body }: Pick<Response, 'body'>): ListResponse | undefined {
  const resources = getIgnoringCase(body, 'Resources');
  const total = parseCount(getIgnoringCase(body, 'totalResults'));
  const cursor = getIgnoringCase(body, 'nextCursor');
  const next = typeof cursor === 'string' && cursor !== '' ? { next: cursor } : {};
  if (Array.isArray(resources)) return { rows: resources as unknown[], total, ...next };
  // RFC 7644 section 3.4.2: without results, Resources may be left out.
  return (resources === undefined || resources === null) && total === 0 ? { rows: [], total, ...next } : undefined;
}

function parseCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}
