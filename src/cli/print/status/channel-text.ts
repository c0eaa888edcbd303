import type { KnownChannel } from '../../../model/notify/incident.ts';
import { formatTime } from '../../../model/time.ts';
import { plural } from '../format.ts';

/** A channel of notifications that failed, for people. */
export const channelText = ({ channel, failure }: KnownChannel): string =>
  failure === undefined
    ? `channel ${channel} works`
    : `channel ${channel} did not accept a notification (${plural(failure.failures, 'try', 'tries')}): ` +
      `${failure.detail}; next try at ${formatTime(failure.nextTry)}`;

/** The same for `--json`. */
export const channelLine = ({ channel, failure }: KnownChannel): Readonly<Record<string, unknown>> => ({
  ...{ type: 'channel', channel, failures: failure?.failures ?? 0 },
  ...{ nextTry: failure === undefined ? null : formatTime(failure.nextTry), detail: failure?.detail ?? null },
});
