// What a state file contains, read beside the program that uses it.
import Database from 'better-sqlite3';

/** Bytes of the pages in use; pages of deleted rows do not count. */
export function usedBytes(file) {
  const db = new Database(file, { readonly: true });
  try {
    const of = (pragma) => db.pragma(pragma, { simple: true });
    return (of('page_count') - of('freelist_count')) * of('page_size');
  } finally {
    db.close();
  }
}
