import type { Instant, SourceKey } from '../../../model/ids.ts';
import type { FlatResource } from '../../../model/resource.ts';
import { formatTime } from '../../../model/time.ts';
import type { AccountAt } from '../../../sync/evidence/access-at.ts';
import type { CsvCell } from '../../output/csv.ts';
import type { JsonLine } from '../json-lines.ts';

/** The access of one user at one target. */
export interface AccessRow {
  /** Undefined: now. */
  readonly at: Instant | undefined;
  readonly target: string;
  readonly key: SourceKey;
  readonly name: string;
  readonly account: AccountAt;
  readonly groups: readonly { readonly key: SourceKey; readonly name: string }[];
  /** Undefined: the values of a past time are not known. */
  readonly body: FlatResource | undefined;
}

/** Roles and entitlements of the account (RFC 7643 section 4.1.2), by path. */
const rolesOf = ({ body = {} }: AccessRow): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(body).filter(([path]) => /^(roles|entitlements)\b/i.test(path)));

/** "app  ada@corp.example (7)  active  groups: Red, Blue". */
export function accessText(row: AccessRow): string {
  const { target, key, name, account, groups } = row;
  const label = name === key ? key : `${name} (${key})`;
  const roles = Object.entries(rolesOf(row)).map(([path, value]) => `${path}: ${JSON.stringify(value)}`);
  const memberships = groups.length === 0 ? [] : [`groups: ${groups.map((group) => group.name).join(', ')}`];
  return [target, label, account, ...memberships, ...roles].join('  ');
}

/** The same for `--json`. */
export const accessLine = (row: AccessRow): JsonLine => ({
  ...{ type: 'access', at: row.at === undefined ? null : formatTime(row.at), target: row.target, key: row.key },
  ...{ name: row.name, account: row.account, groups: row.groups },
  roles: row.body === undefined ? null : rolesOf(row),
});

/** The columns of `access --csv`. */
export const accessColumns = ['at', 'target', 'key', 'name', 'account', 'groups', 'roles'] as const;

/** The same for `--csv`. */
export const accessRecord = (row: AccessRow): readonly CsvCell[] => [
  ...[row.at === undefined ? null : formatTime(row.at), row.target, row.key, row.name, row.account],
  row.groups.map(({ name }) => name).join('; '),
  Object.entries(rolesOf(row))
    .map(([path, value]) => `${path}: ${JSON.stringify(value)}`)
    .join('; '),
];
