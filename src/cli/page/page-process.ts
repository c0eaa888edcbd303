import { lookup } from 'node:dns/promises';
import type { Server } from 'node:http';
import { isLoopbackHost } from '../../config/listen-address.ts';
import type { PageConfig } from '../../config/page-config.ts';
import { plainAddress } from '../../page/server/access.ts';
import { createHttpServer, listen } from '../../page/server/http-server.ts';
import { stateMetrics } from '../../metrics/state-metrics.ts';
import { createPageApp, type PageIo } from '../../page/server/page-app.tsx';
import { realClock } from '../clock.ts';
import { readPemFiles } from '../source/pem-files.ts';
import { createPageFacts } from './create-page-facts.ts';
import { createHealth, whyNotReady, type HealthIo } from './health.ts';
import type { FromPage, PageStart, Served, ToPage } from './page-messages.ts';
import { createTenantSites } from './tenant-sites.ts';

/**
 * The process that serves the page. The daemon starts it, sends it the configuration without secrets, and answers its
 * questions. It ends when the daemon does: the signals of a terminal or of an orchestrator are for the daemon.
 */

const firstPauseMs = 1_000;
const maxPauseMs = 60_000;
/** The addresses of a proxy's name may change. */
const lookUpMs = 60_000;

process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.once('message', (message: ToPage) => {
  if (message.type === 'start') void serve(message);
});

/** A daemon that has just ended receives nothing; "disconnect" ends this process then. */
const send = (message: FromPage): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const report = (level: 'info' | 'warn' | 'error', message: string): void => send({ type: 'log', level, message });

async function serve({ page, served, token, version }: PageStart): Promise<void> {
  const { site, ...judged } = siteOf(served, version);
  const proxy = await watchProxy(page.proxy);
  const app = createPageApp({
    site,
    clock: realClock,
    access: () => ({ isLoopback: isLoopbackHost(page.listen.host), token, proxy: proxy() }),
    version,
    health: createHealth(judged, send, receive),
  });
  await listenWhenFree(page, (request, env) => app.fetch(request, env));
}

const receive = (onMessage: (message: ToPage) => void): void => void process.on('message', onMessage);

/** What is served, and how its health is judged. */
function siteOf(served: Served, version: string): HealthIo & Pick<PageIo, 'site'> {
  if (served.kind === 'tenants') {
    const sites = createTenantSites(served.tenants);
    receive((message) => {
      if (message.type === 'tenant') sites.change(message);
    });
    const { readiness } = sites;
    return { site: { kind: 'tenants', tenants: sites }, readiness, stateMetrics: () => sites.metrics(version) };
  }
  const { config } = served;
  const facts = createPageFacts(config);
  return {
    site: { kind: 'one', facts },
    async readiness() {
      const reasons = await whyNotReady(config);
      return { ready: reasons.length === 0, reasons };
    },
    stateMetrics: async () => stateMetrics(await facts.overview(), version),
  };
}

/** A port in use, or a certificate that is being replaced, is tried again; the passes of the daemon go on. */
async function listenWhenFree(
  { listen: address, tls }: PageConfig,
  fetch: Parameters<typeof createHttpServer>[1],
): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
    let server: Server | undefined;
    try {
      server = createHttpServer({ tls: tls === undefined ? undefined : pemOf(tls) }, fetch);
      const port = await listen(server, address);
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      report('info', `the status page is at ${tls === undefined ? 'http' : 'https'}://${host}:${port}/`);
      return;
    } catch (error) {
      server?.close();
      const what = error instanceof Error ? error.message : String(error);
      report(
        'error',
        `the status page cannot be served at ${address.host}:${address.port}: ${what}; ` +
          `it is tried again in ${pauseMs / 1000} s, and passes go on`,
      );
      await realClock.sleep(pauseMs);
    }
  }
}

function pemOf(files: NonNullable<PageConfig['tls']>): { readonly cert: string; readonly key: string } {
  const { cert = '', key = '' } = readPemFiles(files);
  return { cert, key };
}

/** The addresses that the name of the proxy has now; undefined: there is no proxy. */
async function watchProxy(name: string | undefined): Promise<() => ReadonlySet<string> | undefined> {
  if (name === undefined) return () => undefined;
  let addresses: ReadonlySet<string> = new Set();
  const lookUp = async (): Promise<void> => {
    try {
      const found = await lookup(name, { all: true });
      addresses = new Set(found.map(({ address }) => plainAddress(address)));
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      report('error', `the address of the proxy ${name} is not found: ${what}; the page answers only this computer`);
    }
  };
  await lookUp();
  setInterval(() => void lookUp(), lookUpMs);
  return () => addresses;
}
