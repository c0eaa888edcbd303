import type { Child } from 'hono/jsx';
import type { Instant } from '../../model/ids.ts';
import { absoluteTime, relativeTime, shown } from './shown.ts';

/** What all pages state. */
export interface PageFrame {
  readonly now: Instant;
  readonly version: string;
}

type Section = 'overview' | 'passes';

const sections: readonly { readonly id: Section; readonly path: string; readonly label: string }[] = [
  { id: 'overview', path: '/', label: 'Overview' },
  { id: 'passes', path: '/passes', label: 'Passes' },
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
      <title>{`${title} · scimsync`}</title>
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
        <nav aria-label="Pages">
          <ul>
            {sections.map(({ id, path, label }) => (
              <li>
                <a href={path} {...(id === section ? { 'aria-current': 'page' } : {})}>
                  {label}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <form action="/search" role="search">
          <label for="q">Person or group</label>
          <input id="q" name="q" type="search" maxlength={200} required value={shown(query)} />
          <button type="submit">Find</button>
        </form>
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

/** A time as a distance, with the exact time in its title. */
export const Time = ({ at, frame: { now } }: { readonly at: Instant; readonly frame: PageFrame }) => (
  <time datetime={new Date(at).toISOString()} title={absoluteTime(at)}>
    {relativeTime(at, now)}
  </time>
);
