import type { Client, ClientBase } from 'pg';
import type { Clock } from '../../model/clock.ts';
import type { Daemons, Waiting, WorkPermit } from '../interface/shared-state.ts';
import { connectTo, placeOf, type PostgresSettings } from './connect.ts';
import { databaseFailure } from './connection-failure.ts';
import type { Layout } from './database-layout.ts';
import { sessionsWith, shareLock, tryLock, unlock } from './state-row.ts';

/**
 * The server ends the session of a worker that is silent for this time, in ms, because it was stopped or cut off. The
 * session sends a sign of life at a third of it.
 */
const silenceMs = 12_000;
const beatMs = silenceMs / 3;
/** How often a standby tries to take over, in ms. */
const tryMs = 500;

/** The limits of the session by which passes of a worker write: it ends before the right to work does. */
export const passLimits = { name: 'scimsync', silenceMs: 2 * beatMs } as const;

/** What the lock works with. */
export interface WorkLockIo {
  readonly settings: PostgresSettings;
  readonly layout: Layout;
  readonly clock: Clock;
  /** Milliseconds of a clock that only goes forward, also while the process is stopped. */
  readonly monotonic: () => number;
  /** Another session of this process shows that it lives, too. It does not throw. */
  readonly onBeat: () => void;
}

/** A session, with the signal that it was lost. */
interface OwnSession {
  readonly client: Client;
  readonly lost: AbortController;
}

/**
 * Waits for the lock of the working daemon: that of a session, which the server ends with it.
 *
 * @param name process and host
 * @returns undefined: `stop` was aborted
 */
export async function awaitWork(
  io: WorkLockIo,
  name: string,
  waiting: Waiting,
  stop: AbortSignal,
): Promise<WorkPermit | undefined> {
  let session: OwnSession | undefined;
  while (!stop.aborted) {
    try {
      if (session === undefined || session.lost.signal.aborted) session = await openSession(io, name);
      const since = timesOf(io);
      if (await tryLock(session.client, io.layout.work)) return holdWork(io, session, since);
      waiting.onStandby((await daemonsOf(session.client, io.layout)).worker);
    } catch (error) {
      void session?.client.end().catch(() => undefined);
      session = undefined;
      waiting.onFailure(databaseFailure(placeOf(io.settings), error) ?? error);
    }
    await io.clock.sleep(tryMs, stop).catch(() => undefined);
  }
  await session?.client.end().catch(() => undefined);
  return undefined;
}

async function openSession({ settings, layout }: WorkLockIo, name: string): Promise<OwnSession> {
  const lost = new AbortController();
  const limits = { name: applicationPrefix + name, silenceMs, statementMs: silenceMs - beatMs };
  const client = await connectTo(settings, () => lost.abort(), limits);
  await shareLock(client, layout.daemons);
  return { client, lost };
}

const applicationPrefix = 'scimsync daemon, ';

/** The daemons of a state, by the names that they gave. */
export async function daemonsOf(client: ClientBase, { work, daemons }: Layout): Promise<Daemons> {
  const named = (sessions: readonly string[]): readonly string[] =>
    sessions.map((session) => session.slice(applicationPrefix.length));
  const [worker] = named(await sessionsWith(client, work));
  const all = named(await sessionsWith(client, daemons));
  return { worker, standbys: all.filter((one) => one !== worker) };
}

/** A moment by both clocks: one may be set, and the other one may stand still while the computer is suspended. */
type Times = readonly [wall: number, monotonic: number];

const timesOf = ({ clock, monotonic }: WorkLockIo): Times => [clock.now(), monotonic()];

function holdWork(io: WorkLockIo, { client, lost }: OwnSession, since: Times): WorkPermit {
  const ending = new AbortController();
  /** The last sign of life that the server acknowledged. The server counts from later on. */
  let confirmed = since;
  const beat = async (): Promise<void> => {
    while (!lost.signal.aborted && !ending.signal.aborted) {
      const sent = timesOf(io);
      io.onBeat();
      await client.query('select 1');
      confirmed = sent;
      await io.clock.sleep(beatMs, ending.signal).catch(() => undefined);
    }
  };
  const beating = beat().catch(() => lost.abort());
  const isSilent = (): boolean => timesOf(io).some((now, which) => now - (confirmed[which] ?? now) >= silenceMs);
  return {
    lost: lost.signal,
    isHeld() {
      if (!lost.signal.aborted && isSilent()) lost.abort();
      return !lost.signal.aborted;
    },
    async release() {
      ending.abort();
      await beating;
      if (!lost.signal.aborted) await unlock(client, io.layout.work).catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
}
