import type { Instant } from '../model/ids.ts';
import type { ChannelRules } from './channel-rules.ts';
import type { Notification } from './notification.ts';

/** What became of a notification. The detail is what the channel answered, for people. */
export interface ChannelAnswer {
  readonly kind: 'accepted' | 'failed';
  readonly detail: string;
}

/** A way to reach people. */
export interface Channel {
  readonly rules: ChannelRules;
  /** Sends once, within a limit of time, until the signal aborts. Never throws because of the channel. */
  readonly send: (notification: Notification, now: Instant, signal: AbortSignal) => Promise<ChannelAnswer>;
  /** Whether it can be reached, as far as that shows without a notification. Within the same limit of time. */
  readonly check: (signal: AbortSignal) => Promise<ChannelAnswer>;
}
