import type { Instant } from '../model/ids.ts';
import type { Incident, IncidentKind, KnownChannel, NotificationState } from '../model/notify/incident.ts';
import { dayMs, formatTime } from '../model/time.ts';
import type { ChannelRules } from './channel-rules.ts';
import { isAtTargets, timeOf, type Change } from './due-changes.ts';

/** What passes did within a time. */
export interface DoneWork {
  readonly passes: { readonly total: number; readonly failed: number };
  /** Operations that succeeded, by target and action. */
  readonly done: readonly { readonly target: string; readonly action: string; readonly count: number }[];
}

/** The part of a notification that summarizes a time. It consists of JSON values. */
export interface Digest extends DoneWork {
  readonly since: string;
  /** Incidents that last; not more than a notification lists. */
  readonly open: readonly OpenIncident[];
  /** How many last. */
  readonly totalOpen: number;
}

/** An incident that lasts, in a digest. */
export interface OpenIncident {
  readonly event: IncidentKind;
  readonly target: string | null;
  readonly since: string;
  readonly text: string;
  readonly command: string | null;
}

/** What a digest is about. */
export interface DigestSubject {
  readonly since: Instant;
  readonly open: readonly Incident[];
  /** Incidents that began or ended since then, oldest first. */
  readonly changes: readonly Change[];
}

/**
 * Since when a channel has no digest. A clock that was set back by more than a day would keep the next one away until
 * it is right again.
 */
export function digestSince({ since, digestAt = since }: KnownChannel, now: Instant): Instant {
  return digestAt - now > dayMs ? now : digestAt;
}

/**
 * Whether a digest is due: the time of day has come since the last one, however often. What was missed is in one.
 *
 * @param nextAfter the first moment after another one at which clocks show the time of day
 */
export function isDigestDue(since: Instant, nextAfter: (after: Instant) => Instant | undefined, now: Instant): boolean {
  const next = nextAfter(since);
  return next !== undefined && next <= now;
}

/** What the digest of a channel is about: all incidents at its targets, whatever its events are. */
export function digestSubject(rules: ChannelRules, { incidents }: NotificationState, since: Instant): DigestSubject {
  const known = incidents.filter((incident) => !incident.isPending && isAtTargets(rules, incident));
  return {
    since,
    open: known.filter(({ closed }) => closed === undefined),
    changes: known
      .flatMap((incident): readonly Change[] => [
        { incident, change: 'opened' },
        ...(incident.closed === undefined ? [] : [{ incident, change: 'closed' } as const]),
      ])
      .filter((change) => timeOf(change) > since)
      .sort((one, other) => timeOf(one) - timeOf(other)),
  };
}

/** One line for a digest. */
export function digestTitle({ totalOpen, passes, done, since }: Digest): string {
  const open = totalOpen === 0 ? 'nothing needs a person' : `${counted(totalOpen, 'incident')} open`;
  const total = done.reduce((sum, { count }) => sum + count, 0);
  return `Digest: ${open}; ${counted(total, 'operation')} in ${counted(passes.total, 'pass', 'passes')} since ${since}`;
}

/** What was done, one line for each target. */
export function doneLines({ passes, done }: DoneWork): readonly string[] {
  const targets = [...new Set(done.map(({ target }) => target))];
  return [
    ...(targets.length === 0 ? ['Nothing had to be changed.'] : ['Done:']),
    ...targets.map((name) => {
      const counts = done.flatMap(({ target, action, count }) =>
        target === name ? [`${count} ${actionWords[action] ?? action}`] : [],
      );
      return `  ${name}: ${counts.join(', ')}`;
    }),
    ...(passes.failed === 0 ? [] : [`${counted(passes.failed, 'pass', 'passes')} failed.`]),
  ];
}

const actionWords: Readonly<Record<string, string>> = {
  ...{ create: 'created', update: 'updated', deactivate: 'deactivated', reactivate: 'reactivated', delete: 'deleted' },
  members: 'changes of members',
};

/** The operations at the targets of a channel. */
export const workAt = (rules: ChannelRules, { passes, done }: DoneWork): DoneWork => ({
  passes,
  done: done.filter(({ target }) => isAtTargets(rules, { target })),
});

/** The incidents that last, as a digest shows them. @param line makes a text safe to read */
export const openIncidents = (
  incidents: readonly Incident[],
  limit: number,
  line: (text: string) => string,
): readonly OpenIncident[] =>
  incidents.slice(0, limit).map(({ kind, target, opened, text, command }) => ({
    ...{ event: kind, target: target ?? null, since: formatTime(opened), text: line(text) },
    command: command === undefined ? null : line(command),
  }));

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
