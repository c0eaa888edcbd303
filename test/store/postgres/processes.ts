import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { Clock } from '../../../src/model/clock.ts';
import { instant } from '../../../src/model/ids.ts';
import { PostgresState } from '../../../src/store/postgres/postgres-state.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import type { PostgresCluster } from '../../world/postgres/cluster.ts';
import { atEnd } from '../state.ts';

const clock: Clock = {
  now: () => instant(Date.now()),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** A process that works with a state in PostgreSQL, as far as its store is concerned. */
export interface StateProcess {
  readonly state: PostgresState;
  readonly store: Store;
  /** Its working copy. */
  readonly file: string;
}

/** Starts processes; each has a working copy of its own. */
export function stateProcesses(cluster: () => PostgresCluster): (schema: string) => Promise<StateProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-processes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  return async (schema) => {
    const number = (count += 1);
    const file = join(folder, `${number}.db`);
    const settings = { url: () => cluster().url(), schema, ca: undefined };
    const options = {
      settings,
      file,
      isTemporary: true,
      clock,
      monotonic: () => clock.now(),
      writer: `process ${number}`,
      patienceMs: 5_000,
    };
    const state = new PostgresState(options);
    await state.refresh();
    const isNew = !existsSync(file);
    const store = openStore(file, undefined, undefined, state);
    if (isNew)
      await store.command(async ({ notices }) => notices.leave({ command: 'resume', target: 'a' }, instant(0)));
    atEnd(() => {
      store.close();
      void state.close();
    });
    return { state, store, file };
  };
}
