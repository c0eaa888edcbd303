import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import { atEnd, stateFile } from '../state.ts';
import { describeStore } from './describe-store.ts';
import type { OpenedStore } from './steps.ts';

const closing = <T extends { close(): void }>(opened: T): T => {
  atEnd(() => opened.close());
  return opened;
};

// Opening a new file applies all migrations, which takes ten times as long as the copy of an empty state.
const folder = mkdtempSync(join(tmpdir(), 'scimsync-contract-'));
const empty = join(folder, 'empty.db');
beforeAll(() => openStore(empty).close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFile = (): OpenedStore => {
  const file = stateFile();
  copyFileSync(empty, file);
  return {
    store: closing(openStore(file)),
    afterDeath: () => closing(openStore(file)),
    view() {
      const view = openReadOnlyStore(file);
      if (view === undefined) throw new Error('there is no state');
      return closing(view);
    },
  };
};

describeStore('SQLite in a file', inFile, { outlastsProcess: true });
describeStore('SQLite in memory', () => ({ store: closing(openStore(':memory:')) }), { outlastsProcess: false });
