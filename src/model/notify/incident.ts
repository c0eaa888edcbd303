import type { Instant } from '../ids.ts';

/** What an incident is about. The configuration selects by these names. */
export const incidentKinds = [
  'held',
  'unreachable',
  'failing',
  'openLeavers',
  'leaverDrift',
  'refused',
  'keyChanges',
  'stale',
  'oldExport',
  'missed',
  'expires',
] as const;

export type IncidentKind = (typeof incidentKinds)[number];

/** A state of affairs that a person must know about. While it lasts, it is one incident. */
export interface IncidentFact {
  readonly kind: IncidentKind;
  /** Undefined: it concerns no target. */
  readonly target: string | undefined;
  /** One sentence without data of people. */
  readonly text: string;
  /** Lines that may name people; for channels that may show names. */
  readonly details: readonly string[];
  /** The command that deals with it. */
  readonly command: string | undefined;
  /** How bad it is, from 0 on. An incident that becomes worse is reported again. */
  readonly stage: number;
  /** It is no incident before it has lasted for this time, in ms. */
  readonly delayMs: number;
}

/** A fact with its time. */
export interface Incident extends Omit<IncidentFact, 'delayMs'> {
  readonly id: number;
  readonly opened: Instant;
  /** It has not lasted long enough to be reported. */
  readonly isPending: boolean;
  /** When its stage last rose; undefined: it did not. */
  readonly worsened: Instant | undefined;
  /** Undefined: it lasts. */
  readonly closed: Instant | undefined;
}

/** What changed: an incident began, became worse, or ended. */
export type IncidentChange = 'opened' | 'worsened' | 'closed';

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
  /** Undefined: it accepted no digest yet. */
  readonly digestAt: Instant | undefined;
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

/** From when on something is an incident. */
export interface IncidentLimits {
  /** Records at a target that fail for this time. */
  readonly failingMs: number;
  /** A removal that no answer or read has shown for this time. */
  readonly openLeaverMs: number;
  /** No reading was accepted for this time; by a schedule of fewer readings, until the next one should have been. */
  readonly staleMs: number;
  /** Days before a credential expires, the longest first. Each is a stage, and the last one is that it has expired. */
  readonly expiryDays: readonly number[];
}

/** An hour for what the next passes may still correct; two weeks to order a certificate. */
export const defaultIncidentLimits: IncidentLimits = {
  failingMs: 3_600_000,
  openLeaverMs: 3_600_000,
  staleMs: 24 * 3_600_000,
  expiryDays: [14, 3],
};
