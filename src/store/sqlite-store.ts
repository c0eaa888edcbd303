import { AsyncLocalStorage } from 'node:async_hooks';
import { Mutex } from 'async-mutex';
import type { Db } from './database.ts';
import { closeDatabase, openAnotherConnection, openCopy, openDatabase } from './database.ts';
import { GroupCommit } from './sqlite/group-commit.ts';
import { openJournal } from './journal/journal.ts';
import { writeAheadAfterFirstReading } from './sqlite/journal-mode.ts';
import type { WaitForWriter } from './sqlite/begin.ts';
import { inSavepoint, inTransaction, localTransactions, type Transactions } from './sqlite/transactions.ts';
import { CountedMutex } from './planning/counted-mutex.ts';
import type { SharedState, StateLock } from './interface/shared-state.ts';
import { nextTurn } from './planning/next-turn.ts';
import { openPlanningConnections } from './planning/planning-connections.ts';
import { untilQuiet } from './planning/until-quiet.ts';
import { acquireLock, type Lock, type LockHolder } from './sqlite/lock.ts';
import type { CopyOptions } from './sqlite/private-copy.ts';
import { openKeyChangeStore } from './identity/key-change-store.ts';
import { keepUnreadLogins } from './identity/new-user-logins.ts';
import { openJoinedSources } from './joined/joined-sources.ts';
import { openLaneStates } from './lanes/lanes.ts';
import { openNotices } from './lanes/notices.ts';
import { openNotifications } from './notifications/notifications.ts';
import { openMirror } from './mirror/mirror.ts';
import { openRetention } from './retention/retention.ts';
import { openServing } from './serving/serving.ts';
import type { Serving } from './serving/serving-interface.ts';
import { openSourceSearch } from './search/source-search.ts';
import type { Journal } from './interface/every-side.ts';
import type { CommandTransaction, DryRunTransaction, PlanningTransaction, Store } from './store.ts';
import { openFreezeLog } from './suspensions/freezes.ts';
import { openPauseLog } from './suspensions/pauses.ts';
import { openTargetRegistry } from './snapshot/target-registry.ts';
import { openTargetStore, type SqliteTargetStore } from './snapshot/target-store.ts';

/** Below that of transactions and writes: no lane waits for more than one slice. */
const slicePriority = -1;

/** Users whose logins one slice reads: some milliseconds. */
const loginsPerSlice = 200;

/** Thrown to roll a dry run back. It does not leave this file. */
class RollbackDryRun extends Error {}

/**
 * Opens the state in a SQLite file; `:memory:` keeps it until the process ends.
 *
 * @param userId as `openDatabase`
 * @param waitForWriter lets another process end its transaction; undefined: one that lasts long is an error
 * @param shared the database of which the file is a working copy; undefined: the file is the state
 * @throws OperatorError
 */
export function openStore(file: string, userId?: number, waitForWriter?: WaitForWriter, shared?: SharedState): Store {
  const timeoutMs = waitForWriter === undefined ? undefined : shortBusyTimeoutMs;
  const db = openDatabase(file, userId, timeoutMs);
  const afterCommit = writeAheadAfterFirstReading(db);
  const openAnother = file === ':memory:' ? undefined : () => openAnotherConnection(file, timeoutMs);
  return storeOf(db, file, { afterCommit, waitForWriter, openAnother, shared });
}

/** SQLite waits without serving signals, so a long wait consists of short ones. In ms. */
const shortBusyTimeoutMs = 250;

/** Opens a copy of the last committed state, for a dry run. It leaves no trace. @throws OperatorError */
export function openDryRunStore(file: string, options: CopyOptions = {}): Store {
  return storeOf(openCopy(file, options), file);
}

/** How a store works with its file. */
interface StoreOptions {
  /** Runs after each transaction, except those of plannings. */
  readonly afterCommit?: () => void;
  readonly waitForWriter?: WaitForWriter | undefined;
  /** Opens a further connection; undefined: the store has only one. */
  readonly openAnother?: (() => Db) | undefined;
  readonly shared?: SharedState | undefined;
}

/** What is asked and written through one connection. */
interface Tables {
  readonly commits: GroupCommit;
  readonly targets: Map<string, SqliteTargetStore>;
  readonly targetOf: (name: string) => SqliteTargetStore;
  readonly journal: Journal;
}

function tablesOf(db: Db, mutex: Mutex, isInTransaction: () => boolean, { run }: Transactions): Tables {
  const commits = new GroupCommit(mutex, isInTransaction, (work) => run(db, work));
  const targets = new Map<string, SqliteTargetStore>();
  const targetOf = (name: string): SqliteTargetStore => {
    let target = targets.get(name);
    if (target === undefined) targets.set(name, (target = openTargetStore(db, commits, name)));
    return target;
  };
  return { commits, targets, targetOf, journal: openJournal(db, commits, targetOf) };
}

function planningStateOf(db: Db, { targetOf, journal }: Tables): PlanningTransaction {
  return {
    mirror: openMirror(db),
    search: openSourceSearch(db),
    keyChanges: openKeyChangeStore(db),
    suspensions: { ...openPauseLog(db), ...openFreezeLog(db) },
    targets: openTargetRegistry(db, () => undefined),
    journal,
    target: async (name) => targetOf(name),
    nextSlice: () => nextTurn(),
  };
}

function storeOf(db: Db, file: string, options: StoreOptions = {}): Store {
  const { afterCommit, waitForWriter, openAnother, shared } = options;
  const local = localTransactions(waitForWriter);
  const transactions = shared?.transactions(local) ?? local;
  const mutex = new CountedMutex();
  const readings = new Mutex();
  /** The transaction that the caller runs in. What it started may outlive it: a timer, a connection. */
  const callers = new AsyncLocalStorage<{ isOpen: boolean }>();
  const isInTransaction = (): boolean => callers.getStore()?.isOpen === true;
  const tables = tablesOf(db, mutex, isInTransaction, transactions);
  const { commits, targets, targetOf, journal } = tables;
  const servings = new Map<string, Serving>();
  // The rollback also removes rows of new targets and temporary tables, so their objects must be created again.
  const forgetTargets = (): void => {
    targets.clear();
    servings.clear();
  };
  const transaction = <T>(work: () => Promise<T>): Promise<T> => {
    if (isInTransaction()) return inSavepoint(db, work, forgetTargets);
    return mutex.runExclusive(async () => {
      const caller = { isOpen: true };
      try {
        const result = await callers.run(caller, () => inTransaction(transactions, db, work, forgetTargets));
        afterCommit?.();
        return result;
      } finally {
        caller.isOpen = false;
      }
    });
  };

  const state: CommandTransaction & DryRunTransaction & Pick<Store, 'journal' | 'target' | 'lanes'> = {
    mirror: openMirror(db),
    joinedSources: openJoinedSources(db),
    search: openSourceSearch(db),
    journal,
    reading: (work) => transaction(() => work(state)),
    async target(name) {
      return targetOf(name);
    },
    targets: openTargetRegistry(db, forgetTargets),
    lanes: openLaneStates(db, commits, targetOf),
    notices: openNotices(db),
    notifications: openNotifications(db),
    keyChanges: openKeyChangeStore(db),
    suspensions: { ...openPauseLog(db), ...openFreezeLog(db) },
    nextSlice: () => nextTurn(),
  };
  const plannings = openPlanningConnections<PlanningTransaction>(
    { db, state, forget: forgetTargets },
    openAnother === undefined
      ? undefined
      : () => {
          const other = openAnother();
          const its = tablesOf(other, mutex, isInTransaction, transactions);
          return { db: other, state: planningStateOf(other, its), forget: () => its.targets.clear() };
        },
    { mutex, callers, transactions },
  );
  const inSlice = async (work: () => void): Promise<void> => {
    // Requests and timers come first.
    await nextTurn();
    await mutex.runExclusive(
      () =>
        inTransaction(
          transactions,
          db,
          async () => work(),
          () => undefined,
        ),
      slicePriority,
    );
  };
  /** Nothing waits for it. */
  const inQuietSlice = async (work: () => void): Promise<void> => {
    await untilQuiet(mutex);
    await inSlice(work);
  };
  const inState = <T>(work: (tx: typeof state) => Promise<T>): Promise<T> => transaction(() => work(state));
  return {
    ...state,
    async serving(name) {
      let serving = servings.get(name);
      if (serving === undefined) servings.set(name, (serving = openServing(db, commits, targetOf(name))));
      return serving;
    },
    lock: async (holder) => lockBoth(acquireLock(db, file, holder), shared, holder),
    sourceLane: (work) => readings.runExclusive(work),
    planning: (work) => plannings.run((tx, nextSlice) => work({ ...tx, nextSlice })),
    readingAndPlanning: inState,
    command: inState,
    async dryRun(work) {
      let result: { readonly value: Awaited<ReturnType<typeof work>> } | undefined;
      try {
        await transaction(async () => {
          result = { value: await work(state) };
          throw new RollbackDryRun();
        });
      } catch (error) {
        if (!(error instanceof RollbackDryRun)) throw error;
      }
      if (result === undefined) throw new RollbackDryRun();
      return result.value;
    },
    retention: openRetention(db, inQuietSlice, (work) => mutex.runExclusive(work)),
    async keepLogins(rules) {
      let hasMore = false;
      await inSlice(() => {
        hasMore = keepUnreadLogins(db, rules, { atMost: loginsPerSlice });
      });
      return hasMore;
    },
    close() {
      plannings.close();
      closeDatabase(db);
    },
  };
}

/** Locks the shared state after its copy, and frees them in the other order. */
async function lockBoth(local: Lock, shared: SharedState | undefined, holder: LockHolder): Promise<StateLock> {
  if (shared === undefined) return { release: async () => local.release() };
  try {
    const lock = await shared.lock(holder);
    return { release: () => lock.release().finally(() => local.release()) };
  } catch (error) {
    local.release();
    throw error;
  }
}
