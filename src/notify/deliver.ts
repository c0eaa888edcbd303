import type { Instant } from '../model/ids.ts';
import type { ChannelFailure, NotificationState } from '../model/notify/incident.ts';
import { visibleLine } from '../model/text/visible.ts';
import type { ChannelRules } from './channel-rules.ts';
import type { Channel, ChannelAnswer } from './channel.ts';
import { deliveryTime, failureAfter } from './delivery-time.ts';
import { digestSince, digestSubject, isDigestDue, workAt, type DoneWork } from './digest.ts';
import { dueChanges, type Change } from './due-changes.ts';
import { digestNotification, notificationOf, type Notification, type NotificationContext } from './notification.ts';

/** What a channel was sent, and how it answered. */
export interface Delivery {
  readonly channel: string;
  /** What it reports; `digest`: a digest. */
  readonly content: readonly Change[] | 'digest';
  readonly answer: ChannelAnswer;
  /** Undefined: it accepted the notification. */
  readonly failure: ChannelFailure | undefined;
  readonly at: Instant;
}

/** How notifications are sent. */
export interface DeliverySettings extends NotificationContext {
  /** An attempt that it ends is no failure of the channel. */
  readonly stop: AbortSignal;
  /** The first moment after another one at which clocks show a time of day, such as `08:00`. */
  readonly nextTimeOfDay: (timeOfDay: string, after: Instant) => Instant | undefined;
  /** What passes did within a time. */
  readonly workWithin: (since: Instant, until: Instant) => DoneWork;
}

/**
 * Sends to each channel what it is due: the changes of incidents, and its digest. Channels do not wait for each other.
 *
 * @param onDelivery keeps the answer. A crash before that sends the same notification once more
 */
export async function deliver(
  channels: readonly Channel[],
  state: NotificationState,
  settings: DeliverySettings,
  onDelivery: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  await Promise.all(
    channels.map(async (channel) => {
      for (const due of [dueNotification, dueDigest]) {
        const found = due(channel.rules, state, settings);
        if (found === undefined) continue;
        const isAccepted = await send(channel, found, state, settings, onDelivery);
        if (!isAccepted) return;
      }
    }),
  );
}

/** What is to be sent now. */
type DueNotification = Pick<Delivery, 'content'> & { readonly notification: Notification };

function dueNotification(
  rules: ChannelRules,
  state: NotificationState,
  settings: DeliverySettings,
): DueNotification | undefined {
  const { now } = settings;
  const content = dueChanges(rules, state, now);
  if (content.length === 0 || deliveryTime(rules, state, now) > now) return undefined;
  return { content, notification: notificationOf(content, rules, settings) };
}

/** A digest is rare, so that it does not count for the limit in an hour. */
function dueDigest(
  rules: ChannelRules,
  state: NotificationState,
  settings: DeliverySettings,
): DueNotification | undefined {
  const { now, nextTimeOfDay, workWithin } = settings;
  const { digest } = rules;
  const known = state.channels.find(({ channel }) => channel === rules.name);
  if (digest === undefined || known === undefined || (known.failure?.nextTry ?? 0) > now) return undefined;
  const since = digestSince(known, now);
  if (!isDigestDue(since, (after) => nextTimeOfDay(digest, after), now)) return undefined;
  const work = workAt(rules, workWithin(since, now));
  return {
    content: 'digest',
    notification: digestNotification(digestSubject(rules, state, since), work, rules, settings),
  };
}

/** @returns whether the channel accepted it */
async function send(
  { rules, send: sendOnce }: Channel,
  { content, notification }: DueNotification,
  state: NotificationState,
  { now, redact, stop }: DeliverySettings,
  onDelivery: (delivery: Delivery) => Promise<void>,
): Promise<boolean> {
  const { kind, detail } = await sendOnce(notification, now, stop);
  if (stop.aborted && kind === 'failed') return false;
  const answer = { kind, detail: visibleLine(redact(detail), false) };
  const earlier = state.channels.find(({ channel }) => channel === rules.name)?.failure;
  const failure = kind === 'accepted' ? undefined : failureAfter(earlier, answer.detail, now);
  await onDelivery({ channel: rules.name, content, answer, failure, at: now });
  return kind === 'accepted';
}
