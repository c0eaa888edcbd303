import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, jest } from '@jest/globals';
import type { Clock } from '../../../src/model/clock.ts';
import { instant } from '../../../src/model/ids.ts';
import { PostgresState } from '../../../src/store/postgres/postgres-state.ts';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import { describeWithPostgres } from '../../world/postgres/cluster.ts';
import { atEnd } from '../state.ts';
import { describeStore } from './describe-store.ts';
import type { OpenedStore } from './steps.ts';

jest.setTimeout(60_000);

const clock: Clock = {
  now: () => instant(Date.now()),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

// Opening a new file applies all migrations, which takes ten times as long as the copy of an empty state.
const folder = mkdtempSync(join(tmpdir(), 'scimsync-contract-'));
const empty = join(folder, 'empty.db');
beforeAll(() => openStore(empty).close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWithPostgres('the contract of the store', (cluster) => {
  let count = 0;
  /** Each process has a working copy of its own, which it loads when it opens the state. */
  const openProcess = async (schema: string): Promise<{ readonly state: PostgresState; readonly file: string }> => {
    count += 1;
    const file = join(folder, `${count}.db`);
    const settings = { url: cluster().url, schema, ca: undefined };
    const state = new PostgresState({
      settings,
      file,
      isTemporary: true,
      clock,
      monotonic: clock.now,
      writer: `process ${count}`,
    });
    await state.refresh();
    if (!existsSync(file)) copyFileSync(empty, file);
    atEnd(() => void state.close());
    return { state, file };
  };
  const openStoreOf = async (schema: string) => {
    const { state, file } = await openProcess(schema);
    const store = openStore(file, undefined, undefined, state);
    atEnd(() => store.close());
    return store;
  };
  const open = async (): Promise<OpenedStore> => {
    const schema = `contract_${(count += 1)}`;
    return {
      store: await openStoreOf(schema),
      afterDeath: () => openStoreOf(schema),
      async view() {
        const { file } = await openProcess(schema);
        const view = openReadOnlyStore(file);
        if (view === undefined) throw new Error('there is no state');
        atEnd(() => view.close());
        return view;
      },
    };
  };
  describeStore('PostgreSQL', open, { outlastsProcess: true });
});
