import type { SyncReport } from '../../sync/pass.ts';
import type { Context } from '../context.ts';
import type { PassWatch } from '../watch/pass-watch.ts';
import type { Supervision } from './supervision.ts';

/** What the daemon of one configuration needs of its process. */
export interface DaemonHost {
  readonly supervision: Pick<Supervision, 'ready' | 'reloading' | 'reloaded' | 'passEnded' | 'passFailed'>;
  /**
   * Runs a pass as soon as the process has room for it.
   *
   * @param reads whether it reads the source
   * @param run receives what watches the pass, and a function to call when the source is read
   */
  pass(
    { reads }: { readonly reads: boolean },
    run: (watch: PassWatch | undefined, hasRead: () => void) => Promise<SyncReport>,
  ): Promise<SyncReport>;
  /** Sees each request to a target outside of passes. */
  readonly intercept: PassWatch['intercept'];
  /** Calls `reload` when the configuration is to be read again, until `stop` is aborted. */
  watchReloads(reload: () => void, stop: AbortSignal): void;
  /** The configuration was read again, and accepted. */
  reloaded(next: Context): void;
  /** The configuration was read again, and refused: the daemon goes on with the old one. */
  refused(reason: string): void;
}
