import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import type { Clock } from '../../model/clock.ts';
import type { PageFacts, TenantFacts } from '../facts/page-facts.ts';
import { iconSvg } from '../views/icon.ts';
import { NotFound } from '../views/not-found.tsx';
import { styleSheet } from '../views/style-sheet.ts';
import type { PageFrame } from '../views/layout.tsx';
import { Tenants } from '../views/tenants.tsx';
import { judgeAccess, type AccessRules } from './access.ts';
import { addPages, render, type Company, type FrameIo, type PageApp } from './pages.tsx';
import { securityHeaders } from './security-headers.ts';
import { createTryLimit } from './try-limit.ts';

/** What the page takes from outside. */
export interface PageIo {
  readonly site:
    { readonly kind: 'one'; readonly facts: PageFacts } | { readonly kind: 'tenants'; readonly tenants: TenantPages };
  readonly clock: Clock;
  /** The rules now: the addresses of a proxy may change. */
  readonly access: () => AccessRules;
  /** The version of scimsync. */
  readonly version: string;
  readonly health: Health;
}

/** What orchestrators and monitoring ask. */
export interface Health {
  /** Whether the daemon answers: its process is alive, and its event loop is not stuck. */
  isAlive(): Promise<boolean>;
  readiness(): Promise<Readiness>;
  /** In the text format of Prometheus; undefined: the daemon does not answer. */
  metrics(): Promise<{ readonly type: string; readonly text: string } | undefined>;
}

/** Whether the daemon can do its work. It is public, so it names neither people nor tenants. */
export interface Readiness {
  readonly ready: boolean;
  /** Why it cannot. */
  readonly reasons: readonly string[];
  /** Of a daemon of many tenants. One that is not ready is no reason: the others are served. */
  readonly tenants?: { readonly total: number; readonly ready: number };
}

/** The tenants of a process. */
export interface TenantPages {
  all(): Promise<readonly TenantFacts[]>;
  /** @returns undefined if there is no such tenant, or it does not run */
  pagesOf(tenant: string): PageFacts | undefined;
}

type PageContext = Context<{ Bindings: HttpBindings }>;

const publicPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** The status page: only GET and HEAD, without a script, and nothing of it is kept by a browser. */
export function createPageApp(io: PageIo): PageApp {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const tries = createTryLimit(io.clock);
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
    const refusal = await refuse(c, io, tries);
    if (refusal === undefined) await next();
    return refusal;
  });
  addSite(app, io);
  addMachinePaths(app, io);
  app.notFound((c) => c.html(render(<NotFound frame={frameOfAll(io)} what="This page does not exist." />), 404));
  app.onError((error, c) => c.text(`The page cannot be shown: ${error.message}\n`, 500));
  return app;
}

function addSite(app: PageApp, { site, clock, version }: PageIo): void {
  if (site.kind === 'one')
    addPages(app, '', { clock, version, companyOf: () => ({ facts: site.facts, tenant: undefined }) });
  else addTenants(app, { clock, version }, site.tenants);
  app.get('/style.css', (c) => c.body(styleSheet, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/favicon.svg', (c) => c.body(iconSvg, 200, { 'Content-Type': 'image/svg+xml' }));
}

/** The list of tenants, and below `/t/NAME` the pages of each one. */
function addTenants(app: PageApp, io: FrameIo, tenants: TenantPages): void {
  const frame = (): PageFrame => ({ now: io.clock.now(), version: io.version, isOfAllTenants: true });
  const companyOf = (tenant = ''): CompanyOrNone => ({ tenant, facts: tenants.pagesOf(tenant) });
  app.get('/', async (c) => c.html(render(<Tenants frame={frame()} tenants={await tenants.all()} />)));
  app.use('/t/:tenant/*', async (c, next) => {
    const { facts, tenant } = companyOf(c.req.param('tenant'));
    if (facts !== undefined) return next();
    const what = `There is no tenant ${tenant}, or it does not run.`;
    return c.html(render(<NotFound frame={frame()} what={what} />), 404);
  });
  addPages(app, '/t/:tenant', { ...io, companyOf: (tenant) => requireCompany(companyOf(tenant)) });
}

/** A tenant may end while its page is written. */
type CompanyOrNone = Pick<Company, 'tenant'> & { readonly facts: PageFacts | undefined };

function requireCompany({ facts, tenant }: CompanyOrNone): Company {
  if (facts === undefined) throw new Error(`the tenant ${tenant} does not run any more`);
  return { facts, tenant };
}

const frameOfAll = ({ clock, version, site: { kind } }: PageIo): PageFrame => ({
  now: clock.now(),
  version,
  isOfAllTenants: kind === 'tenants',
});

function addMachinePaths(app: PageApp, { health }: PageIo): void {
  app.get('/healthz', async (c) =>
    (await health.isAlive())
      ? c.json({ alive: true })
      : c.json({ alive: false, reasons: ['the event loop of the daemon does not answer'] }, 503),
  );
  app.get('/readyz', async (c) => {
    const readiness = await health.readiness();
    return c.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    const metrics = await health.metrics();
    return metrics === undefined
      ? c.text('the event loop of the daemon does not answer\n', 503)
      : c.body(metrics.text, 200, { 'Content-Type': metrics.type });
  });
}

/** The answer to a request that is refused; undefined: it is not. */
async function refuse(
  c: PageContext,
  { access, clock }: PageIo,
  tries: ReturnType<typeof createTryLimit>,
): Promise<Response | undefined> {
  const judged = judgeAccess(
    {
      method: c.req.method,
      host: c.req.header('host'),
      address: c.env.incoming.socket.remoteAddress ?? '',
      authorization: c.req.header('authorization'),
      forwardedFor: c.req.header('x-forwarded-for'),
      forwardedProto: c.req.header('x-forwarded-proto'),
      isPublic: publicPaths.has(c.req.path),
    },
    access(),
    tries.isBlocked,
  );
  switch (judged.kind) {
    case 'allowed':
      return undefined;
    case 'refused':
      return c.text(`${judged.message}\n`, judged.status, judged.status === 405 ? { Allow: 'GET, HEAD' } : {});
    case 'blocked':
      return c.text('Too many wrong tokens. Wait a minute.\n', 429, { 'Retry-After': '60' });
    case 'wrong':
      await clock.sleep(tries.countWrong(judged.client));
      break;
    case 'unknown':
  }
  return c.text('The page needs a token: as a bearer token, or as the password with any user name.\n', 401, {
    'WWW-Authenticate': 'Basic realm="scimsync", charset="UTF-8"',
  });
}
