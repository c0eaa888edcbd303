import { Mutex } from 'async-mutex';
import type { Client } from 'pg';
import { OperatorError } from '../../model/errors.ts';
import type { Db } from '../database.ts';
import type { Daemons, SharedState, StateLock, Waiting, WorkPermit } from '../interface/shared-state.ts';
import type { LockHolder } from '../sqlite/lock.ts';
import type { Transactions } from '../sqlite/transactions.ts';
import { isUpToDate } from './bring-up-to-date.ts';
import { ChangeWatch } from './change-watch.ts';
import { connectTo } from './connect.ts';
import { readMark, writeMark } from './copy-mark.ts';
import { layoutOf, type Layout } from './database-layout.ts';
import { followCommits } from './follower.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { SessionLock } from './session-lock.ts';
import { Session } from './session.ts';
import {
  beginReading,
  beginWriting,
  createState,
  hasState,
  liveHolder,
  requireKnownVersion,
  type StateRow,
} from './state-row.ts';
import { awaitWork, daemonsOf, passLimits } from './work-lock.ts';
import { WorkingCopy } from './working-copy.ts';
import { needsAllRows, writeCommit, type Commit } from './write-commit.ts';

/** How long a lost database is waited for, in ms: a server restarts, or another one takes its place. */
const defaultPatienceMs = 60_000;

/**
 * A state in PostgreSQL. This process asks a working copy in SQLite, and writes to both (docs/decisions/0111):
 *
 *     begin     lock the row of the state; what others committed since goes to the copy; begin in the copy
 *     work      in the copy only, by the same statements as without a database
 *     commit    the rows that changed go to the database and are committed there, then in the copy
 *
 * If the process dies between the two commits, the copy lacks the last one, and gets it when it begins again. If the
 * connection is lost, the work is still in the copy: it is sent again, unless others wrote meanwhile.
 */
export class PostgresState implements SharedState {
  private readonly options: PostgresOptions;
  private readonly layout: Layout;
  private readonly session: Session;
  private readonly sessionLock: SessionLock;
  private readonly copy: WorkingCopy;
  private readonly turns = new Mutex();
  private transaction: OpenTransaction | undefined;
  private isCreated = false;
  private endFollowing: (() => Promise<void>) | undefined;

  /** @throws OperatorError for an unusable URL */
  constructor(options: PostgresOptions) {
    const { settings, clock, file, isTemporary, patienceMs = defaultPatienceMs } = options;
    this.options = options;
    this.layout = layoutOf(settings.schema);
    this.session = new Session(settings, clock, patienceMs);
    this.sessionLock = new SessionLock(this.layout, this.session, (ms) => clock.sleep(ms));
    this.copy = new WorkingCopy(file, isTemporary);
  }

  get place(): string {
    return this.session.place;
  }

  refresh(): Promise<boolean> {
    return this.turns.runExclusive(() => {
      // A copy that is being made looks like another file.
      this.copy.requireOwn();
      return this.session.run((client) => this.read(client), false);
    });
  }

  /** Brings the copy to the last commit. @returns whether there is a state */
  private async read(client: Client): Promise<boolean> {
    if (!(await hasState(client, this.layout))) {
      this.copy.remove();
      return false;
    }
    const row = await beginReading(client, this.layout);
    try {
      requireKnownVersion(row, this.place);
      if (row.revision === 0) this.copy.remove();
      else await this.bringCopyTo(client, row);
      return row.revision > 0;
    } finally {
      await this.session.rollBack();
    }
  }

  transactions(local: Transactions): Transactions {
    return {
      begin: (db) => this.begin(db, local),
      commit: (db) => this.commit(db, local),
      rollback: (db) => this.rollback(db, local),
      run: async (db, work) => {
        await this.begin(db, local);
        try {
          work();
          await this.commit(db, local);
        } catch (error) {
          await this.rollback(db, local);
          throw error;
        }
      },
    };
  }

  async lock(holder: LockHolder): Promise<StateLock> {
    await this.turns.runExclusive(() =>
      this.session.run(async (client) => {
        await this.create(client);
        await this.sessionLock.take(client, holder);
        await this.writeFirst(client);
      }),
    );
    return { release: () => this.turns.runExclusive(() => this.sessionLock.free()) };
  }

  follow(): void {
    const { settings, clock, writer } = this.options;
    this.endFollowing ??= followCommits(
      (onLost) => connectTo(settings, onLost),
      { channel: this.layout.channel, writer },
      clock,
      // What cannot be read now is read by the next transaction, which reports it.
      async () => void (await this.refresh().catch(() => undefined)),
    );
  }

  async awaitWork(name: string, waiting: Waiting, stop: AbortSignal): Promise<WorkPermit | undefined> {
    const { settings, clock, monotonic } = this.options;
    const io = { settings, layout: this.layout, clock, monotonic, onBeat: () => void this.keepLock() };
    const permit = await awaitWork(io, name, waiting, stop);
    const reconnect = (): void => this.session.reconnect(passLimits);
    // What waits for an answer that a cut network lost waits no longer.
    reconnect();
    permit?.lost.addEventListener('abort', reconnect, { once: true });
    return permit;
  }

  daemons(): Promise<Daemons> {
    return this.session.run((client) => daemonsOf(client, this.layout), false);
  }

  /** Shows the server that the session with the lock lives, while a pass has nothing to write. */
  private async keepLock(): Promise<void> {
    if (!this.sessionLock.isWanted || this.turns.isLocked()) return;
    // A lost session is noticed by the next transaction.
    await this.turns.runExclusive(() => this.session.ping()).catch(() => undefined);
  }

  async replace(): Promise<void> {
    await this.turns.runExclusive(() =>
      this.session.run(async (client) => {
        await this.create(client);
        await this.writeAll(client, () => true);
      }),
    );
  }

  async close(): Promise<void> {
    await this.endFollowing?.();
    await this.session.close();
  }

  /** Writes the copy to an empty state, so that other processes find a state while the first pass runs. */
  private async writeFirst(client: Client): Promise<void> {
    await this.writeAll(client, ({ revision }) => revision === 0);
  }

  /** Writes all rows of the copy. @param isWanted false: the state stays as it is */
  private async writeAll(client: Client, isWanted: (row: StateRow) => boolean): Promise<void> {
    const row = await beginWriting(client, this.layout);
    try {
      await this.sessionLock.require(client, row);
      if (!isWanted(row)) {
        await client.query('rollback');
        return;
      }
      await this.copy.withConnection(async (db) => {
        const stamp = this.nextStamp(row);
        await writeCommit(client, this.layout, {
          ...{ db, watch: new ChangeWatch(db), row, isRedefined: true, hasAllRows: true, stamp },
        });
        writeMark(db, { stamp, revision: row.revision + 1 });
      });
    } catch (error) {
      await this.session.rollBack();
      throw error;
    }
  }

  private async begin(db: Db, local: Transactions): Promise<void> {
    const release = await this.turns.acquire();
    try {
      const { client, row } = await this.session.run((connection) => this.beginRemote(connection, db));
      const watch = this.copy.watchOf(db);
      watch.begin();
      await local.begin(db);
      this.transaction = { db, client, row, watch, release };
    } catch (error) {
      await this.session.rollBack();
      release();
      throw error;
    }
  }

  /** Begins in the database, with the copy as the database has it. */
  private async beginRemote(client: Client, db: Db): Promise<{ readonly client: Client; readonly row: StateRow }> {
    await this.create(client);
    const row = await beginWriting(client, this.layout);
    requireKnownVersion(row, this.place);
    await this.sessionLock.require(client, row);
    if (row.revision > 0 && !isUpToDate(db, row)) await this.bringCopyTo(client, row);
    if (row.revision === 0 && readMark(db) !== undefined)
      throw new OperatorError(
        'state.vanished',
        `the ${this.place} has no state any more. If it was lost, restore a backup of the database; otherwise start ` +
          'this process again, and it begins with an empty state',
      );
    return { client, row };
  }

  private async commit(db: Db, local: Transactions): Promise<void> {
    const { transaction } = this;
    if (transaction === undefined) throw new Error('no transaction is open');
    const { watch, row } = transaction;
    const isRedefined = watch.end();
    const hasAllRows = needsAllRows(db, row);
    if (isRedefined || hasAllRows || watch.hasChanges()) {
      const stamp = this.nextStamp(row);
      const commit = { db, watch, row, isRedefined, hasAllRows, stamp };
      await this.session.run((client) => this.commitRemote(client, transaction, commit));
      writeMark(db, { stamp, revision: row.revision + 1 });
      watch.clear();
    } else await this.session.rollBack();
    await local.commit(db);
    this.end();
  }

  /** Commits to the database; after a loss of the connection, unless that was done before it. */
  private async commitRemote(client: Client, transaction: OpenTransaction, commit: Commit): Promise<void> {
    if (client !== transaction.client) {
      const row = await beginWriting(client, this.layout);
      await this.sessionLock.require(client, row);
      if (row.stamp === commit.stamp) {
        await client.query('rollback');
        return;
      }
      if (row.stamp !== transaction.row.stamp)
        throw new OperatorError(
          'state.overtaken',
          `the connection to the state in ${this.place} was lost, and another process wrote to it before this one ` +
            'could go on. What was being written is taken back, and the next pass finds what is left.',
        );
    }
    await writeCommit(client, this.layout, commit);
  }

  private async rollback(db: Db, local: Transactions): Promise<void> {
    const { transaction } = this;
    if (transaction?.db !== db) return;
    await local.rollback(db);
    transaction.watch.forget();
    await this.session.rollBack();
    this.end();
  }

  /** Identifies a commit. */
  private nextStamp({ revision }: StateRow): string {
    const { writer, clock } = this.options;
    return `${writer} ${clock.now()} ${revision + 1}`;
  }

  private end(): void {
    this.transaction?.release();
    this.transaction = undefined;
  }

  private async create(client: Client): Promise<void> {
    if (!this.isCreated && !(await hasState(client, this.layout)))
      await createState(client, this.layout, this.options.settings.schema);
    this.isCreated = true;
  }

  private async bringCopyTo(client: Client, row: StateRow): Promise<void> {
    const holder = this.sessionLock.isWanted ? 'own' : await liveHolder(client, this.layout, row);
    await this.copy.bringTo(client, this.layout, row, holder);
  }
}
