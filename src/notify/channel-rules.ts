import type { IncidentKind } from '../model/notify/incident.ts';

/** What a channel is notified of, and how often. */
export interface ChannelRules {
  /** Unique. */
  readonly name: string;
  /** Undefined: all kinds of incidents. */
  readonly events: readonly IncidentKind[] | undefined;
  /** Undefined: all targets. Incidents of sources concern each channel. */
  readonly targets: readonly string[] | undefined;
  /** Whether it may show names of people. */
  readonly detail: 'counts' | 'names';
  /** The time of day of a summary, such as `08:00`; undefined: none. */
  readonly digest: string | undefined;
  /** Notifications in an hour; the changes of further ones wait for the next. */
  readonly perHour: number;
}
