import { instant, type Instant } from '../model/ids.ts';
import type { ChannelFailure, NotificationState } from '../model/notify/incident.ts';
import { hourMs, minuteMs } from '../model/time.ts';
import type { ChannelRules } from './channel-rules.ts';

/** Between two tries of a channel that fails, in ms. */
const maxPauseMs = hourMs;

/** The first moment at which a channel may get a notification; in the past: now. */
export function deliveryTime({ name, perHour }: ChannelRules, state: NotificationState, now: Instant): Instant {
  const failure = state.channels.find(({ channel }) => channel === name)?.failure;
  const times = new Set(
    state.reported.flatMap(({ channel, at }) => (channel === name && at > now - hourMs && at <= now ? [at] : [])),
  );
  const recent = [...times].sort((one, other) => one - other);
  const full = recent[recent.length - perHour];
  return instant(Math.max(failure?.nextTry ?? 0, full === undefined ? 0 : full + hourMs));
}

/** A channel did not accept a notification: the pause doubles from one minute to one hour. */
export function failureAfter(earlier: ChannelFailure | undefined, detail: string, now: Instant): ChannelFailure {
  const failures = (earlier?.failures ?? 0) + 1;
  const pauseMs = Math.min(maxPauseMs, minuteMs * 2 ** Math.min(failures - 1, 10));
  return { failures, nextTry: instant(now + pauseMs), detail };
}
