import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import { atEnd, stateFile } from '../state.ts';
import { describeStore } from './describe-store.ts';
import type { OpenedStore } from './steps.ts';

const closing = <T extends { close(): void }>(opened: T): T => {
  atEnd(() => opened.close());
  return opened;
};

const inFile = (): OpenedStore => {
  const file = stateFile();
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
