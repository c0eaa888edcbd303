import { Layout, type PageFrame } from './layout.tsx';
import { overviewPath } from './paths.ts';
import { shown } from './shown.ts';

/** The page for an address without content. */
export const NotFound = ({ frame, what }: { readonly frame: PageFrame; readonly what: string }) => (
  <Layout title="Not found" frame={frame}>
    <h1>Not found</h1>
    <p>{shown(what)}</p>
    <p>
      <a href={overviewPath(frame)}>To the overview</a>
    </p>
  </Layout>
);
