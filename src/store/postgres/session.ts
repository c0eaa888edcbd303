import type { Client } from 'pg';
import type { Clock } from '../../model/clock.ts';
import { connectTo, placeOf, type PostgresSettings, type SessionLimits } from './connect.ts';
import { databaseFailure, isConnectionLoss } from './connection-failure.ts';

/** Pauses between attempts to reach the database, in ms. */
const firstPauseMs = 100;
const maxPauseMs = 2_000;

/**
 * The connection of this process to the database. One that is lost is opened again: a restart of the server, or another
 * server in its place, keeps a pass waiting and does not end it.
 */
export class Session {
  readonly place: string;
  private readonly settings: PostgresSettings;
  private readonly clock: Clock;
  private readonly patienceMs: number;
  private client: Client | undefined;
  private isClosed = false;
  private limits: SessionLimits = {};

  /** @param patienceMs how long a lost connection is tried again */
  constructor(settings: PostgresSettings, clock: Clock, patienceMs: number) {
    this.settings = settings;
    this.clock = clock;
    this.patienceMs = patienceMs;
    this.place = placeOf(settings);
  }

  /**
   * Runs work, from its beginning again after each loss of the connection.
   *
   * @param isRetried false: a database that cannot be reached is an error at once
   * @throws OperatorError if the database cannot be used
   */
  async run<T>(work: (client: Client) => Promise<T>, isRetried = true): Promise<T> {
    const since = this.clock.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 2))
      try {
        return await work(await this.connected());
      } catch (error) {
        if (isConnectionLoss(error)) {
          this.drop();
          if (isRetried && !this.isClosed && this.clock.now() - since < this.patienceMs) {
            await this.clock.sleep(pauseMs);
            continue;
          }
        }
        throw databaseFailure(this.place, error) ?? error;
      }
  }

  /** Shows the server that this process lives. @throws OperatorError if the database cannot be reached */
  async ping(): Promise<void> {
    await this.run((client) => client.query('select 1'), false);
  }

  /** Ends what the connection has open. A lost connection has nothing open. */
  async rollBack(): Promise<void> {
    try {
      await this.client?.query('rollback');
    } catch {
      this.drop();
    }
  }

  /** Ends the connection, with what waits for it: that is tried again on a new one, with these limits. */
  reconnect(limits: SessionLimits): void {
    this.limits = limits;
    this.drop();
  }

  /** Whether this is the connection of the session. */
  isCurrent(client: Client): boolean {
    return this.client === client;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connected(): Promise<Client> {
    if (this.client !== undefined) return this.client;
    let isLost = false;
    const onLost = (): void => {
      isLost = true;
      if (this.client === client) this.client = undefined;
    };
    const client = await connectTo(this.settings, onLost, this.limits);
    if (!isLost) this.client = client;
    return client;
  }

  private drop(): void {
    const { client } = this;
    this.client = undefined;
    void client?.end().catch(() => undefined);
  }
}
