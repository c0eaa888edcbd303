import type { Config } from '../../config/config.ts';
import type { PageConfig } from '../../config/page-config.ts';

/** A tenant without secrets, as the process of the page knows it. */
export interface PageTenant {
  readonly name: string;
  /** Undefined: its daemon does not run. */
  readonly config: Config | undefined;
  /** Why it does not run, or goes on with an old configuration; undefined: neither. */
  readonly problem: string | undefined;
}

/** What the pages show: the only configuration of the daemon, or its tenants. */
export type Served =
  | { readonly kind: 'one'; readonly config: Config }
  | { readonly kind: 'tenants'; readonly tenants: readonly PageTenant[] };

/** What the daemon sends to the process of the page at its start. It has no secret but the token of the page. */
export interface PageStart {
  readonly type: 'start';
  readonly page: PageConfig;
  readonly served: Served;
  readonly token: string | undefined;
  readonly version: string;
}

/** A tenant started, changed, failed, or was removed. */
export interface PageTenantChange {
  readonly type: 'tenant';
  readonly name: string;
  /** Undefined: it was removed. */
  readonly tenant: PageTenant | undefined;
}

/** What the process of the page asks the daemon. An event loop that is stuck does not answer. */
export interface PageQuestion {
  readonly type: 'question';
  readonly id: number;
  readonly about: 'life' | 'metrics';
}

/** The answer to a question. */
export interface PageAnswer {
  readonly type: 'answer';
  readonly id: number;
  /** Metrics in the text format of Prometheus; empty for a sign of life. */
  readonly text: string;
}

/** A line for the log of the daemon. */
export interface PageLog {
  readonly type: 'log';
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** From the daemon to the page. */
export type ToPage = PageStart | PageTenantChange | PageAnswer;

/** From the page to the daemon. */
export type FromPage = PageQuestion | PageLog;
