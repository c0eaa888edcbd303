import type { Client } from 'pg';
import type { Clock } from '../../model/clock.ts';

/** Pause after a connection was lost, in ms. */
const pauseMs = 1_000;

/**
 * Listens for commits of others, on a connection of its own.
 *
 * @param open opens a connection that calls back when it is lost
 * @param onCommit after each commit of another process, and after each gap; it does not throw
 * @returns what ends it
 */
export function followCommits(
  open: (onLost: () => void) => Promise<Client>,
  { channel, writer }: { readonly channel: string; readonly writer: string },
  clock: Clock,
  onCommit: () => Promise<void>,
): () => Promise<void> {
  const ending = new AbortController();
  const listen = async (): Promise<void> => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const client = await open(end);
    client.on('notification', ({ payload }) => {
      if (payload?.startsWith(writer) !== true) void onCommit();
    });
    try {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      await onCommit();
      ending.signal.addEventListener('abort', end, { once: true });
      if (!ending.signal.aborted) await ended;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      // The passes report a database that cannot be reached.
      await listen().catch(() => undefined);
      await clock.sleep(pauseMs, ending.signal).catch(() => undefined);
    }
  };
  const following = follow();
  return async () => {
    ending.abort();
    await following;
  };
}
