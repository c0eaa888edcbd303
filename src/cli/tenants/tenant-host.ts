import type { FairPlaces } from '../../daemon/tenants/fair-places.ts';
import type { DaemonMetrics } from '../../metrics/daemon-metrics.ts';
import type { Send } from '../../scim/transport/message.ts';
import { exitCodeOfPass } from '../commands/sync.ts';
import type { DaemonHost } from '../daemon/daemon-host.ts';
import type { Supervision } from '../daemon/supervision.ts';
import { measuredPass } from '../watch/measure-pass.ts';
import { watchTogether, type PassWatch } from '../watch/pass-watch.ts';
import type { Traces } from '../watch/trace-passes.ts';

/** What the tenants of a process share. */
export interface SharedByTenants {
  readonly supervision: Pick<Supervision, 'watch'>;
  readonly traces: Pick<Traces, 'traced'>;
  /** Requests to targets in flight. */
  readonly requests: FairPlaces;
  /** Passes that read and plan. */
  readonly readings: FairPlaces;
  /** The metrics of a tenant; undefined: nothing is measured. */
  metricsOf(tenant: string): DaemonMetrics | undefined;
}

/** A reading that takes longer waits for a server, and no longer keeps others waiting. In ms. */
const maxReadingMs = 10_000;

/** The part of a process that the daemon of one tenant gets. @param stop ends the waits of the tenant */
export function tenantHost(
  tenant: string,
  { supervision, traces, requests, readings, metricsOf }: SharedByTenants,
  stop: AbortSignal,
): Omit<DaemonHost, 'watchReloads' | 'reloaded' | 'refused'> {
  const intercept = (): ((send: Send) => Send) => (send) => inTurn(tenant, requests, send);
  const enterReading = async (): Promise<() => void> => {
    const free = await readings.take(tenant, stop);
    setTimeout(free, maxReadingMs).unref();
    return free;
  };
  return {
    // What one pass of one tenant does is no status of the process.
    supervision: {
      ready: () => undefined,
      reloading: () => undefined,
      reloaded: () => undefined,
      passEnded: () => undefined,
      passFailed: () => undefined,
    },
    async pass({ reads }, run) {
      const hasRead = reads ? await enterReading() : () => undefined;
      const alive = supervision.watch && namedWatch(tenant, supervision.watch);
      return measuredPass(metricsOf(tenant), (metrics) =>
        traces.traced(
          // The last one is the outermost: time in which a request waits for its turn is no time of the target.
          (trace) => run(watchTogether([metrics, alive, trace, { intercept }]), hasRead),
          exitCodeOfPass,
          { 'scimsync.tenant': tenant },
        ),
      ).finally(hasRead);
    },
    intercept,
  };
}

const inTurn =
  (tenant: string, requests: FairPlaces, send: Send): Send =>
  async (request, signal) => {
    let free: () => void;
    try {
      free = await requests.take(tenant, signal);
    } catch {
      return { kind: 'notSent', detail: 'the pass ended while the request waited for its turn among the tenants' };
    }
    try {
      return await send(request, signal);
    } finally {
      free();
    }
  };

/** The same watch, for which targets of different tenants have different names. */
function namedWatch(tenant: string, watch: PassWatch): PassWatch {
  const nameOf = (target: string): string => `${tenant}/${target}`;
  return {
    event: (event) => watch.event?.('target' in event ? { ...event, target: nameOf(event.target) } : event),
    lane: (target, lane) => watch.lane?.(nameOf(target), lane) ?? lane,
    intercept: (target) => (send) => watch.intercept?.(nameOf(target))(send) ?? send,
  };
}
