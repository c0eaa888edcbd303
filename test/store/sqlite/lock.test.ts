import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { at, atEnd, refusal, state, stateFile } from '../state.ts';

const mine = { pid: 4711, host: 'here', command: 'sync', since: at(0) };

function storeAt(file: string): Store {
  const store = openStore(file);
  atEnd(() => store.close());
  return store;
}

describe('the lock of a state file', () => {
  test('the error names the holder', async () => {
    const { file, store } = state();
    await store.lock(mine);
    const error = await refusal(storeAt(file).lock({ ...mine, pid: 1 }));
    expect(error.code).toBe('state.locked');
    expect(error.message).toBe(
      `"scimsync sync" (process 4711 on here, since 1970-01-01T00:00:00.000Z) is at work on ${file}; ` +
        'wait until it has ended, or stop it',
    );
  });

  test('a failed attempt does not change the holder', async () => {
    const { file, store } = state();
    await store.lock(mine);
    const other = storeAt(file);
    for (let turn = 0; turn < 3; turn += 1) await refusal(other.lock({ ...mine, pid: 1 }));
    const view = openReadOnlyStore(file);
    expect(view?.holder()).toEqual(mine);
    view?.close();
  });

  test('a release deletes the holder, and the next pass gets the lock', async () => {
    const { file, store, ask } = state();
    await (await store.lock(mine)).release();
    expect(ask('select pid from holder')).toEqual([]);
    const lock = await storeAt(file).lock({ ...mine, pid: 2 });
    expect(ask('select pid from holder')).toEqual([2]);
    await lock.release();
    await (await store.lock(mine)).release();
  });

  test('each state file has its own lock', async () => {
    await state().store.lock(mine);
    await state().store.lock(mine);
  });

  test('a state in memory needs no file', async () => {
    const lock = await storeAt(':memory:').lock(mine);
    expect(existsSync(':memory:.lock')).toBe(false);
    await lock.release();
  });

  test('other processes can read while it is held', async () => {
    const { file, store } = state();
    await store.lock(mine);
    expect(await storeAt(file).mirror.counts()).toEqual({ users: 0, groups: 0, memberships: 0 });
  });

  test('an unusable lock file is not reported as a running pass', async () => {
    const { file, store } = state();
    mkdirSync(`${file}.lock`);
    expect((await refusal(store.lock(mine))).code).toBe('state.lockUnusable');
  });
});

async function holding(file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'hold-lock.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('the lock of another process ends when that process is killed', async () => {
  const file = stateFile();
  const child = await holding(file);
  const store = storeAt(file);
  const error = await refusal(store.lock(mine));
  expect(error.code).toBe('state.locked');
  expect(error.message).toContain(`process ${child.pid} on elsewhere`);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const lock = await store.lock(mine);
  const view = openReadOnlyStore(file);
  expect(view?.holder()).toEqual(mine);
  view?.close();
  await lock.release();
});
