import type { Instant } from '../../model/ids.ts';
import type { ChannelFailure, IncidentFact, NotificationState, Reported } from '../../model/notify/incident.ts';

/** What may be asked about notifications. */
export interface NotificationView {
  state(): NotificationState;
}

/** What is written about notifications. */
export interface Notifications extends NotificationView {
  open(fact: IncidentFact, at: Instant): void;
  /** The incident lasts, and its fact reads otherwise now. */
  revise(incident: number, fact: IncidentFact): void;
  close(incident: number, at: Instant): void;
  /** The channels of the configuration; others are forgotten with what they were reported. */
  keepChannels(names: readonly string[], now: Instant): void;
  /** The channel accepted these changes. */
  accepted(channel: string, changes: readonly Omit<Reported, 'channel' | 'at'>[], at: Instant): void;
  failed(channel: string, failure: ChannelFailure): void;
  /** Forgets incidents that ended before this time. */
  forgetBefore(time: Instant): void;
}
