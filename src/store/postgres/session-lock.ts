import type { Client } from 'pg';
import { OperatorError } from '../../model/errors.ts';
import { describeHolder, type LockHolder } from '../sqlite/lock.ts';
import type { Layout } from './database-layout.ts';
import type { Session } from './session.ts';
import { beginReading, liveHolder, tryLock, unlock, type StateRow } from './state-row.ts';

/** How often, and after which pauses in ms, a lock that is held is tried again: the end of a session takes a moment. */
const attempts = 4;
const pauseMs = 50;

/**
 * The lock of the state. PostgreSQL ends it with the session, so there are no stale locks. Each lock has a number, the
 * epoch: a process that lost its session, and with it the lock, finds another epoch and writes nothing more.
 */
export class SessionLock {
  private readonly layout: Layout;
  private readonly session: Session;
  private readonly sleep: (ms: number) => Promise<void>;
  private epoch: number | undefined;
  /** The connection that has the lock. */
  private owner: Client | undefined;

  constructor(layout: Layout, session: Session, sleep: (ms: number) => Promise<void>) {
    this.layout = layout;
    this.session = session;
    this.sleep = sleep;
  }

  /** Whether this process locked the state and did not free it. */
  get isWanted(): boolean {
    return this.epoch !== undefined;
  }

  /** @throws OperatorError that names the holder */
  async take(client: Client, holder: LockHolder): Promise<void> {
    const { layout } = this;
    for (let attempt = 1; !(await tryLock(client, layout.state)); attempt += 1) {
      if (attempt === attempts) throw new OperatorError('state.locked', await this.describeOther(client));
      await this.sleep(pauseMs);
    }
    const { rows } = await client.query<{ epoch: number }>(
      `update ${layout.state} set epoch = epoch + 1, holder = $1 where id = 1 returning epoch`,
      [JSON.stringify(holder)],
    );
    this.epoch = rows[0]?.epoch;
    this.owner = client;
  }

  /** Frees the lock, which ends with a lost session by itself. */
  async free(): Promise<void> {
    const { epoch, owner } = this;
    this.epoch = undefined;
    this.owner = undefined;
    if (owner === undefined || !this.session.isCurrent(owner)) return;
    await this.session
      .run(async (client) => {
        await client.query(`update ${this.layout.state} set holder = null where id = 1 and epoch = $1`, [epoch]);
        await unlock(client, this.layout.state);
      }, false)
      .catch(() => undefined);
  }

  /** Locks again after a loss of the session. @throws OperatorError if another process took the lock meanwhile */
  async require(client: Client, row: StateRow): Promise<void> {
    if (this.epoch === undefined || (row.epoch === this.epoch && client === this.owner)) return;
    if (row.epoch === this.epoch)
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        if (await tryLock(client, this.layout.state)) {
          this.owner = client;
          return;
        }
        await this.sleep(pauseMs);
      }
    throw new OperatorError(
      'state.lockLost',
      `the connection to the state in ${this.session.place} was lost, and with it the lock. This process sends ` +
        'nothing more, and the next pass finds what is left.',
    );
  }

  private async describeOther(client: Client): Promise<string> {
    const row = await beginReading(client, this.layout);
    try {
      return describeHolder(await liveHolder(client, this.layout, row), this.session.place);
    } finally {
      await this.session.rollBack();
    }
  }
}
