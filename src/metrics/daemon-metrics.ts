import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../model/clock.ts';
import type { Instant } from '../model/ids.ts';
import type { PassEvent } from '../sync/events.ts';

/** What the daemon measures of itself, in the text format of Prometheus. Labels have few values: targets and kinds. */
export interface DaemonMetrics {
  /** An event of a pass. @param began when the pass began to read */
  event(event: PassEvent, began: Instant): void;
  /** A request ended. @param status undefined: there was no response */
  request(target: string, seconds: number, status: number | undefined): void;
  /** A target asked for a pause. */
  pause(target: string, until: Instant): void;
  passEnded(result: 'done' | 'failed', seconds: number): void;
  /** The targets of the configuration now. */
  configure(targets: readonly { readonly name: string; readonly requestsPerSecond: number }[]): void;
  text(): Promise<string>;
}

/** Seconds of requests: from a local application to one that is about to time out. */
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds in which a leaver loses access: at once, or behind a long plan or a target that was down. */
const leaverBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200];
const passBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200];

/** Creates the metrics of a daemon. */
export function createDaemonMetrics(clock: Pick<Clock, 'now'>): DaemonMetrics {
  const registry = new Registry();
  return createRecorder(createFamilies(registry, []), registry, clock, {});
}

/** What a daemon of many tenants measures: the metrics of each one have its name as a label. */
export interface TenantMetrics extends Pick<DaemonMetrics, 'text'> {
  of(tenant: string): DaemonMetrics;
  /** The tenant was removed. */
  forget(tenant: string): Promise<void>;
}

/** Creates the metrics of a daemon of many tenants. */
export function createTenantMetrics(clock: Pick<Clock, 'now'>): TenantMetrics {
  const registry = new Registry();
  const families = createFamilies(registry, ['tenant']);
  return {
    of: (tenant) => createRecorder(families, registry, clock, { tenant }),
    async forget(tenant) {
      for (const family of Object.values(families))
        for (const { labels } of (await family.get()).values) {
          const { le: _bucket, ...of } = labels as Readonly<Record<string, string>>;
          if (of['tenant'] === tenant) family.remove(of);
        }
    },
    text: () => registry.metrics(),
  };
}

type Families = ReturnType<typeof createFamilies>;

/** @param common labels that each metric has */
function createFamilies(registry: Registry, common: readonly string[]) {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    operations: new Counter({
      ...{ name: 'scimsync_operations_total', help: 'Operations by how they ended.', registers },
      labelNames: [...common, 'target', 'action', 'outcome'],
    }),
    requests: new Histogram({
      ...{ name: 'scimsync_request_duration_seconds', help: 'Time from a request to its response.', registers },
      ...{ labelNames: [...common, 'target', 'status'], buckets: requestBuckets },
    }),
    limit: new Gauge({
      ...{ name: 'scimsync_request_rate_limit', help: 'Requests per second that the configuration allows.', registers },
      labelNames: [...common, 'target'],
    }),
    pauses: new Counter({
      ...{ name: 'scimsync_throttled_seconds_total', help: 'Time for which a target asked for no request.', registers },
      labelNames: [...common, 'target'],
    }),
    leavers: new Histogram({
      name: 'scimsync_leaver_latency_seconds',
      help: 'Time from the reading of a leaver to the end of access, by what shows it: an answer, or a read.',
      ...{ labelNames: [...common, 'target', 'evidence'], buckets: leaverBuckets, registers },
    }),
    passes: new Histogram({
      ...{ name: 'scimsync_pass_duration_seconds', help: 'Time of a pass, by its result.', registers },
      ...{ labelNames: [...common, 'result'], buckets: passBuckets },
    }),
  };
}

/** @param own the values of the common labels */
function createRecorder(
  { operations, requests, limit, pauses, leavers, passes }: Families,
  registry: Registry,
  clock: Pick<Clock, 'now'>,
  own: Readonly<Record<string, string>>,
): DaemonMetrics {
  let configured: readonly string[] = [];
  return {
    event(event, began) {
      if (event.type !== 'operation') return;
      const { target, operation, result, evidence } = event;
      const { action, resourceType } = operation;
      operations.inc({ ...own, target, action, outcome: result });
      const isLeaver = resourceType === 'User' && (action === 'deactivate' || action === 'delete');
      if (isLeaver && result === 'done')
        leavers.observe({ ...own, target, evidence: evidence ?? 'answered' }, (clock.now() - began) / 1000);
    },
    request: (target, seconds, status) => requests.observe({ ...own, target, status: statusClass(status) }, seconds),
    pause: (target, until) => pauses.inc({ ...own, target }, Math.max(0, until - clock.now()) / 1000),
    passEnded: (result, seconds) => passes.observe({ ...own, result }, seconds),
    configure(targets) {
      for (const target of configured) limit.remove({ ...own, target });
      for (const { name, requestsPerSecond } of targets) {
        limit.set({ ...own, target: name }, requestsPerSecond);
        pauses.inc({ ...own, target: name }, 0);
      }
      configured = targets.map(({ name }) => name);
    },
    text: () => registry.metrics(),
  };
}

/** `2xx`; `429` of its own, because it is the pace that is wrong and not the request. */
const statusClass = (status: number | undefined): string =>
  status === undefined ? 'none' : status === 429 ? '429' : `${Math.floor(status / 100)}xx`;
