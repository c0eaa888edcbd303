import { managerPath } from '../../model/path.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { FlatResource, Json, KnownState } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { toKnown, type AccountRow } from '../sqlite/rows.ts';
import { accountColumns } from '../snapshot/account-columns.ts';

/** A text that many accounts hold names no single one. */
const maxFound = 200;

/** The accounts of a target with this id, or with this text as a whole value in any letter case. Reads all accounts. */
export function accountsWithValue(
  db: Db,
  target: number,
  resourceType: ResourceType,
  text: string,
): readonly KnownState[] {
  const byId = db.prepare(
    `select ${accountColumns} from account where target = ? and resource_type = ? and remote_id = ?`,
  );
  const withId = byId.all(target, resourceType, text) as AccountRow[];
  if (withId.length > 0) return withId.map(toKnown);
  // The quotation marks of JSON restrict the match to whole values.
  const pattern = JSON.stringify(text).replace(/[\\%_]/g, (character) => `\\${character}`);
  const rows = db
    .prepare(
      `
      select ${accountColumns}
      from account
      where target = :target
        and resource_type = :resourceType
        and body like '%' || :pattern || '%' escape '\\'
      limit ${maxFound}`,
    )
    .all({ target, resourceType, pattern }) as AccountRow[];
  const wanted = text.toLowerCase();
  return rows.map(toKnown).filter(({ body }) => holds(withoutReferences(body), wanted));
}

/** A manager has others' keys as a value. */
const withoutReferences = (body: FlatResource): readonly Json[] =>
  Object.entries(body)
    .filter(([path]) => path !== managerPath)
    .map(([, value]) => value);

function holds(value: Json | readonly Json[], wanted: string): boolean {
  if (typeof value === 'string') return value.toLowerCase() === wanted;
  if (typeof value !== 'object' || value === null) return false;
  const parts: readonly Json[] = Object.values(value);
  return parts.some((part) => holds(part, wanted));
}
