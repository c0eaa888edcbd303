import type { Db } from '../database.ts';

/** Pages that one slice gives back: 4 MB. */
const pagesPerSlice = 1_000;
/** Below this part of the file, free pages stay for the next pass. */
const maxFreePart = 0.1;

/**
 * Gives free pages back to the file system. A file that an older version created cannot shrink (`auto_vacuum = none`);
 * its free pages are used again, and `vacuum` rewrites it (rewrite.ts).
 */
export function openFreePages(db: Db): () => boolean {
  const pragma = (name: string): number => db.pragma(name, { simple: true }) as number;
  return () => {
    if (db.memory || pragma('auto_vacuum') !== incremental) return false;
    const free = pragma('freelist_count');
    if (free < pagesPerSlice || free < pragma('page_count') * maxFreePart) return false;
    db.exec(`pragma incremental_vacuum(${pagesPerSlice})`);
    return true;
  };
}

/** The value of `pragma auto_vacuum` for files that shrink by `pragma incremental_vacuum`. */
export const incremental = 2;
