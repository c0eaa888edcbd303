import { needsPerson } from '../facts/finding.ts';
import type { Overview as OverviewFacts, TargetFacts } from '../facts/page-facts.ts';
import { ActivityPlot } from './activity-plot.tsx';
import { byUrgency } from './condition-text.ts';
import { ConditionMark, Findings } from './findings.tsx';
import { Layout, Time, type PageFrame } from './layout.tsx';
import { passPath, targetPath } from './paths.ts';
import { count, shown } from './shown.ts';

/** How the company and all targets are. */
export const Overview = ({
  frame,
  overview,
}: {
  readonly frame: PageFrame;
  readonly overview: OverviewFacts | undefined;
}) => (
  <Layout title="Overview" section="overview" frame={frame}>
    {overview === undefined ? (
      <>
        <h1>Overview</h1>
        <p class="lead">No pass has run yet, so nothing is known. The first pass of the daemon creates the state.</p>
      </>
    ) : (
      <Known frame={frame} overview={overview} />
    )}
  </Layout>
);

const Known = ({ frame, overview }: { readonly frame: PageFrame; readonly overview: OverviewFacts }) => {
  const targets = overview.targets.toSorted((one, other) => byUrgency(one.condition, other.condition));
  const urgent = targets.filter(({ findings }) => findings.some(needsPerson));
  return (
    <>
      <h1>{headline(overview, urgent.length)}</h1>
      <Company frame={frame} overview={overview} />
      {overview.findings.length === 0 ? null : (
        <section aria-labelledby="source">
          <h2 id="source">Source</h2>
          <Findings findings={overview.findings} />
        </section>
      )}
      {urgent.length === 0 ? null : (
        <section aria-labelledby="urgent">
          <h2 id="urgent">Needs a person</h2>
          {urgent.map((target) => (
            <Urgent frame={frame} target={target} />
          ))}
        </section>
      )}
      <section aria-labelledby="targets">
        <h2 id="targets">Targets</h2>
        <Targets frame={frame} targets={targets} />
      </section>
      <section aria-labelledby="activity">
        <h2 id="activity">Activity</h2>
        <ActivityPlot activity={overview.activity} />
      </section>
      {overview.decisions.length === 0 ? null : (
        <section aria-labelledby="decisions">
          <h2 id="decisions">Decisions of operators</h2>
          <ul class="plain">
            {overview.decisions.map((line) => (
              <li>{shown(line)}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
};

function headline({ findings, targets }: OverviewFacts, urgent: number): string {
  const all = targets.length === 1 ? 'The target' : `All ${count(targets.length)} targets`;
  if (urgent > 0)
    return `${count(urgent)} of ${count(targets.length)} targets ${urgent === 1 ? 'needs' : 'need'} a person`;
  if (findings.some(needsPerson)) return 'The source needs a person';
  if (targets.every(({ condition }) => condition === 'inStep'))
    return `${all} ${targets.length === 1 ? 'is' : 'are'} in step`;
  return 'Nothing needs a person';
}

const Company = ({
  frame,
  overview: { source, pass, running },
}: {
  readonly frame: PageFrame;
  readonly overview: OverviewFacts;
}) => (
  <p class="lead">
    {source === undefined ? (
      'No reading of the source was accepted yet.'
    ) : (
      <>
        {`${count(source.users)} people, ${count(source.groups)} groups, `}
        {`${count(source.memberships)} memberships; last change read `}
        <Time at={source.readAt} frame={frame} />.
      </>
    )}
    {pass === undefined ? null : (
      <>
        {' Last pass: '}
        <a href={passPath(frame, pass.id)}>{pass.id}</a>
        {', '}
        <Time at={pass.at} frame={frame} />
        {`, ${shown(pass.sentence)}.`}
      </>
    )}
    {running === undefined ? null : ` ${shown(running)}.`}
  </p>
);

const Urgent = ({
  frame,
  target: { name, condition, findings },
}: {
  readonly frame: PageFrame;
  readonly target: TargetFacts;
}) => (
  <article class="card">
    <h3>
      <a href={targetPath(frame, name)}>{shown(name)}</a> <ConditionMark condition={condition} />
    </h3>
    <Findings findings={findings.filter(needsPerson)} />
  </article>
);

const Targets = ({ frame, targets }: { readonly frame: PageFrame; readonly targets: readonly TargetFacts[] }) => (
  <table class="targets">
    <caption>What each target holds, and when it was last in step with the source</caption>
    <thead>
      <tr>
        <th scope="col">Target</th>
        <th scope="col">Condition</th>
        <th scope="col" class="number wide">
          People
        </th>
        <th scope="col" class="number wide">
          Groups
        </th>
        <th scope="col" class="number wide">
          Due
        </th>
        <th scope="col">In step</th>
      </tr>
    </thead>
    <tbody>
      {targets.map(({ name, condition, users, groups, due, inStepAt }) => (
        <tr>
          <th scope="row">
            <a href={targetPath(frame, name)}>{shown(name)}</a>
          </th>
          <td>
            <ConditionMark condition={condition} />
          </td>
          <td class="number wide">{count(users.active)}</td>
          <td class="number wide">{count(groups)}</td>
          <td class="number wide">{count(due)}</td>
          <td>{inStepAt === undefined ? 'not known' : <Time at={inStepAt} frame={frame} />}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
