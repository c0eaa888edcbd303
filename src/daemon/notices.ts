import type { Clock } from '../model/clock.ts';

/** What a command, a reload of the configuration or a new secret changed that concerns the lanes. */
export interface Notice {
  readonly command:
    'pause' | 'resume' | 'freeze' | 'unfreeze' | 'approve' | 'credentials' | 'configuration' | 'removed';
  /** Undefined: all targets. */
  readonly target: string | undefined;
}

/** How often an idle daemon asks for notices, in ms. Lanes that send ask between two requests. */
const intervalMs = 250;

/** Calls `take` all the time until `stop` is aborted. */
export async function watchNotices(clock: Clock, take: () => void, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    take();
    await clock.sleep(intervalMs, stop).catch(() => undefined);
  }
}
