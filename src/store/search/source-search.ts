import { sourceKey } from '../../model/ids.ts';
import { managerPath } from '../../model/path.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { foldUnique } from '../../model/target/unique-value.ts';
import type { Db } from '../database.ts';
import { payloadOf } from '../journal/operations.ts';
import { columnsOfRecord } from '../mirror/mirror.ts';
import { hasMirrorTables, prefixOf } from '../joined/mirror-tables.ts';
import { doubtJoin, joinedColumn, toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { FoundRecord, SourceSearch } from './search-interface.ts';
import { formerSpellings, holdsText, textPattern } from './text-pattern.ts';

/** Opens the search. It prepares its statements when they are needed. */
export function openSourceSearch(db: Db): SourceSearch {
  return {
    withJoinedValue(text) {
      const rows = db
        .prepare(
          `select key, joined_key, attributes from joined_user where joined_key = ? or attributes like ? escape '\\'`,
        )
        .all(text, textPattern(text)) as { key: string; joined_key: string; attributes: string }[];
      return rows
        .filter(({ joined_key, attributes }) => joined_key === text || holdsText(JSON.parse(attributes), text))
        .map(({ key }) => ({ resourceType: 'User', key: sourceKey(key) }));
    },
    withDn: (dn, normalise) => [
      ...entriesWithDn(db, '', dn, normalise),
      ...joinedSources(db).flatMap((source) => {
        const usersOf = db.prepare('select key from joined_user where source = ? and joined_key = ?').pluck();
        return entriesWithDn(db, prefixOf(source), dn, normalise)
          .flatMap(({ key }) => usersOf.all(source, key) as string[])
          .map((key): FoundRecord => ({ resourceType: 'User', key: sourceKey(key) }));
      }),
    ],
    withUniqueValue: (text) =>
      toFound(
        db.prepare('select distinct resource_type, key from unique_value where folded = ?').all(foldUnique(text)),
      ),
    withFormerValue(text) {
      const former = db
        .prepare('select resource_type, key from former_value where folded in (select value from json_each(?))')
        .all(JSON.stringify(formerSpellings(text)));
      // Values that no account got: the operation failed, or is held.
      const rows = db
        .prepare(
          `
          select resource_type, key, body, edits
          from (
            select resource_type, key, ${payloadOf('o', 'body')} as body, ${payloadOf('o', 'edits')} as edits
            from operation o indexed by operation_by_name
            where state not in ('done', 'adopted')
          )
          where body like :pattern escape '\\'
            or edits like :pattern escape '\\'`,
        )
        .all({ pattern: textPattern(text) }) as (FoundRow & Record<'body' | 'edits', string | null>)[];
      return toFound([
        ...former,
        ...rows.filter(({ body, edits }) =>
          [body, edits].some((json) => json !== null && holdsText(values(json), text)),
        ),
      ]);
    },
    records(after, limit) {
      const rows = db
        .prepare(
          `
          select r.id, ${columnsOfRecord}, ${joinedColumn}
          from record r ${doubtJoin}
          where r.id > ?
            and removed_in is null
            and resource_type <> 'Nested'
          order by r.id
          limit ?`,
        )
        .all(after, limit) as (RecordRow & { readonly id: number })[];
      return { page: rows.map(toRecord), next: rows.at(-1)?.id };
    },
  };
}

interface FoundRow {
  readonly resource_type: ResourceType;
  readonly key: string;
}

const toFound = (rows: readonly unknown[]): readonly FoundRecord[] =>
  (rows as readonly FoundRow[]).map(({ resource_type, key }) => ({ resourceType: resource_type, key: sourceKey(key) }));

/** The values of a body, or of edits without their paths. References to managers are no values of their users. */
function values(json: string): unknown {
  const parsed = JSON.parse(json) as object;
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(parsed)
    ? (parsed as { path: string; from: unknown; to: unknown }[]).map(({ path, from, to }) => [path, [from, to]])
    : Object.entries(parsed);
  return entries.filter(([path]) => path !== managerPath).map(([, value]) => value);
}

const joinedSources = (db: Db): readonly number[] =>
  (db.prepare('select id from joined_source').pluck().all() as number[]).filter((id) =>
    hasMirrorTables(db, prefixOf(id)),
  );

function entriesWithDn(db: Db, prefix: string, dn: string, normalise: (dn: string) => string): readonly FoundRecord[] {
  const select = (condition: string): string => `
    select r.resource_type, r.key, h.text
    from ${prefix}handle h
    join ${prefix}handle_owner o on o.handle = h.id
    join ${prefix}record r on r.id = o.record
    where ${condition}
      and r.removed_in is null
      and r.resource_type <> 'Nested'`;
  const wanted = normalise(dn);
  const found = toFound(db.prepare(select('h.text = ?')).all(`dn:${wanted}`));
  if (found.length > 0) return found;
  // The directory may compare case or names of attributes in another way: all names are compared.
  const rows = db.prepare(select(`h.text glob 'dn:*'`)).all() as (FoundRow & { readonly text: string })[];
  return toFound(rows.filter(({ text }) => normalise(text.slice('dn:'.length)) === wanted));
}
