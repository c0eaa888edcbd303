import type { Instant } from '../../model/ids.ts';
import { minuteMs } from '../../model/time.ts';
import type { Channel } from '../../notify/channel.ts';
import { realClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { openChannels } from './open-channels.ts';
import { nextTimeOfDay } from './next-time-of-day.ts';
import { notifyChannels, type UseStore } from './notify-channels.ts';

/** Notifies the channels of a daemon, beside its passes. */
export interface DaemonNotifier {
  /** Something changed: look at the state soon. */
  look(): void;
  /** The configuration was reloaded. */
  reload(context: Context): void;
}

/** How often the state is looked at although nothing happened, in ms: an incident can also be that nothing happens. */
const lookMs = 5 * minuteMs;

/**
 * Starts the notifications. No pass waits for them, and their failures end nothing.
 *
 * @throws OperatorError for an unusable setting of a channel
 */
export function startNotifier(first: Context, use: UseStore): DaemonNotifier {
  let context = first;
  let channels: readonly Channel[] = openChannels(first);
  let wake = new AbortController();
  const run = async (): Promise<void> => {
    while (!first.stop.aborted) {
      wake = new AbortController();
      await notifyChannels(context, channels, use).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        context.log.warn({ reason }, 'notifications wait');
      });
      await realClock
        .sleep(pauseMs(context, realClock.now()), AbortSignal.any([first.stop, wake.signal]))
        .catch(() => undefined);
    }
  };
  void run();
  return {
    look: () => wake.abort(),
    reload(next) {
      channels = openChannels(next);
      context = next;
      wake.abort();
    },
  };
}

/** Until the next look: a digest is sent at its time. In ms. */
function pauseMs({ config }: Context, now: Instant): number {
  const digests = config.notify.flatMap(({ digest }) =>
    digest === undefined ? [] : [nextTimeOfDay(digest, config.timezone, now) ?? Infinity],
  );
  return Math.min(lookMs, ...digests.map((at) => at - now));
}
