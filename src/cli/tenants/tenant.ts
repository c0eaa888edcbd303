import type { Config } from '../../config/config.ts';
import { retryInterval } from '../../daemon/tenants/retry-interval.ts';
import type { Clock } from '../../model/clock.ts';
import { OperatorError } from '../../model/errors.ts';
import { formatDuration, minuteMs } from '../../model/time.ts';
import type { Context } from '../context.ts';
import type { DaemonHost } from '../daemon/daemon-host.ts';
import { prepareDaemon } from '../daemon/prepare-daemon.ts';
import { isSameConfig, restartReasons } from '../daemon/reload.ts';
import type { Log } from '../log.ts';
import { runCommand } from '../program/open-context.ts';

/** How a tenant is now. */
export interface TenantCondition {
  /** The configuration by which it runs; undefined: it does not run. */
  readonly config: Config | undefined;
  /** Why it does not run, or why it goes on with its old configuration; undefined: neither. */
  readonly problem: string | undefined;
}

/** A tenant that runs, or that tries to start. */
export interface Tenant {
  /** Resolves when it runs, or when its first start has failed. */
  readonly tried: Promise<void>;
  /** Resolves when it was ended, or its process stops, and its requests in flight are done. */
  readonly ended: Promise<void>;
  /** The configuration may have changed. One that does not run tries to start. */
  look(): void;
  /** Completes the requests in flight, then ends. */
  end(): void;
}

/** What a tenant takes from outside. */
export interface TenantIo {
  readonly clock: Clock;
  /** The log of the process, for a tenant that has none yet. */
  readonly log: Log;
  /** Reads the configuration. @throws OperatorError that lists all its mistakes */
  read(): Config;
  open(stop: AbortSignal): Promise<Context>;
  /** @returns gives the state back @throws OperatorError if another tenant has it */
  claimState(config: Config): () => void;
  host(context: Context): Omit<DaemonHost, 'watchReloads' | 'reloaded' | 'refused'>;
  onChange(condition: TenantCondition): void;
}

/** A daemon of one configuration that runs. */
interface Running {
  context: Context;
  refused: string | undefined;
  reload(): void;
  /** Ends it, so that it starts again with the new configuration. */
  restart(): void;
}

/** A daemon that failed after this time is tried again soon, in ms. */
const soundMs = minuteMs;

/**
 * Runs the daemon of one tenant. One that cannot start is tried again after growing intervals; other tenants do not
 * take notice of it.
 */
export function startTenant(name: string, io: TenantIo, stop: AbortSignal): Tenant {
  const { clock, log, onChange } = io;
  const ending = new AbortController();
  const own = AbortSignal.any([stop, ending.signal]);
  let running: Running | undefined;
  let wake = new AbortController();
  let reported: string | undefined;
  let setTried = (): void => undefined;
  const tried = new Promise<void>((resolve) => {
    setTried = resolve;
  });

  const runOnce = async (): Promise<void> => {
    const restart = new AbortController();
    const context = await io.open(AbortSignal.any([own, restart.signal]));
    const giveBack = io.claimState(context.config);
    // A damaged state becomes a sentence.
    await runCommand(context, (opened) => runOpened(opened, restart)).finally(giveBack);
  };

  const runOpened = async (context: Context, restart: AbortController): Promise<void> => {
    try {
      const daemon = prepareDaemon(context);
      const now: Running = {
        ...{ context, refused: undefined },
        reload: () => undefined,
        restart: () => restart.abort(new Error('the tenant starts again')),
      };
      const changed = (): void => onChange({ config: now.context.config, problem: now.refused });
      running = now;
      if (context.config.page !== undefined)
        context.log.warn('"http" has no effect here: tenants.json has that of the page of all tenants');
      reported = undefined;
      changed();
      setTried();
      await daemon.run({
        ...io.host(context),
        watchReloads(reload) {
          now.reload = reload;
        },
        reloaded(next) {
          now.context = next;
          now.refused = undefined;
          changed();
        },
        refused(reason) {
          now.refused = `it goes on with its old configuration: ${reason}`;
          changed();
        },
      });
    } finally {
      running = undefined;
    }
  };

  const failed = (error: unknown, failures: number): number => {
    const waitMs = retryInterval(failures);
    const isKnown = error instanceof OperatorError;
    const reason = isKnown ? error.message : 'an internal error ended it; the log has the details';
    onChange({ config: undefined, problem: reason });
    const fields = { tenant: name, ...(isKnown ? { code: error.code } : { err: error }) };
    // The sentence may be a list.
    const sentence = `the tenant ${name} does not run, and is tried again in ${formatDuration(waitMs)}: ${reason}`;
    if (reported === reason) log.debug(fields, sentence);
    else log.error(fields, sentence);
    reported = reason;
    return waitMs;
  };

  const live = async (): Promise<void> => {
    for (let failures = 0; !own.aborted;) {
      const began = clock.now();
      wake = new AbortController();
      try {
        await runOnce();
        failures = 0;
      } catch (error) {
        if (own.aborted) return;
        failures = clock.now() - began > soundMs ? 1 : failures + 1;
        const waitMs = failed(error, failures);
        setTried();
        await clock.sleep(waitMs, AbortSignal.any([own, wake.signal])).catch(() => undefined);
      }
    }
  };

  return {
    tried,
    ended: live().finally(setTried),
    look() {
      if (running === undefined) return wake.abort();
      const { context, refused, reload, restart } = running;
      const next = readOrUndefined(io);
      if (next === undefined || (refused === undefined && isSameConfig(context.config, next))) {
        if (next === undefined) reload();
        return;
      }
      const reasons = restartReasons(context.config, next);
      if (reasons.length === 0) return reload();
      context.log.info(`${reasons.join(' and ')} changed, so the tenant ends its passes and starts again`);
      restart();
    },
    end: () => ending.abort(new Error('the tenant was removed')),
  };
}

/** @returns undefined if the configuration has mistakes; a reload reports them */
function readOrUndefined({ read }: Pick<TenantIo, 'read'>): Config | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}
