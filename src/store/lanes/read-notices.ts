import { existsSync } from 'node:fs';
import { connect } from '../sqlite/open-for-reading.ts';
import { openNoticesForReading } from './notices.ts';
import type { NumberedNotice } from './notices-interface.ts';

/** The notices after this one in a state that this process has not open. None in a state of an older version. */
export function readNotices(file: string, after: number): readonly NumberedNotice[] {
  if (!existsSync(file)) return [];
  const db = connect(file, { readonly: true });
  try {
    const isOlder = db.prepare(`select 1 from sqlite_schema where name = 'notice'`).get() === undefined;
    return isOlder ? [] : openNoticesForReading(db).after(after);
  } finally {
    db.close();
  }
}
