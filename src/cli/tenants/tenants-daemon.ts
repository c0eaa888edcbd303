import { redactor } from '../../config/secrets/secrets.ts';
import { createFairPlaces } from '../../daemon/tenants/fair-places.ts';
import { OperatorError } from '../../model/errors.ts';
import type { TenantsConfig } from '../../config/tenants/load-tenants.ts';
import { formatIssue } from '../../config/issues.ts';
import { realClock } from '../clock.ts';
import { processConsole } from '../console.ts';
import type { ExitCode } from '../context.ts';
import { logClockSteps } from '../daemon/log-clock-steps.ts';
import { startSupervision } from '../daemon/supervision.ts';
import { createLog, type Log } from '../log.ts';
import { onHangUp } from '../signals.ts';
import { startTraces } from '../watch/trace-passes.ts';
import { openTenant, readTenant, type TenantsRun } from './open-tenant.ts';
import { readSettings } from './read-settings.ts';
import { createStateClaims } from './state-claims.ts';
import { startTenant, type Tenant } from './tenant.ts';
import { listTenantFiles, type TenantFile } from './tenant-files.ts';
import { openTenantsPage, type TenantsPage } from './tenants-page.ts';
import { tenantHost, type SharedByTenants } from './tenant-host.ts';

/** `daemon --configs DIR`: runs the daemons of all configurations in a folder, until SIGTERM. */
export async function tenantsDaemon(run: TenantsRun): Promise<ExitCode> {
  const { folder, logLevel, stop } = run;
  const settings = readSettings(folder);
  const redact = redactor(settings.secrets);
  const log = await createLog(logLevel, processConsole(process.env, redact).isInteractive, redact);
  for (const warning of settings.warnings) log.warn({ code: warning.code }, formatIssue(warning));
  const files = listTenantFiles(folder);
  log.info({ folder, tenants: files.length, ...limitsOf(settings) }, 'daemon of tenants started');
  logClockSteps(realClock, log, stop);
  const supervision = startSupervision({ log, stop }, process.env);
  const traces = await startTraces({ log }, process.env, 'daemon');
  const page = await openTenantsPage(settings.page, log);
  const shared: SharedByTenants = {
    ...{ supervision, traces },
    requests: createFairPlaces(settings.maxRequests, settings.maxRequestsPerTenant),
    readings: createFairPlaces(settings.maxReadings, settings.maxReadings),
    metricsOf: page.metricsOf,
  };
  const table = createTenantTable(run, { ...shared, page }, log);
  await table.look(files);
  supervision.ready();
  await watchFolder(run, settings, table, log);
  await table.ended();
  await Promise.all([page.stop(), supervision.stopped(), traces.end()]);
  log.info('daemon stopped');
  return 0;
}

const limitsOf = ({ maxRequests, maxRequestsPerTenant, maxReadings }: TenantsConfig) => ({
  maxRequests,
  maxRequestsPerTenant,
  maxReadings,
});

interface TenantTable {
  /**
   * Starts the tenants of new files, ends those whose files are gone, and lets the others look.
   *
   * @param all also those whose file is as before: what it names may have changed
   */
  look(files: readonly TenantFile[], all?: boolean): Promise<void>;
  /** Resolves when all have ended. */
  ended(): Promise<void>;
}

function createTenantTable(
  run: TenantsRun,
  { page, ...shared }: SharedByTenants & { readonly page: TenantsPage },
  log: Log,
): TenantTable {
  const { stop } = run;
  const claims = createStateClaims();
  const tenants = new Map<string, { readonly tenant: Tenant; stamp: string }>();
  const start = ({ name, file, stamp }: TenantFile): Tenant => {
    const tenant = startTenant(
      name,
      {
        ...{ clock: realClock, log },
        read: () => readTenant(file),
        open: (own) => openTenant({ name, file }, { ...run, stop: own }),
        claimState: (config) => claims.claim(name, config),
        host: (context) => tenantHost(name, shared, context.stop),
        onChange: (condition) => page.changed(name, condition),
      },
      stop,
    );
    tenants.set(name, { tenant, stamp });
    void tenant.ended.then(() => {
      tenants.delete(name);
      page.removed(name);
    });
    return tenant;
  };
  return {
    async look(files, all = false) {
      const named = new Map(files.map((file) => [file.name, file]));
      for (const [name, { tenant }] of tenants) if (!named.has(name)) tenant.end();
      for (const file of files) {
        if (stop.aborted) return;
        const known = tenants.get(file.name);
        // One after the other: what a start needs is not needed by all at the same time.
        if (known === undefined) await start(file).tried;
        else if (all || known.stamp !== file.stamp) {
          known.stamp = file.stamp;
          known.tenant.look();
        }
        await realClock.sleep(0);
      }
    },
    async ended() {
      await Promise.all([...tenants.values()].map(({ tenant }) => tenant.ended));
    },
  };
}

/** Looks at the folder after each SIGHUP, and from time to time, until the daemon stops. */
async function watchFolder(
  { folder, stop }: TenantsRun,
  settings: TenantsConfig,
  table: TenantTable,
  log: Log,
): Promise<void> {
  let isHangUp = false;
  let wake = new AbortController();
  let failure: string | undefined;
  onHangUp(() => {
    isHangUp = true;
    wake.abort();
  }, stop);
  while (!stop.aborted) {
    wake = new AbortController();
    // A signal during the last look is not lost.
    if (!isHangUp) await realClock.sleep(settings.lookMs, AbortSignal.any([stop, wake.signal])).catch(() => undefined);
    if (stop.aborted) return;
    const all = isHangUp;
    isHangUp = false;
    try {
      await table.look(listTenantFiles(folder), all);
      failure = undefined;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (failure !== error.message) log.error({ code: error.code }, `${error.message}; all tenants go on as they are`);
      failure = error.message;
    }
    if (!all) continue;
    noteSettings(folder, settings, log);
    log.info('the folder of the configurations was read again');
  }
}

/** The settings count from the start of the daemon to its end. */
function noteSettings(folder: string, settings: TenantsConfig, log: Log): void {
  try {
    if (JSON.stringify(readSettings(folder)) !== JSON.stringify(settings))
      log.warn('tenants.json changed, which needs a restart of the daemon; it goes on with the old settings');
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    log.error(
      { code: error.code },
      `tenants.json was not read, and the daemon will not start with it: ${error.message}`,
    );
  }
}
