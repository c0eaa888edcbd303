import type { Instant } from '../model/ids.ts';
import type { Contents } from './contents.ts';
import type { Rules } from './rules.ts';

/** What every request is answered from. */
export interface Application {
  readonly contents: Contents;
  readonly rules: Rules;
  /** Base URL of the SCIM service, without a slash at its end. */
  readonly url: string;
  now(): Instant;
}

/** A request after its body was read. `path` is relative to the service's URL: /Users/42. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}
