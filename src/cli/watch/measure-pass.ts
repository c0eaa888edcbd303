import type { DaemonMetrics } from '../../metrics/daemon-metrics.ts';
import { realClock } from '../clock.ts';
import type { PassWatch } from './pass-watch.ts';

/** Runs a pass, with what measures it; without metrics, nothing is measured. */
export async function measuredPass<T>(
  metrics: DaemonMetrics | undefined,
  pass: (watch: PassWatch | undefined) => Promise<T>,
): Promise<T> {
  if (metrics === undefined) return pass(undefined);
  const began = performance.now();
  const end = (result: 'done' | 'failed'): void => metrics.passEnded(result, (performance.now() - began) / 1000);
  try {
    const result = await pass(measurePass(metrics));
    end('done');
    return result;
  } catch (error) {
    end('failed');
    throw error;
  }
}

/** Measures one pass, which begins now. */
function measurePass(metrics: DaemonMetrics): PassWatch {
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
