import type { Config } from '../../config/config.ts';

/** What the daemon sends to the process of the page at its start. It has no secret but the token of the page. */
export interface PageStart {
  readonly type: 'start';
  readonly config: Config;
  readonly token: string | undefined;
  readonly version: string;
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
export type ToPage = PageStart | PageAnswer;

/** From the page to the daemon. */
export type FromPage = PageQuestion | PageLog;
