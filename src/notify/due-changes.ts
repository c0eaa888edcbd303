import type { Instant } from '../model/ids.ts';
import type { Incident, IncidentChange, NotificationState } from '../model/notify/incident.ts';
import { dayMs } from '../model/time.ts';
import type { ChannelRules } from './channel-rules.ts';

/** The begin or end of an incident, or that it became worse. */
export interface Change {
  readonly incident: Incident;
  readonly change: IncidentChange;
}

/** An incident that ended longer ago, while a channel did not work, is no news. In ms. */
const newsMs = 3 * dayMs;

/**
 * What was not reported to a channel yet, oldest first. An incident that lasts is reported however old it is; its end
 * only to a channel that is notified of its begin.
 */
export function dueChanges(rules: ChannelRules, state: NotificationState, now: Instant): readonly Change[] {
  const reported = new Map(
    state.reported.flatMap(({ channel, incident, change, at }) =>
      channel === rules.name ? [[idOf(incident, change), at] as const] : [],
    ),
  );
  const since = state.channels.find(({ channel }) => channel === rules.name)?.since ?? now;
  return state.incidents
    .filter((incident) => !incident.isPending && concerns(rules, incident) && isNews(incident, since, now))
    .flatMap((incident) =>
      changesOf(incident, (change) => reported.get(idOf(incident.id, change))).map((change) => ({ incident, change })),
    )
    .sort((one, other) => timeOf(one) - timeOf(other));
}

/** When it happened. */
export function timeOf({ incident, change }: Change): Instant {
  const { opened, worsened = opened, closed = opened } = incident;
  return { opened, worsened, closed }[change];
}

/** Whether an incident concerns the targets of a channel. Incidents without a target concern each channel. */
export const isAtTargets = (
  { targets }: Pick<ChannelRules, 'targets'>,
  { target }: Pick<Incident, 'target'>,
): boolean => target === undefined || (targets?.includes(target) ?? true);

/** What the last reported text no longer states. The begin is reported as it is now, with all that became worse. */
function changesOf(
  { worsened, closed }: Incident,
  reportedAt: (change: IncidentChange) => Instant | undefined,
): readonly IncidentChange[] {
  const opened = reportedAt('opened');
  const known = Math.max(opened ?? 0, reportedAt('worsened') ?? 0);
  const end: readonly IncidentChange[] = closed === undefined || reportedAt('closed') !== undefined ? [] : ['closed'];
  if (opened === undefined) return ['opened', ...end];
  return closed === undefined && worsened !== undefined && worsened > known ? ['worsened'] : end;
}

const idOf = (incident: number, change: IncidentChange): string => `${incident} ${change}`;

const isNews = ({ closed }: Incident, since: Instant, now: Instant): boolean =>
  closed === undefined || (closed >= since && now - closed <= newsMs);

const concerns = (rules: ChannelRules, incident: Incident): boolean =>
  (rules.events?.includes(incident.kind) ?? true) && isAtTargets(rules, incident);
