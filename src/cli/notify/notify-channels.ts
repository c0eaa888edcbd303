import { hostname } from 'node:os';
import { instant, type Instant } from '../../model/ids.ts';
import type { NotificationState } from '../../model/notify/incident.ts';
import { dayMs, formatTime } from '../../model/time.ts';
import type { Channel } from '../../notify/channel.ts';
import { deliver, type Delivery } from '../../notify/deliver.ts';
import { followIncidents, type Facts } from '../../notify/follow-incidents.ts';
import type { CommandTransaction, Store } from '../../store/store.ts';
import { realClock } from '../clock.ts';
import { openView, type Context } from '../context.ts';
import { readStatus } from '../facts/read-status.ts';
import { factsOfStatus } from './facts-of-status.ts';

/** Opens the state for a short transaction. */
export type UseStore = <T>(action: (store: Store) => Promise<T>) => Promise<T>;

/** An incident that ended is remembered for this time, in ms. */
const keptMs = 30 * dayMs;

/**
 * Looks at the state, and sends to each channel what it does not know yet. What a channel accepted is kept at once, so
 * that after a crash at most one notification is sent twice. A channel that fails is logged, and tried again later.
 */
export async function notifyChannels(context: Context, channels: readonly Channel[], use: UseStore): Promise<void> {
  if (channels.length === 0) return;
  const now = realClock.now();
  const facts = await readFacts(context, now);
  if (facts === undefined) return;
  const state = await use((store) =>
    store.command(async ({ notifications }) => follow(notifications, facts, channels, now)),
  );
  await deliver(
    channels,
    state,
    { host: hostname(), now, redact: context.redact, stop: context.stop },
    async (delivery) => {
      logDelivery(context, delivery);
      await use((store) => store.command(async ({ notifications }) => keep(notifications, delivery)));
    },
  );
}

async function readFacts({ config }: Context, now: Instant): Promise<Facts | undefined> {
  const view = openView(config);
  if (view === undefined) return undefined;
  try {
    const reading = await view.mirror.last();
    return factsOfStatus(await readStatus(view, config, now), reading?.at, now);
  } finally {
    view.close();
  }
}

type Notifications = CommandTransaction['notifications'];

function follow(
  notifications: Notifications,
  facts: Facts,
  channels: readonly Channel[],
  now: Instant,
): NotificationState {
  const lasting = notifications.state().incidents.filter(({ closed }) => closed === undefined);
  const { opened, revised, closed } = followIncidents(lasting, facts);
  for (const fact of opened) notifications.open(fact, now);
  for (const { id, fact } of revised) notifications.revise(id, fact);
  for (const { id } of closed) notifications.close(id, now);
  notifications.forgetBefore(instant(now - keptMs));
  notifications.keepChannels(
    channels.map(({ rules }) => rules.name),
    now,
  );
  return notifications.state();
}

function keep(notifications: Notifications, { channel, changes, failure, at }: Delivery): void {
  if (failure !== undefined) notifications.failed(channel, failure);
  else
    notifications.accepted(
      channel,
      changes.map(({ incident, change }) => ({ incident: incident.id, change })),
      at,
    );
}

function logDelivery({ log }: Context, { channel, changes, answer, failure }: Delivery): void {
  if (failure === undefined) log.info({ channel, changes: changes.length, answer: answer.detail }, 'notification sent');
  else
    log.warn(
      { channel, reason: answer.detail },
      `the channel ${channel} did not accept a notification; it is tried again at ${formatTime(failure.nextTry)}`,
    );
}
