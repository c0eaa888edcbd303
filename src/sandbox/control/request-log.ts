import type { Json } from '../../model/resource.ts';

/** One request as the application met it. The authorization header is never part of it. */
export interface RequestEntry {
  /** When it arrived, in the clock's milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Below the service's URL: /Users/42. The whole path where the request went elsewhere. */
  readonly path: string;
  /** As it was sent, without the question mark; empty where there was none. */
  readonly query: string;
  /** 0 while there is no answer, and for good where the connection was closed without one. */
  readonly status: number;
  /** The body of the request: JSON, or the text that is none. */
  readonly body?: Json;
  /** What was answered; with dropAfter, what would have been. */
  readonly response?: Json;
  /** The fault that met it. */
  readonly fault?: string;
}

/** The same entry while its request is being answered. */
export type OpenEntry = { -readonly [Name in keyof RequestEntry]: RequestEntry[Name] };

export interface RequestLog {
  /** In the order of arrival, at most the log's limit, the oldest forgotten first. */
  entries(): readonly RequestEntry[];
  /** How many requests there were since the start, or since it was cleared. */
  total(): number;
  add(entry: OpenEntry): void;
  clear(): void;
}

export function createRequestLog(limit: number): RequestLog {
  let entries: OpenEntry[] = [];
  let total = 0;
  return {
    entries: () => entries.slice(-limit),
    total: () => total,
    add(entry) {
      total += 1;
      entries.push(entry);
      // Forgetting in large steps: taking the first one off a long array costs as much as taking many.
      if (entries.length > limit * 2) entries = entries.slice(-limit);
    },
    clear() {
      entries = [];
      total = 0;
    },
  };
}
