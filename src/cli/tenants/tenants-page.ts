import type { PageConfig } from '../../config/page-config.ts';
import type { DaemonMetrics } from '../../metrics/daemon-metrics.ts';
import { realClock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { PageTenant } from '../page/page-messages.ts';
import type { TenantCondition } from './tenant.ts';

/** The page of all tenants, and what it knows of them. */
export interface TenantsPage {
  changed(tenant: string, condition: TenantCondition): void;
  removed(tenant: string): void;
  /** Undefined: nothing is measured. */
  metricsOf(tenant: string): DaemonMetrics | undefined;
  stop(): Promise<void>;
}

const withoutPage: TenantsPage = {
  changed: () => undefined,
  removed: () => undefined,
  metricsOf: () => undefined,
  stop: () => Promise.resolve(),
};

/** Starts the page of all tenants. Without one, nothing is measured. */
export async function openTenantsPage(page: PageConfig | undefined, log: Log): Promise<TenantsPage> {
  if (page === undefined) return withoutPage;
  const { createTenantMetrics } = await import('../../metrics/daemon-metrics.ts');
  const { startPage, withoutSecrets } = await import('../page/start-page.ts');
  const metrics = createTenantMetrics(realClock);
  const recorders = new Map<string, DaemonMetrics>();
  const tenants = new Map<string, PageTenant>();
  const metricsOf = (name: string): DaemonMetrics => {
    const recorder = recorders.get(name) ?? metrics.of(name);
    recorders.set(name, recorder);
    return recorder;
  };
  const running = startPage({ log }, page, {
    served: () => ({ kind: 'tenants', tenants: [...tenants.values()] }),
    metrics: metrics.text,
  });
  return {
    metricsOf,
    changed(name, { config, problem }) {
      const targets = (config?.targets ?? []).map((target) => ({
        name: target.name,
        requestsPerSecond: target.profile.limits.requestsPerSecond,
      }));
      metricsOf(name).configure(targets);
      const tenant = { name, config: config && withoutSecrets(config), problem };
      tenants.set(name, tenant);
      running.tell({ type: 'tenant', name, tenant });
    },
    removed(name) {
      tenants.delete(name);
      recorders.delete(name);
      void metrics.forget(name);
      running.tell({ type: 'tenant', name, tenant: undefined });
    },
    stop: running.stop,
  };
}
