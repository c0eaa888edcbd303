import { hostname } from 'node:os';
import { instant, type Instant } from '../../model/ids.ts';
import type { NotificationState } from '../../model/notify/incident.ts';
import { dayMs, formatTime } from '../../model/time.ts';
import type { Channel } from '../../notify/channel.ts';
import { deliver, type Delivery } from '../../notify/deliver.ts';
import type { DoneWork } from '../../notify/digest.ts';
import { followIncidents, type Facts } from '../../notify/follow-incidents.ts';
import type { CommandTransaction, Store } from '../../store/store.ts';
import { realClock } from '../clock.ts';
import { openView, type Context } from '../context.ts';
import { conditionsAt } from '../facts/read-status.ts';
import { sourceFindings } from '../facts/source-findings.ts';
import { findUpkeep } from '../facts/upkeep.ts';
import { laneNow } from '../print/status/lane-text.ts';
import { factsOfState } from './facts-of-state.ts';
import { nextTimeOfDay } from './next-time-of-day.ts';

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
    {
      ...{ host: hostname(), now, redact: context.redact, stop: context.stop },
      nextTimeOfDay: (timeOfDay, after) => nextTimeOfDay(timeOfDay, context.config.timezone, after),
      workWithin: (since, until) => workWithin(context, since, until),
    },
    async (delivery) => {
      logDelivery(context, delivery);
      await use((store) => store.command(async ({ notifications }) => keep(notifications, delivery)));
    },
  );
}

/** Reads only what incidents are derived from: after each pass, no lane waits for counts of accounts. */
async function readFacts({ config }: Context, now: Instant): Promise<Facts | undefined> {
  const view = openView(config);
  if (view === undefined) return undefined;
  try {
    const isRunning = view.holder() !== undefined;
    const configured = new Set(config.targets.map(({ name }) => name));
    const targets = conditionsAt(view, config, now)
      .filter(({ name }) => configured.has(name))
      .map((target) => ({ ...target, lane: laneNow(target, isRunning) }));
    const [source, upkeep] = [await sourceFindings(view, config, 0), await findUpkeep(config, view, now)];
    const state = { pass: view.lastPass(), targets, source, upkeep, nameAtTarget: view.nameAtTarget };
    return factsOfState(state, config.incidents);
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
  const { opened, confirmed, revised, closed, dropped } = followIncidents(lasting, facts, now);
  for (const { fact, isPending } of opened) notifications.open(fact, isPending, now);
  for (const { id } of confirmed) notifications.confirm(id);
  for (const { id, fact, isWorse } of revised) notifications.revise(id, fact, isWorse ? now : undefined);
  for (const { id } of closed) notifications.close(id, now);
  for (const { id } of dropped) notifications.drop(id);
  notifications.forgetBefore(instant(now - keptMs));
  notifications.keepChannels(
    channels.map(({ rules }) => rules.name),
    now,
  );
  return notifications.state();
}

function keep(notifications: Notifications, { channel, content, failure, at }: Delivery): void {
  if (failure !== undefined) notifications.failed(channel, failure);
  else if (content === 'digest') notifications.digested(channel, at);
  else
    notifications.accepted(
      channel,
      content.map(({ incident, change }) => ({ incident: incident.id, change })),
      at,
    );
}

function logDelivery({ log }: Context, { channel, content, answer, failure }: Delivery): void {
  const what = content === 'digest' ? { digest: true } : { changes: content.length };
  if (failure === undefined) log.info({ channel, ...what, answer: answer.detail }, 'notification sent');
  else
    log.warn(
      { channel, reason: answer.detail },
      `the channel ${channel} did not accept a notification; it is tried again at ${formatTime(failure.nextTry)}`,
    );
}

function workWithin({ config }: Context, since: Instant, until: Instant): DoneWork {
  const view = openView(config);
  try {
    return {
      passes: view?.conditions.passes(since, until) ?? { total: 0, failed: 0 },
      done: view?.conditions.done(since, until) ?? [],
    };
  } finally {
    view?.close();
  }
}
