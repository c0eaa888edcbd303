import { managerPath } from '../../model/path.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { toKnown, type AccountRow } from '../sqlite/rows.ts';
import { accountColumns } from '../snapshot/account-columns.ts';
import { holdsText, textPattern } from './text-pattern.ts';

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
  const pattern = textPattern(text);
  const rows = db
    .prepare(
      `
      select ${accountColumns}
      from account
      where target = :target
        and resource_type = :resourceType
        and body like :pattern escape '\\'
      limit ${maxFound}`,
    )
    .all({ target, resourceType, pattern }) as AccountRow[];
  return rows.map(toKnown).filter(({ body }) => accountHolds(body, text));
}

/** Whether an account has this text as a whole value, in any letter case. A manager has others' keys as a value. */
export const accountHolds = (body: FlatResource, text: string): boolean =>
  Object.entries(body).some(([path, value]) => path !== managerPath && holdsText(value, text));
