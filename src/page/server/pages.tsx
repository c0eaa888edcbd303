import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { JSX } from 'hono/jsx/jsx-runtime';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Clock } from '../../model/clock.ts';
import { passesPerPage, type PageFacts } from '../facts/page-facts.ts';
import type { PageFrame } from '../views/layout.tsx';
import { NotFound } from '../views/not-found.tsx';
import { Overview } from '../views/overview.tsx';
import { Pass, Passes } from '../views/passes.tsx';
import { Search } from '../views/search.tsx';
import { Story } from '../views/story.tsx';
import { Target } from '../views/target.tsx';

/** An application of the server of the page. */
export type PageApp = Hono<{ Bindings: HttpBindings }>;

/** A request of a page. */
type PageContext = Pick<Context<{ Bindings: HttpBindings }>, 'req'>;

/** What all pages state. */
export interface FrameIo {
  readonly clock: Pick<Clock, 'now'>;
  /** The version of scimsync. */
  readonly version: string;
}

/** What a page is about. */
export interface Company {
  readonly facts: PageFacts;
  /** Undefined: there is only one company. */
  readonly tenant: string | undefined;
}

/** What the pages of a company take from outside. */
export interface PagesIo extends FrameIo {
  /** @param tenant in the address of the page; undefined: there is none */
  companyOf(tenant: string | undefined): Company;
}

/** Adds the pages of one company, all below a path. */
export function addPages(app: PageApp, base: string, io: PagesIo): void {
  app.get(base === '' ? '/' : base, async (c) =>
    c.html(render(<Overview frame={frameOf(io, c)} overview={await factsOf(io, c).overview()} />)),
  );
  app.get(`${base}/targets/:name`, async (c) => {
    const name = c.req.param('name');
    const details = await factsOf(io, c).target(name);
    return details === undefined
      ? c.html(render(<NotFound frame={frameOf(io, c)} what={`There is no target ${name}.`} />), 404)
      : c.html(render(<Target frame={frameOf(io, c)} {...details} />));
  });
  app.get(`${base}/search`, async (c) => {
    const query = (c.req.query('q') ?? '').trim().slice(0, maxQueryLength);
    const matches = query === '' ? [] : await factsOf(io, c).search(query);
    return c.html(render(<Search frame={frameOf(io, c)} query={query} matches={matches} />));
  });
  for (const [path, resourceType] of [
    ['/users', 'User'],
    ['/groups', 'Group'],
  ] as const)
    app.get(`${base}${path}`, async (c) => {
      const key = c.req.query('key') ?? '';
      const story = await factsOf(io, c).story(resourceType, key);
      return story === undefined
        ? c.html(render(<NotFound frame={frameOf(io, c)} what={`No ${resourceType} has the key ${key}.`} />), 404)
        : c.html(render(<Story frame={frameOf(io, c)} story={story} />));
    });
  app.get(`${base}/passes`, async (c) => {
    const passes = await factsOf(io, c).passes(numberIn(c.req.query('before')));
    const page = passes.slice(0, passesPerPage);
    return c.html(render(<Passes frame={frameOf(io, c)} passes={page} hasMore={passes.length > page.length} />));
  });
  app.get(`${base}/passes/:id{[0-9]{1,15}}`, async (c) => {
    const details = await factsOf(io, c).pass(Number(c.req.param('id')), numberIn(c.req.query('after')));
    return details === undefined
      ? c.html(
          render(<NotFound frame={frameOf(io, c)} what="There is no such pass; the journal may have forgotten it." />),
          404,
        )
      : c.html(render(<Pass frame={frameOf(io, c)} {...details} />));
  });
}

/** Longer texts are no name, key or address. */
const maxQueryLength = 200;

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** A page as a complete document. */
export const render = (page: JSX.Element): HtmlEscapedString | Promise<HtmlEscapedString> =>
  html`<!doctype html>${page}`;

const factsOf = ({ companyOf }: PagesIo, { req }: PageContext): PageFacts => companyOf(req.param('tenant')).facts;

const frameOf = ({ clock, version, companyOf }: PagesIo, { req }: PageContext): PageFrame => ({
  now: clock.now(),
  version,
  tenant: companyOf(req.param('tenant')).tenant,
});
