import type { Db } from '../database.ts';
import { incremental } from './free-pages.ts';
import type { Rewritten } from './retention-interface.ts';

const pragma = (db: Db, name: string): number => db.pragma(name, { simple: true }) as number;
const bytesOf = (db: Db): number => pragma(db, 'page_count') * pragma(db, 'page_size');

/**
 * Bytes of the file that are free and stay in it: a file that an older version created cannot shrink, until it is
 * rewritten.
 */
export const stuckBytes = (db: Db): number =>
  pragma(db, 'auto_vacuum') === incremental ? 0 : pragma(db, 'freelist_count') * pragma(db, 'page_size');

/**
 * Writes the file from its beginning, without its free pages and in the form that can shrink. It needs the space of the
 * new file beside the old one (https://www.sqlite.org/lang_vacuum.html). A process that dies leaves the old file.
 */
export function rewrite(db: Db): Rewritten {
  const bytesBefore = bytesOf(db);
  db.pragma('auto_vacuum = incremental');
  db.exec('vacuum');
  return { bytesBefore, bytesAfter: bytesOf(db) };
}
