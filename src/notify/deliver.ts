import type { Instant } from '../model/ids.ts';
import type { ChannelFailure, NotificationState } from '../model/notify/incident.ts';
import type { Redact } from '../model/redaction/redactor.ts';
import { visibleLine } from '../model/text/visible.ts';
import type { Channel, ChannelAnswer } from './channel.ts';
import { deliveryTime, failureAfter } from './delivery-time.ts';
import { dueChanges, type Change } from './due-changes.ts';
import { notificationOf } from './notification.ts';

/** What a channel was sent, and how it answered. */
export interface Delivery {
  readonly channel: string;
  readonly changes: readonly Change[];
  readonly answer: ChannelAnswer;
  /** Undefined: it accepted the changes. */
  readonly failure: ChannelFailure | undefined;
  readonly at: Instant;
}

/** How changes are sent. */
interface DeliverySettings {
  /** The computer, for the people who are reported. */
  readonly host: string;
  readonly now: Instant;
  readonly redact: Redact;
  /** An attempt that it ends is no failure of the channel. */
  readonly stop: AbortSignal;
}

/**
 * Sends to each channel what it is due. Channels do not wait for each other.
 *
 * @param onDelivery keeps the answer. A crash before that sends the same notification once more
 */
export async function deliver(
  channels: readonly Channel[],
  state: NotificationState,
  { host, now, redact, stop }: DeliverySettings,
  onDelivery: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  await Promise.all(
    channels.map(async ({ rules, send }) => {
      const changes = dueChanges(rules, state, now);
      if (changes.length === 0 || deliveryTime(rules, state, now) > now) return;
      const { kind, detail } = await send(notificationOf(changes, rules, { host, now, redact }), now, stop);
      if (stop.aborted && kind === 'failed') return;
      const answer = { kind, detail: visibleLine(redact(detail), false) };
      const earlier = state.channels.find(({ channel }) => channel === rules.name)?.failure;
      const failure = kind === 'accepted' ? undefined : failureAfter(earlier, answer.detail, now);
      await onDelivery({ channel: rules.name, changes, answer, failure, at: now });
    }),
  );
}
