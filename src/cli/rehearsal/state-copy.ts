import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp } from '../../store/backup/back-up.ts';
import { requireStateFile } from '../../store/database.ts';
import { stateFailure } from '../../store/sqlite/damage.ts';
import type { Store } from '../../store/store.ts';
import { copyOptions, withStore, type Context } from '../context.ts';

/**
 * Opens a copy of the last committed state, on which passes may work. The real state is only read, also while a daemon
 * works on it; without one, the copy is empty. It is gone when `action` ends, or the process.
 */
export async function withStateCopy<T>(
  context: Context,
  action: (rehearsing: Context, store: Store) => Promise<T>,
): Promise<T> {
  const { config, console, log, stop, commandLine, operator, reload, redact } = context;
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-rehearsal-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const state = join(folder, 'state.db');
  try {
    if (requireStateFile(config.state, undefined, copyOptions()))
      backUp(config.state, state, { ...copyOptions(), overwrite: false });
    // Named one by one: nothing else in a context leads to the real state.
    const rehearsing: Context = {
      ...{ console, log, stop, commandLine, operator, reload, redact },
      config: { ...config, state },
    };
    return await withStore(rehearsing, (store) => action(rehearsing, store)).catch((error: unknown) => {
      throw stateFailure(state, error) ?? error;
    });
  } finally {
    process.off('exit', remove);
    remove();
  }
}
