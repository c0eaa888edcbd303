import { statSync } from 'node:fs';
import type { Notice } from '../../daemon/notices.ts';
import { readNotices } from '../../store/lanes/read-notices.ts';
import type { Context, SharedStore } from '../context.ts';

/**
 * Reads what commands changed, since the start and between two calls: from the open state of the running passes, or,
 * while no pass runs, from the file if it was written.
 */
export function noticesOf({ config, log }: Context, shared: SharedStore): () => readonly Notice[] {
  let stamp = stampOf(config.state);
  let last = lastNotice(config.state);
  const read = (): readonly (Notice & { readonly id: number })[] => {
    const store = shared.current();
    if (store !== undefined) return store.notices.after(last);
    const now = stampOf(config.state);
    if (now === stamp) return [];
    const found = readNotices(config.state, last);
    stamp = now;
    return found;
  };
  return () => {
    try {
      const found = read();
      last = found.at(-1)?.id ?? last;
      return found;
    } catch (error) {
      // The passes of the daemon report a state that cannot be read.
      log.debug({ err: error }, 'the notices of commands cannot be read');
      return [];
    }
  };
}

/** The first pass reads what was changed before. A state that cannot be read is reported by it. */
function lastNotice(file: string): number {
  try {
    return readNotices(file, 0).at(-1)?.id ?? 0;
  } catch {
    return 0;
  }
}

/** Differs after each write: a command writes the file, or its write-ahead log while another process reads. */
const stampOf = (file: string): string =>
  [file, `${file}-wal`]
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .map((facts) => `${facts?.ino ?? 0} ${facts?.size ?? 0} ${facts?.mtimeMs ?? 0}`)
    .join(' ');
