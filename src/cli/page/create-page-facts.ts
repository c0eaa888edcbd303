import type { Config } from '../../config/config.ts';
import type { Instant } from '../../model/ids.ts';
import { passesPerPage, type Overview, type PageFacts } from '../../page/facts/page-facts.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { realClock } from '../clock.ts';
import { openView } from '../context.ts';
import { readStatus, type Status } from '../facts/read-status.ts';
import { approvalText } from '../print/audit/approval-text.ts';
import { freezesText } from '../print/suspensions-text.ts';
import { activityOf, activityStart, type TimedPass } from './activity.ts';
import { passDetails, passFacts } from './pass-facts.ts';
import { searchFacts, storyFacts } from './story-facts.ts';
import { targetFacts } from './target-facts.ts';

/** Passes of a target in which the last one in step is searched, and which the plot shows. */
const maxPasses = 500;
/** The page shows one fewer, and so knows whether there are more. */
const maxPassesListed = passesPerPage + 1;
/** Requests of a pass whose times count for the plot. */
const maxLatencies = 50;

/** Answers the questions of the page from the state. Each answer opens the state and closes it again. */
export function createPageFacts(config: Config): PageFacts {
  const withView = async <T>(read: (view: ReadOnlyStore) => Promise<T>): Promise<T | undefined> => {
    const view = openView(config);
    try {
      return view === undefined ? undefined : await read(view);
    } finally {
      view?.close();
    }
  };
  return {
    overview: () =>
      withView(async (view) => {
        const now = realClock.now();
        return overviewOf(view, await readStatus(view, config, now), config, now);
      }),
    target: (name) =>
      withView(async (view) => {
        const now = realClock.now();
        const target = (await readStatus(view, config, now)).targets.find(({ status }) => status.name === name);
        if (target === undefined) return undefined;
        const passes = view.browsing.targetPasses(name, maxPasses);
        return { target: targetFacts(target, passes), activity: activityOf(timedPasses(view, name, now), now) };
      }),
    search: async (text) => (await withView((view) => searchFacts(view, config, text))) ?? [],
    story: (resourceType, key) => withView((view) => storyFacts(view, config, resourceType, key)),
    passes: async (before) =>
      (await withView(async (view) => view.browsing.passes(before, maxPassesListed).map(passFacts))) ?? [],
    pass: (id, after) => withView((view) => passDetails(view, id, after)),
  };
}

async function overviewOf(view: ReadOnlyStore, status: Status, config: Config, now: Instant): Promise<Overview> {
  const { pass, holder } = status;
  const reading = await view.mirror.last();
  const mirror = await view.mirror.counts();
  return {
    source:
      reading === undefined
        ? undefined
        : {
            ...{ users: mirror.users, groups: mirror.groups, memberships: mirror.memberships },
            readAt: reading.at,
          },
    pass:
      pass === undefined
        ? undefined
        : {
            id: pass.id,
            at: pass.started,
            sentence: pass.result ?? (holder === undefined ? 'interrupted' : 'running'),
          },
    running: holder === undefined ? undefined : `"scimsync ${holder.command}" works on the state`,
    findings: [...status.source, ...status.upkeep],
    stateBytes: view.browsing.size(),
    decisions: [...status.approvals.map(approvalText), ...freezesText(status.freezes, config.source.users.timezone)],
    targets: status.targets.map((target) =>
      targetFacts(target, view.browsing.targetPasses(target.status.name, maxPasses)),
    ),
    activity: activityOf(
      status.targets.flatMap((target) => timedPasses(view, target.status.name, now)),
      now,
    ),
  };
}

/** The passes of the plot at a target, with the times of some requests. */
function timedPasses({ browsing }: ReadOnlyStore, target: string, now: Instant): readonly TimedPass[] {
  return browsing
    .targetPasses(target, maxPasses)
    .filter(({ started }) => started >= activityStart(now))
    .map((one) => ({ ...one, latencies: browsing.latencies(one.pass, target, maxLatencies) }));
}
