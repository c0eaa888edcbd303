import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { JSX } from 'hono/jsx/jsx-runtime';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Clock } from '../../model/clock.ts';
import { passesPerPage, type PageFacts } from '../facts/page-facts.ts';
import { iconSvg } from '../views/icon.ts';
import { NotFound } from '../views/not-found.tsx';
import { Overview } from '../views/overview.tsx';
import { Pass, Passes } from '../views/passes.tsx';
import { Search } from '../views/search.tsx';
import { Story } from '../views/story.tsx';
import { styleSheet } from '../views/style-sheet.ts';
import { Target } from '../views/target.tsx';
import type { PageFrame } from '../views/layout.tsx';
import { judgeAccess, type AccessRules } from './access.ts';
import { securityHeaders } from './security-headers.ts';
import { createTryLimit } from './try-limit.ts';

/** What the page takes from outside. */
export interface PageIo {
  readonly facts: PageFacts;
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
  /** Why the daemon cannot do its work; empty: it can. */
  whyNotReady(): Promise<readonly string[]>;
  /** In the text format of Prometheus; undefined: the daemon does not answer. */
  metrics(): Promise<{ readonly type: string; readonly text: string } | undefined>;
}

type PageContext = Context<{ Bindings: HttpBindings }>;

const publicPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** The status page: only GET and HEAD, without a script, and nothing of it is kept by a browser. */
export function createPageApp(io: PageIo): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const tries = createTryLimit(io.clock);
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
    const refusal = await refuse(c, io, tries);
    if (refusal === undefined) await next();
    return refusal;
  });
  addPages(app, io);
  addMachinePaths(app, io);
  app.notFound((c) => c.html(render(<NotFound frame={frameOf(io)} what="This page does not exist." />), 404));
  app.onError((error, c) => c.text(`The page cannot be shown: ${error.message}\n`, 500));
  return app;
}

function addPages(app: Hono<{ Bindings: HttpBindings }>, io: PageIo): void {
  app.get('/', async (c) => c.html(render(<Overview frame={frameOf(io)} overview={await io.facts.overview()} />)));
  app.get('/targets/:name', async (c) => {
    const name = c.req.param('name');
    const details = await io.facts.target(name);
    return details === undefined
      ? c.html(render(<NotFound frame={frameOf(io)} what={`There is no target ${name}.`} />), 404)
      : c.html(render(<Target frame={frameOf(io)} {...details} />));
  });
  app.get('/search', async (c) => {
    const query = (c.req.query('q') ?? '').trim().slice(0, maxQueryLength);
    const matches = query === '' ? [] : await io.facts.search(query);
    return c.html(render(<Search frame={frameOf(io)} query={query} matches={matches} />));
  });
  for (const [path, resourceType] of [
    ['/users', 'User'],
    ['/groups', 'Group'],
  ] as const)
    app.get(path, async (c) => {
      const key = c.req.query('key') ?? '';
      const story = await io.facts.story(resourceType, key);
      return story === undefined
        ? c.html(render(<NotFound frame={frameOf(io)} what={`No ${resourceType} has the key ${key}.`} />), 404)
        : c.html(render(<Story frame={frameOf(io)} story={story} />));
    });
  app.get('/passes', async (c) => {
    const passes = await io.facts.passes(numberIn(c.req.query('before')));
    const page = passes.slice(0, passesPerPage);
    return c.html(render(<Passes frame={frameOf(io)} passes={page} hasMore={passes.length > page.length} />));
  });
  app.get('/passes/:id{[0-9]{1,15}}', async (c) => {
    const details = await io.facts.pass(Number(c.req.param('id')), numberIn(c.req.query('after')));
    return details === undefined
      ? c.html(
          render(<NotFound frame={frameOf(io)} what="There is no such pass; the journal may have forgotten it." />),
          404,
        )
      : c.html(render(<Pass frame={frameOf(io)} {...details} />));
  });
  app.get('/style.css', (c) => c.body(styleSheet, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/favicon.svg', (c) => c.body(iconSvg, 200, { 'Content-Type': 'image/svg+xml' }));
}

function addMachinePaths(app: Hono<{ Bindings: HttpBindings }>, { health }: PageIo): void {
  app.get('/healthz', async (c) =>
    (await health.isAlive())
      ? c.json({ alive: true })
      : c.json({ alive: false, reasons: ['the event loop of the daemon does not answer'] }, 503),
  );
  app.get('/readyz', async (c) => {
    const reasons = await health.whyNotReady();
    return c.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    const metrics = await health.metrics();
    return metrics === undefined
      ? c.text('the event loop of the daemon does not answer\n', 503)
      : c.body(metrics.text, 200, { 'Content-Type': metrics.type });
  });
}

/** Longer texts are no name, key or address. */
const maxQueryLength = 200;

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const render = (page: JSX.Element): HtmlEscapedString | Promise<HtmlEscapedString> => html`<!doctype html>${page}`;

const frameOf = ({ clock, version }: PageIo): PageFrame => ({ now: clock.now(), version });

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
