import type { PassDetails, PassFacts } from '../facts/page-facts.ts';
import type { Urgency } from './condition-text.ts';
import { Entries } from './entries.tsx';
import { Layout, Time, type PageFrame } from './layout.tsx';
import { passesPath, passPath, targetPath } from './paths.ts';
import { absoluteTime, shown } from './shown.ts';

/** The passes, the newest first. */
export const Passes = ({
  frame,
  passes,
  hasMore,
}: {
  readonly frame: PageFrame;
  readonly passes: readonly PassFacts[];
  readonly hasMore: boolean;
}) => {
  const last = passes.at(-1);
  return (
    <Layout title="Passes" section="passes" frame={frame}>
      <h1>Passes</h1>
      {passes.length === 0 ? <p>No pass has run.</p> : null}
      <ol class="entries">
        {passes.map((pass) => (
          <li>
            <p class="when">
              <a href={passPath(frame, pass.id)}>{`pass ${pass.id}`}</a>
              {' · '}
              <Time at={pass.started} frame={frame} />
              {` · scimsync ${shown(pass.command)} · `}
              <span class={colourOf(pass.result)}>{shown(pass.result)}</span>
            </p>
            <PassLines frame={frame} pass={pass} />
          </li>
        ))}
      </ol>
      {hasMore && last !== undefined ? (
        <p>
          <a href={`${passesPath(frame)}?before=${last.id}`}>Earlier passes</a>
        </p>
      ) : null}
    </Layout>
  );
};

const colourOf = (result: string): Urgency => (result === 'done' ? 'good' : result === 'running' ? 'calm' : 'bad');

/** One pass with a page of its operations. */
export const Pass = ({ frame, pass, entries, next }: { readonly frame: PageFrame } & PassDetails) => (
  <Layout title={`Pass ${pass.id}`} section="passes" frame={frame}>
    <h1>{`Pass ${pass.id}`}</h1>
    <p class="lead">
      {`scimsync ${shown(pass.command)}, ${absoluteTime(pass.started)}`}
      {pass.ended === undefined ? '' : ` to ${absoluteTime(pass.ended)}`}
      {`: ${shown(pass.result)}.`}
    </p>
    <PassLines frame={frame} pass={pass} />
    <section aria-labelledby="operations">
      <h2 id="operations">Operations</h2>
      {entries.length === 0 ? <p>None.</p> : <Entries frame={frame} entries={entries} about="pass" />}
      {next === undefined ? null : (
        <p>
          <a href={`${passPath(frame, pass.id)}?after=${next}`}>Further operations</a>
        </p>
      )}
    </section>
  </Layout>
);

const PassLines = ({
  frame,
  pass: { note, targets, approvals },
}: {
  readonly frame: PageFrame;
  readonly pass: PassFacts;
}) => (
  <>
    {note === undefined ? null : <p>{shown(note)}</p>}
    <ul class="plain">
      {targets.map(({ target, sentence }) => (
        <li>
          <a href={targetPath(frame, target)}>{shown(target)}</a>
          {`: ${shown(sentence)}`}
        </li>
      ))}
      {approvals.map((line) => (
        <li>{shown(line)}</li>
      ))}
    </ul>
  </>
);
