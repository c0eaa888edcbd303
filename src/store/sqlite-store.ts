import type { Db } from './database.ts';
import { openDatabase } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { openJournal } from './journal.ts';
import { takeLock } from './lock.ts';
import { openMirror } from './mirror.ts';
import type { Store } from './store.ts';
import { openTarget, type OpenTarget } from './target-store.ts';
import { Turns } from './turns.ts';

/** Thrown to take a transaction back, and never seen outside. */
class TakeBack extends Error {}

/** Opens the state in a SQLite file; `:memory:` for a state that nobody keeps. @throws OperatorError */
export function openStore(file: string): Store {
  const db = openDatabase(file);
  const turns = new Turns();
  const commits = new GroupCommit(db, turns);
  const targets = new Map<string, OpenTarget>();
  const targetOf = (name: string): OpenTarget => {
    let target = targets.get(name);
    if (target === undefined) targets.set(name, (target = openTarget(db, commits, name)));
    return target;
  };
  // Targets that were met for the first time, and their temporary tables, are taken back with everything else.
  const forgetTargets = (): void => targets.clear();
  const journal = openJournal(db, commits, targetOf);

  return {
    mirror: openMirror(db),
    journal,
    lock: (holder) => takeLock(db, file, holder),
    transaction: (work) => turns.take(() => inTransaction(db, work, forgetTargets)),
    async rehearse(work) {
      let result: { readonly value: Awaited<ReturnType<typeof work>> } | undefined;
      try {
        await turns.take(() =>
          inTransaction(
            db,
            async () => {
              result = { value: await work() };
              throw new TakeBack();
            },
            forgetTargets,
          ),
        );
      } catch (error) {
        if (!(error instanceof TakeBack)) throw error;
      }
      if (result === undefined) throw new TakeBack();
      return result.value;
    },
    async target(name) {
      return targetOf(name);
    },
    close() {
      db.close();
    },
  };
}

async function inTransaction<T>(db: Db, work: () => Promise<T>, takenBack: () => void): Promise<T> {
  db.exec('begin immediate');
  try {
    const result = await work();
    db.exec('commit');
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec('rollback');
    takenBack();
    throw error;
  }
}
