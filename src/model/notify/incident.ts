import type { Instant } from '../ids.ts';

/** What an incident is about. The configuration selects by these names. */
export const incidentKinds = ['held', 'unreachable', 'failing', 'refused', 'keyChanges', 'stale'] as const;

export type IncidentKind = (typeof incidentKinds)[number];

/** A state of affairs that a person must know about. While it lasts, it is one incident. */
export interface IncidentFact {
  readonly kind: IncidentKind;
  /** Undefined: it concerns a source. */
  readonly target: string | undefined;
  /** One sentence without data of people. */
  readonly text: string;
  /** Lines that may name people; for channels that may show names. */
  readonly details: readonly string[];
  /** The command that deals with it. */
  readonly command: string | undefined;
}

/** A fact with its time. */
export interface Incident extends IncidentFact {
  readonly id: number;
  readonly opened: Instant;
  /** Undefined: it lasts. */
  readonly closed: Instant | undefined;
}

/** What changed: an incident began or ended. */
export type IncidentChange = 'opened' | 'closed';

/** A change that a channel accepted. Changes of one notification have one time. */
export interface Reported {
  readonly incident: number;
  readonly change: IncidentChange;
  readonly channel: string;
  readonly at: Instant;
}

/** A channel of the configuration, as the state knows it. */
export interface KnownChannel {
  readonly channel: string;
  /** When it was first seen. What ended before is not reported to it. */
  readonly since: Instant;
  /** Undefined: it accepted the last notification, or got none. */
  readonly failure: ChannelFailure | undefined;
}

/** Why a channel accepts nothing. */
export interface ChannelFailure {
  /** How many deliveries in a row failed. */
  readonly failures: number;
  readonly nextTry: Instant;
  readonly detail: string;
}

/** What the state remembers of notifications. */
export interface NotificationState {
  readonly incidents: readonly Incident[];
  readonly reported: readonly Reported[];
  readonly channels: readonly KnownChannel[];
}
