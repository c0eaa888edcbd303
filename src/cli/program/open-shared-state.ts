import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresConfig } from '../../config/state-config.ts';
import type { SharedState } from '../../store/interface/shared-state.ts';
import { realClock } from '../clock.ts';
import { readPemFiles } from '../source/pem-files.ts';

/** A shared state, and the working copy of this process. */
export interface OpenedState {
  readonly shared: SharedState;
  readonly file: string;
  close(): Promise<void>;
}

/**
 * Opens a state in PostgreSQL, and brings the working copy to its last commit.
 *
 * @param kept the file that keeps the copy between processes
 * @throws OperatorError if the database cannot be used
 */
export async function openSharedState(postgres: PostgresConfig, kept: string): Promise<OpenedState> {
  // Only a state in a database loads what reads it.
  const { PostgresState } = await import('../../store/postgres/postgres-state.ts');
  const { caFile, schema, url, isCopyKept } = postgres;
  const { ca } = caFile === undefined ? {} : readPemFiles({ caFile });
  const folder = isCopyKept ? undefined : mkdtempSync(join(tmpdir(), 'scimsync-state-'));
  const file = folder === undefined ? kept : join(folder, 'state.db');
  const remove = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const monotonic = (): number => performance.now();
  const settings = { url: () => url.reveal(), schema, ca };
  try {
    const options = { settings, file, isTemporary: !isCopyKept, clock: realClock, monotonic, writer: randomUUID() };
    const shared = new PostgresState(options);
    await shared.refresh();
    return {
      shared,
      file,
      async close() {
        await shared.close();
        process.off('exit', remove);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
