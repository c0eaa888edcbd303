import type { Story as StoryFacts } from '../facts/page-facts.ts';
import { Entries } from './entries.tsx';
import { Layout, type PageFrame } from './layout.tsx';
import { targetPath } from './paths.ts';
import { shown } from './shown.ts';

/** One user or group: the record, each target, and what was done. */
export const Story = ({ frame, story }: { readonly frame: PageFrame; readonly story: StoryFacts }) => {
  const { resourceType, key, name, record, targets, entries, hasMore, command } = story;
  const option = resourceType === 'User' ? 'user' : 'group';
  return (
    <Layout title={shown(name === '' ? key : name)} frame={frame}>
      <h1>
        {shown(name === '' ? key : name)}{' '}
        <small>{`${resourceType === 'User' ? 'person' : 'group'} ${shown(key)}`}</small>
      </h1>
      <section aria-labelledby="record">
        <h2 id="record">Source</h2>
        <Lines lines={record.slice(1)} />
      </section>
      <section aria-labelledby="access">
        <h2 id="access">Access</h2>
        {targets.map(({ target, lines }) => (
          <article class="card">
            <h3>
              <a href={targetPath(frame, target)}>{shown(target)}</a>
            </h3>
            <Lines lines={lines} />
          </article>
        ))}
        <p>
          By the last reading. To send what is due now: <code>{shown(command)}</code>
        </p>
      </section>
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        {entries.length === 0 ? <p>Nothing was done.</p> : <Entries frame={frame} entries={entries} about="subject" />}
        {hasMore ? (
          <p>
            Older operations: <code>{`scimsync history --${option} ${shown(key)}`}</code>
          </p>
        ) : null}
      </section>
    </Layout>
  );
};

/** Lines with the indentation that they have among each other. */
const Lines = ({ lines }: { readonly lines: readonly string[] }) => {
  const indentation = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return <pre class="lines">{lines.map((line) => shown(line.slice(indentation))).join('\n')}</pre>;
};
