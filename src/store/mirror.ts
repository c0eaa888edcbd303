import { instant, sourceKey } from '../model/ids.ts';
import type { Db } from './database.ts';
import { countPresent, openIntake } from './intake.ts';
import { toRecord, type RecordRow } from './rows.ts';
import type { Mirror, Reading } from './store.ts';

const recordColumns = 'kind, key, active, attributes';

/** The source as it was last read completely. */
export function openMirror(db: Db): Mirror {
  const last = db.prepare('select number, at, fingerprint, shape, columns, rejected from reading');
  const one = db.prepare(`select ${recordColumns} from record where kind = ? and key = ? and gone is null`);
  const byKey = db.prepare(`select ${recordColumns} from record where key = ? and gone is null`);
  const byValue = db.prepare(`select ${recordColumns} from record where gone is null and attributes like '%' || ? || '%' escape '\\' limit 200`);
  const groupsOf = db.prepare('select group_key from edge where member_key = ? and gone is null order by group_key').pluck();

  return {
    async last() {
      const row = last.get() as (Omit<Reading, 'columns' | 'at'> & { columns: string; at: number }) | undefined;
      return row === undefined ? undefined : { ...row, at: instant(row.at), columns: JSON.parse(row.columns) as Reading['columns'] };
    },
    async intake(options) {
      return openIntake(db, options);
    },
    async counts() {
      return countPresent(db);
    },
    async record(kind, key) {
      const row = one.get(kind, key) as RecordRow | undefined;
      return row === undefined ? undefined : toRecord(row);
    },
    async search(text) {
      const exact = (byKey.all(text) as RecordRow[]).map(toRecord);
      if (exact.length > 0) return exact;
      // With its quotation marks it is a whole value, not any text that contains it.
      const escaped = JSON.stringify(text).replace(/[\\%_]/g, (character) => `\\${character}`);
      const wanted = text.toLowerCase();
      return (byValue.all(escaped) as RecordRow[]).map(toRecord)
        .filter((record) => Object.values(record.attributes).some((values) => values.some((value) => value.toLowerCase() === wanted)))
        .slice(0, 20);
    },
    async groupsOf(member) {
      return (groupsOf.all(member) as string[]).map(sourceKey);
    },
  };
}
