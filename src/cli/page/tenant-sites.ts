import type { PageFacts } from '../../page/facts/page-facts.ts';
import type { Readiness, TenantPages } from '../../page/server/page-app.tsx';
import { tenantStateMetrics } from '../../metrics/state-metrics.ts';
import { realClock } from '../clock.ts';
import { readTenantFacts } from '../facts/tenant-facts.ts';
import { createPageFacts } from './create-page-facts.ts';
import { whyNotReady } from './health.ts';
import type { PageTenant, PageTenantChange } from './page-messages.ts';

/** The tenants of a daemon in the process of its page. */
export interface TenantSites extends TenantPages {
  change(change: PageTenantChange): void;
  readiness(): Promise<Readiness>;
  /** @param version of scimsync */
  metrics(version: string): Promise<string>;
}

/** @param first the tenants at the start of the process */
export function createTenantSites(first: readonly PageTenant[]): TenantSites {
  const sites = new Map<string, { readonly tenant: PageTenant; readonly facts: PageFacts | undefined }>();
  const set = (tenant: PageTenant): void => {
    const { name, config } = tenant;
    sites.set(name, { tenant, facts: config && createPageFacts(config) });
  };
  first.forEach(set);
  const inOrder = () =>
    [...sites.values()].sort(({ tenant: one }, { tenant: other }) => (one.name < other.name ? -1 : 1));
  return {
    change({ name, tenant }) {
      if (tenant === undefined) sites.delete(name);
      else set(tenant);
    },
    async all() {
      const found = [];
      for (const { tenant } of inOrder()) found.push(await readTenantFacts(tenant, realClock.now()));
      return found;
    },
    pagesOf: (name) => sites.get(name)?.facts,
    async readiness() {
      let ready = 0;
      for (const { config } of [...sites.values()].map(({ tenant }) => tenant))
        if (config !== undefined && (await whyNotReady(config)).length === 0) ready += 1;
      const isReady = ready > 0 || sites.size === 0;
      return {
        ready: isReady,
        reasons: isReady ? [] : ['no tenant has read its source yet'],
        tenants: { total: sites.size, ready },
      };
    },
    async metrics(version) {
      const found = [];
      for (const { tenant, facts } of inOrder())
        found.push({
          tenant: tenant.name,
          isRunning: tenant.config !== undefined,
          overview: await facts?.overview().catch(() => undefined),
        });
      return tenantStateMetrics(found, version);
    },
  };
}
