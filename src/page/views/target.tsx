import type { TargetDetails } from '../facts/page-facts.ts';
import { ActivityPlot } from './activity-plot.tsx';
import { ConditionMark, Findings } from './findings.tsx';
import { Layout, Time, type PageFrame } from './layout.tsx';
import { count, shown } from './shown.ts';

/** One target: what it holds, what is wrong, and what was sent. */
export const Target = ({ frame, target, activity }: { readonly frame: PageFrame } & TargetDetails) => {
  const { name, condition, users, groups, memberships, due, behind, last, inStepAt, findings } = target;
  return (
    <Layout title={shown(name)} frame={frame}>
      <h1>
        {shown(name)} <ConditionMark condition={condition} />
      </h1>
      <dl class="facts">
        <Fact term="Active people">{count(users.active)}</Fact>
        <Fact term="Inactive">{count(users.inactive)}</Fact>
        <Fact term="Groups">{count(groups)}</Fact>
        <Fact term="Memberships">{count(memberships)}</Fact>
        <Fact term="Due">{count(due)}</Fact>
        <Fact term="Readings behind">{count(behind)}</Fact>
        <Fact term="Last in step">{inStepAt === undefined ? 'not known' : <Time at={inStepAt} frame={frame} />}</Fact>
        <Fact term="Last tried">
          {last === undefined ? (
            'never'
          ) : (
            <>
              <Time at={last.at} frame={frame} />, in pass {last.pass}
            </>
          )}
        </Fact>
      </dl>
      {findings.length === 0 ? (
        <p>Nothing is held, failing or waiting here.</p>
      ) : (
        <section aria-labelledby="findings">
          <h2 id="findings">What to know</h2>
          <Findings findings={findings} isOpen />
        </section>
      )}
      <section aria-labelledby="activity">
        <h2 id="activity">Activity</h2>
        <ActivityPlot activity={activity} />
      </section>
    </Layout>
  );
};

const Fact = ({ term, children }: { readonly term: string; readonly children: unknown }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);
