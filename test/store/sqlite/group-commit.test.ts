import { describe, expect, test } from '@jest/globals';
import { Mutex } from 'async-mutex';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { GroupCommit } from '../../../src/store/sqlite/group-commit.ts';
import { localTransactions } from '../../../src/store/sqlite/transactions.ts';
import { atEnd, stateFile } from '../state.ts';

interface Fixture {
  readonly commits: GroupCommit;
  readonly mutex: Mutex;
  write(command: string): Promise<void>;
  committed(): unknown[];
}

/** Writes through one connection and reads through another, which sees only committed data. */
function fixture(): Fixture {
  const file = stateFile();
  const [db, other] = [openDatabase(file), openDatabase(file)] as [Db, Db];
  atEnd(() => {
    db.close();
    other.close();
  });
  const mutex = new Mutex();
  const commits = new GroupCommit(
    mutex,
    () => false,
    (work) => localTransactions(undefined).run(db, work),
  );
  const insert = db.prepare('insert into pass (command, started) values (?, 1)');
  return {
    commits,
    mutex,
    write: (command) => commits.write(() => insert.run(command)),
    committed: () => other.prepare('select command from pass order by id').pluck().all(),
  };
}

describe('writes', () => {
  test('resolve after their commit, and not before', async () => {
    const { write, committed } = fixture();
    const done = write('a').then(() => committed());
    expect(committed()).toEqual([]);
    expect(await done).toEqual(['a']);
  });

  test('that start together are committed together, in their order', async () => {
    const { write, committed } = fixture();
    const views = await Promise.all(
      ['a', 'b', 'c'].map(async (command) => {
        await write(command);
        return committed();
      }),
    );
    expect(views).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  test('that start during a commit are not lost', async () => {
    const { write, committed } = fixture();
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await write(`${index} first`);
        await write(`${index} second`);
      }),
    );
    expect(committed()).toHaveLength(100);
  });

  test('a failing write rolls back its batch, and later writes succeed', async () => {
    const { commits, write, committed } = fixture();
    const broken = commits.write(() => {
      throw new Error('full disk');
    });
    const results = await Promise.allSettled([write('before'), broken, write('after')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(broken).rejects.toThrow('full disk');
    expect(committed()).toEqual([]);
    await write('later');
    expect(committed()).toEqual(['later']);
  });

  test('wait for the end of another transaction', async () => {
    const { mutex, write, committed } = fixture();
    let finish = (): void => undefined;
    const busy = mutex.runExclusive(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const order: string[] = [];
    const written = write('a').then(() => order.push('written'));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(committed()).toEqual([]);
    order.push('finished');
    finish();
    await Promise.all([busy, written]);
    expect(order).toEqual(['finished', 'written']);
    expect(committed()).toEqual(['a']);
  });
});
