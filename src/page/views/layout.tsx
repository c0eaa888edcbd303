import type { Child } from 'hono/jsx';
import type { Instant } from '../../model/ids.ts';
import { overviewPath, passesPath, searchPath } from './paths.ts';
import { absoluteTime, relativeTime, shown } from './shown.ts';

/** What all pages state. */
export interface PageFrame {
  readonly now: Instant;
  readonly version: string;
  /** The tenant that the page is about; undefined: there is only one, or it is about all. */
  readonly tenant?: string | undefined;
  /** There are tenants, and this page is about all of them. */
  readonly isOfAllTenants?: boolean;
}

type Section = 'overview' | 'passes';

const sections: readonly {
  readonly id: Section;
  readonly path: (frame: PageFrame) => string;
  readonly label: string;
}[] = [
  { id: 'overview', path: overviewPath, label: 'Overview' },
  { id: 'passes', path: passesPath, label: 'Passes' },
];

/** The frame of a page. */
export const Layout = ({
  title,
  section,
  frame,
  query = '',
  children,
}: {
  readonly title: string;
  readonly section?: Section;
  readonly frame: PageFrame;
  /** What was searched. */
  readonly query?: string;
  readonly children: Child;
}) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{[title, ...(frame.tenant === undefined ? [] : [shown(frame.tenant)]), 'scimsync'].join(' · ')}</title>
      <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/style.css" />
    </head>
    <body>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          scimsync
        </a>
        {frame.tenant === undefined ? null : <strong>{shown(frame.tenant)}</strong>}
        {frame.isOfAllTenants === true ? null : <Navigation section={section} frame={frame} query={query} />}
      </header>
      <main id="main" tabindex={-1}>
        {children}
      </main>
      <footer>
        <p>
          As of {absoluteTime(frame.now)}. This page only reads; commands change things. scimsync {frame.version}.
        </p>
      </footer>
    </body>
  </html>
);

/** The ways to the pages of one company, and the search among its people. */
const Navigation = ({
  section,
  frame,
  query,
}: {
  readonly section: Section | undefined;
  readonly frame: PageFrame;
  readonly query: string;
}) => (
  <>
    <nav aria-label="Pages">
      <ul>
        {sections.map(({ id, path, label }) => (
          <li>
            <a href={path(frame)} {...(id === section ? { 'aria-current': 'page' } : {})}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
    <form action={searchPath(frame)} role="search">
      <label for="q">Person or group</label>
      <input id="q" name="q" type="search" maxlength={200} required value={shown(query)} />
      <button type="submit">Find</button>
    </form>
  </>
);

/** A time as a distance, with the exact time in its title. */
export const Time = ({ at, frame: { now } }: { readonly at: Instant; readonly frame: PageFrame }) => (
  <time datetime={new Date(at).toISOString()} title={absoluteTime(at)}>
    {relativeTime(at, now)}
  </time>
);
