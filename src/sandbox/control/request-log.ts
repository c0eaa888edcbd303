import type { Json } from '../../model/resource.ts';

/** One request with its response. It never contains the Authorization header. */
export interface RequestEntry {
  /** Time of arrival, in milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Path below the base URL: /Users/42. The complete path if it is not below the base URL. */
  readonly path: string;
  /** Still percent-encoded, without the question mark; empty if absent. */
  readonly query: string;
  /** 0 until the response, and if the connection was closed without one. */
  readonly status: number;
  /** The request body as JSON, or as a string if it is not JSON. */
  readonly body?: Json;
  /** The response body; with the fault dropAfter, the one that was not sent. */
  readonly response?: Json;
  /** The fault that applied. */
  readonly fault?: string;
}

/** An entry whose response is not complete. */
export type OpenEntry = { -readonly [Name in keyof RequestEntry]: RequestEntry[Name] };

/** The requests that the sandbox received, for tests and operators. */
export interface RequestLog {
  /** In order of arrival; at most `limit`, the newest. */
  entries(): readonly RequestEntry[];
  /** Number of requests since the start, or since the log was cleared. */
  total(): number;
  add(entry: OpenEntry): void;
  clear(): void;
}

/** Keeps the newest `limit` requests in memory. */
export function createRequestLog(limit: number): RequestLog {
  let entries: OpenEntry[] = [];
  let total = 0;
  return {
    entries: () => entries.slice(-limit),
    total: () => total,
    add(entry) {
      total += 1;
      entries.push(entry);
      // Removes many entries at once: removing the first element of a long array costs as much as removing many.
      if (entries.length > limit * 2) entries = entries.slice(-limit);
    },
    clear() {
      entries = [];
      total = 0;
    },
  };
}
