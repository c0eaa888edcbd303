import { instant, sourceKey } from '../model/ids.ts';
import type { Db } from './database.ts';
import { countPresent, openIntake } from './intake.ts';
import { toRecord, type RecordRow } from './rows.ts';
import type { Mirror, Reading } from './store.ts';

const recordColumns = 'kind, key, active, attributes';

/** The source as it was last read completely. */
export function openMirror(db: Db): Mirror {
  const last = db.prepare('select number, at, fingerprint, shape, columns, rejected, bookmark, completed from reading');
  const one = db.prepare(`select ${recordColumns} from record where kind = ? and key = ? and gone is null`);
  const byKey = db.prepare(`select ${recordColumns} from record where key = ? and gone is null and kind <> 'Nested'`);
  const byValue = db.prepare(
    `select ${recordColumns} from record where gone is null and kind <> 'Nested' and attributes like '%' || ? || '%' escape '\\' limit 200`,
  );
  const groupsOf = db
    .prepare('select group_key from edge where member_key = ? and gone is null order by group_key')
    .pluck();
  const membersOf = db
    .prepare(
      'select member_key from edge where group_key = ? and member_key > ? and gone is null order by member_key limit ?',
    )
    .pluck();

  const unknown = `from record g join reference f on f.record = g.id and f.towards = 'member' join handle h on h.id = f.handle
    where g.kind = 'Group' and g.key = ? and g.gone is null
      and not exists (select 1 from bearer b join record r on r.id = b.record and r.gone is null where b.handle = f.handle)`;
  const strangers = db.prepare(`select h.text ${unknown} order by h.text limit ?`).pluck();
  const countStrangers = db.prepare(`select count(*) ${unknown}`).pluck();

  return {
    async last() {
      const row = last.get() as
        | (Omit<Reading, 'columns' | 'at' | 'completed' | 'bookmark'> & {
            columns: string;
            at: number;
            completed: number;
            bookmark: string | null;
          })
        | undefined;
      if (row === undefined) return undefined;
      const columns = JSON.parse(row.columns) as Reading['columns'];
      return {
        ...row,
        at: instant(row.at),
        columns,
        completed: instant(row.completed),
        bookmark: row.bookmark ?? undefined,
      };
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
      return (byValue.all(escaped) as RecordRow[])
        .map(toRecord)
        .filter((record) =>
          Object.values(record.attributes).some((values) => values.some((value) => value.toLowerCase() === wanted)),
        )
        .slice(0, 20);
    },
    async groupsOf(member) {
      return (groupsOf.all(member) as string[]).map(sourceKey);
    },
    async membersOf(group, after, limit) {
      return (membersOf.all(group, after, limit) as string[]).map(sourceKey);
    },
    async strangers(group, limit) {
      return { total: countStrangers.get(group) as number, handles: strangers.all(group, limit) as string[] };
    },
  };
}
