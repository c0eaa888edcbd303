import { expect, jest, test } from '@jest/globals';
import { tableDigests } from '../../../src/store/backup/table-digests.ts';
import { connect } from '../../../src/store/sqlite/open-for-reading.ts';
import { readNotices } from '../../../src/store/lanes/read-notices.ts';
import { describeWithPostgres } from '../../world/postgres/cluster.ts';
import { seededRandom } from '../../world/random.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { at, person, refusal, stageAndCommit } from '../state.ts';
import { stateProcesses, type StateProcess } from './processes.ts';

jest.setTimeout(60_000);

const holder = { pid: 1, host: 'one', command: 'daemon', since: at(1) };

const leave = ({ store }: StateProcess, target: string): Promise<void> =>
  store.command(({ notices }) => notices.leave({ command: 'pause', target }, at(1)));

const targetsIn = (file: string): readonly unknown[] => readNotices(file, 1).map(({ target }) => target);

/** What a working copy holds. */
function contentOf(file: string): unknown {
  const db = connect(file, { readonly: true });
  try {
    return tableDigests(db);
  } finally {
    db.close();
  }
}

const read = ({ store }: StateProcess, keys: readonly string[]): Promise<unknown> =>
  store.reading((tx) => stageAndCommit(tx, { users: keys.map((key) => person(key)) }, {}));

describeWithPostgres('processes that share a state in PostgreSQL', (cluster) => {
  const start = stateProcesses(cluster);

  test('get what the others committed when they begin a transaction, and at once while they follow', async () => {
    const [one, other] = [await start('follow'), await start('follow')];
    await leave(one, 'first');
    await leave(other, 'second');
    expect(targetsIn(other.file)).toEqual(['first', 'second']);
    expect(targetsIn(one.file)).toEqual(['first']);
    one.state.follow();
    await waitUntil('the commit of the other process', () => targetsIn(one.file).length === 2);
    await leave(other, 'third');
    await waitUntil('the commit of the other process', () => targetsIn(one.file).length === 3);
  });

  test('have equal copies after any readings, also one that loads the state later', async () => {
    const random = seededRandom(4711);
    const processes = [await start('random'), await start('random')];
    for (let round = 0; round < 12; round += 1) {
      const keys = Array.from({ length: 30 }, (_, index) => `p${index}`).filter(() => random() < 0.8);
      const writer = processes[Math.floor(random() * 2)];
      if (writer !== undefined) await read(writer, keys);
    }
    processes.push(await start('random'));
    for (const { state } of processes) await state.refresh();
    const [first, ...others] = processes.map(({ file }) => contentOf(file));
    for (const content of others) expect(content).toEqual(first);
  });

  test('a process that lost its session, and with it the lock, writes nothing more', async () => {
    const [one, other] = [await start('fenced'), await start('fenced')];
    await one.store.lock(holder);
    await leave(one, 'before');
    await cluster().query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
      'scimsync',
    ]);
    const lock = await other.store.lock({ ...holder, host: 'other' });
    expect((await refusal(leave(one, 'late'))).code).toBe('state.lockLost');
    await leave(other, 'after');
    expect(targetsIn(other.file)).toEqual(['before', 'after']);
    await lock.release();
  });

  test('a session that was lost is opened again, with its lock, if no other process took it', async () => {
    const one = await start('again');
    const lock = await one.store.lock(holder);
    await cluster().query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
      'scimsync',
    ]);
    await leave(one, 'after');
    expect(targetsIn(one.file)).toEqual(['after']);
    const error = await refusal((await start('again')).store.lock({ ...holder, host: 'other' }));
    expect(error.message).toContain('"scimsync daemon" (process 1 on one');
    await lock.release();
  });

  test('a loss within a transaction sends its work again, unless another process wrote meanwhile', async () => {
    const [one, other] = [await start('within'), await start('within')];
    const losing = (meanwhile: () => Promise<void>): Promise<void> =>
      one.store.command(async ({ notices }) => {
        await notices.leave({ command: 'pause', target: 'within' }, at(1));
        await cluster().query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
          'scimsync',
        ]);
        await meanwhile();
      });
    await losing(async () => undefined);
    expect(targetsIn(one.file)).toEqual(['within']);
    const error = await refusal(losing(() => leave(other, 'other')));
    expect(error.code).toBe('state.overtaken');
    await leave(one, 'later');
    expect(targetsIn(one.file)).toEqual(['within', 'other', 'later']);
  });

  test('a state of a newer version is refused', async () => {
    const one = await start('newer');
    await cluster().query('update newer.scimsync_state set version = 9999');
    expect((await refusal(leave(one, 'a'))).code).toBe('state.tooNew');
  });

  test('a state that vanished is no new one', async () => {
    const one = await start('vanished');
    await cluster().query('drop schema vanished cascade; create schema vanished');
    expect((await refusal(leave(one, 'a'))).code).toBe('state.vanished');
    expect(targetsIn(one.file)).toEqual([]);
  });
});
