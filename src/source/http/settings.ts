import type { TableSettings } from '../table/settings.ts';
import type { FetchLimits, HttpPlace } from './fetch-pages.ts';

/** Settings of a source whose rows are the answers of an HTTP server. */
export interface HttpSettings extends TableSettings<HttpPlace>, FetchLimits {
  /** For all requests of one part together, in ms. */
  readonly timeLimitMs: number;
  /** The folder of temporary files, absolute. */
  readonly temporaryFolder: string;
  /** Which credentials are used, without secrets: with others, a server may show other people. */
  readonly credentialsName: string;
}
