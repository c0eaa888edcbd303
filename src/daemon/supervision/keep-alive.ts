import type { Clock } from '../../model/clock.ts';
import type { LaneLife } from './lane-life.ts';
import type { Supervisor } from './supervisor.ts';

/** What the signs of life need. */
interface KeepAliveIo {
  readonly clock: Clock;
  readonly supervisor: Pick<Supervisor, 'alive'>;
  readonly lanes: Pick<LaneLife, 'silent'>;
  /** These lanes do not work any more, so the daemon gives no sign of life, and is restarted. */
  readonly onSilence: (targets: readonly string[]) => void;
}

/**
 * Gives the supervisor signs of life, as long as the lanes work. An event loop that is blocked runs no timer, so it
 * gives no sign either.
 *
 * @param limitMs without a sign for this time, the supervisor restarts the daemon
 */
export async function keepAlive(
  { clock, supervisor, lanes, onSilence }: KeepAliveIo,
  limitMs: number,
  stop: AbortSignal,
): Promise<void> {
  let wasSilent = false;
  while (!stop.aborted) {
    const silent = lanes.silent();
    if (silent.length === 0) await supervisor.alive();
    else if (!wasSilent) onSilence(silent);
    wasSilent = silent.length > 0;
    await clock.sleep(limitMs / 2, stop).catch(() => undefined);
  }
}
