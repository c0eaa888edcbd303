import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { at, atEnd, errorOf, state, stateFile } from '../state.ts';

const mine = { pid: 4711, host: 'here', command: 'sync', since: at(0) };

function storeAt(file: string): Store {
  const store = openStore(file);
  atEnd(() => store.close());
  return store;
}

describe('the lock of a state file', () => {
  test('the error names the holder', () => {
    const { file, store } = state();
    store.lock(mine);
    const error = errorOf(() => storeAt(file).lock({ ...mine, pid: 1 }));
    expect(error.code).toBe('state.locked');
    expect(error.message).toBe(
      `"scimsync sync" (process 4711 on here, since 1970-01-01T00:00:00.000Z) is at work on ${file}; ` +
        'wait until it has ended, or stop it',
    );
  });

  test('a failed attempt does not change the holder', () => {
    const { file, store } = state();
    store.lock(mine);
    const other = storeAt(file);
    for (let turn = 0; turn < 3; turn += 1) errorOf(() => other.lock({ ...mine, pid: 1 }));
    const view = openReadOnlyStore(file);
    expect(view?.holder()).toEqual(mine);
    view?.close();
  });

  test('a release deletes the holder, and the next pass gets the lock', () => {
    const { file, store, ask } = state();
    store.lock(mine).release();
    expect(ask('select pid from holder')).toEqual([]);
    const lock = storeAt(file).lock({ ...mine, pid: 2 });
    expect(ask('select pid from holder')).toEqual([2]);
    lock.release();
    store.lock(mine).release();
  });

  test('each state file has its own lock', () => {
    state().store.lock(mine);
    state().store.lock(mine);
  });

  test('a state in memory needs no file', () => {
    const lock = storeAt(':memory:').lock(mine);
    expect(existsSync(':memory:.lock')).toBe(false);
    lock.release();
  });

  test('other processes can read while it is held', async () => {
    const { file, store } = state();
    store.lock(mine);
    expect(await storeAt(file).mirror.counts()).toEqual({ users: 0, groups: 0, memberships: 0 });
  });

  test('an unusable lock file is not reported as a running pass', () => {
    const { file, store } = state();
    mkdirSync(`${file}.lock`);
    expect(errorOf(() => store.lock(mine)).code).toBe('state.lockUnusable');
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
  const error = errorOf(() => store.lock(mine));
  expect(error.code).toBe('state.locked');
  expect(error.message).toContain(`process ${child.pid} on elsewhere`);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const lock = store.lock(mine);
  const view = openReadOnlyStore(file);
  expect(view?.holder()).toEqual(mine);
  view?.close();
  lock.release();
});
