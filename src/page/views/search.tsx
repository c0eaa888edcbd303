import type { Match } from '../facts/page-facts.ts';
import { Layout, type PageFrame } from './layout.tsx';
import { storyPath } from './paths.ts';
import { shown } from './shown.ts';

/** What a search found. */
export const Search = ({
  frame,
  query,
  matches,
}: {
  readonly frame: PageFrame;
  readonly query: string;
  readonly matches: readonly Match[];
}) => (
  <Layout title="Search" frame={frame} query={query}>
    <h1>{matches.length === 0 ? 'Nothing found' : `${matches.length} found`}</h1>
    {matches.length === 0 ? (
      <p>
        No user or group has <q>{shown(query)}</q> as key, name, e-mail address or another value, now or before.
      </p>
    ) : (
      <ul class="plain">
        {matches.map(({ resourceType, key, name, isInSource }) => (
          <li>
            <a href={storyPath(frame, resourceType, key)}>{shown(name === '' ? key : name)}</a>
            {` ${resourceType === 'User' ? 'person' : 'group'} ${shown(key)}`}
            {isInSource ? '' : ', no longer in the source'}
          </li>
        ))}
      </ul>
    )}
  </Layout>
);
