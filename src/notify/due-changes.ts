import type { Instant } from '../model/ids.ts';
import type { Incident, IncidentChange, NotificationState } from '../model/notify/incident.ts';
import { dayMs } from '../model/time.ts';
import type { ChannelRules } from './channel-rules.ts';

/** The begin or end of an incident. */
export interface Change {
  readonly incident: Incident;
  readonly change: IncidentChange;
}

/** An incident that ended longer ago, while a channel did not work, is no news. In ms. */
const newsMs = 3 * dayMs;

/**
 * What was not reported to a channel yet, oldest first. An incident that lasts is reported however old it is; its end
 * only to a
 * channel that is notified of its begin.
 */
export function dueChanges(rules: ChannelRules, state: NotificationState, now: Instant): readonly Change[] {
  const reported = new Set(
    state.reported.flatMap(({ channel, incident, change }) => (channel === rules.name ? [idOf(incident, change)] : [])),
  );
  const since = state.channels.find(({ channel }) => channel === rules.name)?.since ?? now;
  return state.incidents
    .filter((incident) => concerns(rules, incident) && isNews(incident, since, now))
    .flatMap((incident) =>
      changesOf(incident)
        .filter((change) => !reported.has(idOf(incident.id, change)))
        .map((change) => ({ incident, change })),
    )
    .sort((one, other) => timeOf(one) - timeOf(other));
}

/** When it happened. */
export const timeOf = ({ incident, change }: Change): Instant =>
  change === 'opened' ? incident.opened : (incident.closed ?? incident.opened);

const changesOf = ({ closed }: Incident): readonly IncidentChange[] =>
  closed === undefined ? ['opened'] : ['opened', 'closed'];

const idOf = (incident: number, change: IncidentChange): string => `${incident} ${change}`;

const isNews = ({ closed }: Incident, since: Instant, now: Instant): boolean =>
  closed === undefined || (closed >= since && now - closed <= newsMs);

const concerns = ({ events, targets }: ChannelRules, { kind, target }: Incident): boolean =>
  (events?.includes(kind) ?? true) && (target === undefined || (targets?.includes(target) ?? true));
