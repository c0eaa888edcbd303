import type { Instant } from '../../model/ids.ts';
import type { ChannelFailure, IncidentFact, NotificationState, Reported } from '../../model/notify/incident.ts';

/** What may be asked about notifications. */
export interface NotificationView {
  state(): NotificationState;
}

/** What is written about notifications. */
export interface Notifications extends NotificationView {
  /** @param isPending it is no incident before it has lasted for some time */
  open(fact: IncidentFact, isPending: boolean, at: Instant): void;
  /** The incident has lasted long enough. */
  confirm(incident: number): void;
  /** The incident lasts, and its fact reads otherwise now. @param worsened undefined: it did not become worse */
  revise(incident: number, fact: IncidentFact, worsened: Instant | undefined): void;
  close(incident: number, at: Instant): void;
  /** It was none: it ended before it had lasted long enough. */
  drop(incident: number): void;
  /** The channels of the configuration; others are forgotten with what they were reported. */
  keepChannels(names: readonly string[], now: Instant): void;
  /** The channel accepted these changes. */
  accepted(channel: string, changes: readonly Omit<Reported, 'channel' | 'at'>[], at: Instant): void;
  /** The channel accepted its digest up to this time. */
  digested(channel: string, at: Instant): void;
  failed(channel: string, failure: ChannelFailure): void;
  /** Forgets incidents that ended before this time. */
  forgetBefore(time: Instant): void;
}
