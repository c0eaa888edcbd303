import type { DaemonMetrics } from '../../metrics/daemon-metrics.ts';
import { realClock } from '../clock.ts';
import type { PassWatch } from './pass-watch.ts';

/** Measures one pass, which begins now. */
export function measurePass(metrics: DaemonMetrics): PassWatch {
  const began = realClock.now();
  return {
    event: (event) => metrics.event(event, began),
    intercept:
      (target) =>
      (send) =>
      async (...request) => {
        const start = performance.now();
        const result = await send(...request);
        // A request that was not sent took no time of the target.
        if (result.kind !== 'notSent')
          metrics.request(
            target,
            (performance.now() - start) / 1000,
            result.kind === 'response' ? result.status : undefined,
          );
        return result;
      },
    pause: (target, until) => metrics.pause(target, until),
  };
}
