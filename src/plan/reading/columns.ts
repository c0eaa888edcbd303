import { quotedName, visibleName } from '../../model/reading/header-name.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import { nearestNames } from '../../model/nearest-name.ts';

/** The parts whose columns decide something. */
export type ColumnPart = 'users' | 'groups';

/** The header of each part, in the order of the file. */
export type Headers = Readonly<Record<ColumnPart, readonly string[]>>;

/**
 * What columns decide without being named by the configuration: role → column. A role is the SCIM path to which a
 * column maps itself, or `active`.
 */
export type ColumnRoles = Readonly<Record<ColumnPart, ReadonlyMap<string, string>>>;

/** The columns of the last accepted reading and of this one, with their roles in the current configuration. */
export interface ColumnComparison {
  /** Undefined: there is no earlier reading. */
  readonly before: { readonly headers: Headers; readonly roles: ColumnRoles } | undefined;
  /** `roles` is undefined where the mapping does not compile with these columns. */
  readonly now: { readonly headers: Headers; readonly roles: ColumnRoles | undefined };
}

/** The header without invisible characters. It is what a first reading is compared with. */
export function visibleHeaders({ users, groups }: Headers): Headers {
  return { users: users.map(visibleName), groups: groups.map(visibleName) };
}

/**
 * Compares which columns decide what. The roles of both headers follow from the current configuration, so a change of
 * the configuration is never reported as a change of the source.
 *
 *     before              now                      judgement
 *     active              Is Active                the column that decided "active" vanished: refused
 *     active              Active                   the same column: nothing
 *     userName            USERNAME, userName       another column replaced it: refused
 *     name, displayName   name                     displayName vanished, although name would replace it: refused
 *     –                   active                   it appeared and decides who is active: refused
 *     –                   title                    it appeared and maps itself: reported
 *     team                –                        it had no role: nothing
 */
export function judgeColumns({ before, now }: ColumnComparison): readonly Judgement[] {
  if (before === undefined) return [];
  return (['users', 'groups'] as const).flatMap((part) => judgePart(part, before, now));
}

function judgePart(
  part: ColumnPart,
  before: NonNullable<ColumnComparison['before']>,
  now: ColumnComparison['now'],
): readonly Judgement[] {
  const header = now.headers[part];
  // Without a header, the part is not configured, now or before.
  if (header.length === 0 || before.headers[part].length === 0) return [];
  const judgements: Judgement[] = [];
  const rolesNow = now.roles?.[part];
  for (const [role, column] of before.roles[part]) {
    const columnNow = rolesNow?.get(role);
    if (isSameColumn(column, columnNow, header)) continue;
    // Where the mapping does not compile, because another column vanished, no role is known.
    if (rolesNow === undefined && hasSpelling(header, column)) continue;
    if (!header.includes(column)) judgements.push(vanished(part, role, column, before.headers[part], header));
    else if (columnNow !== undefined) judgements.push(replaced(part, role, column, columnNow));
  }
  for (const [role, column] of rolesNow ?? []) {
    if (before.roles[part].has(role) || before.headers[part].includes(column)) continue;
    judgements.push(appeared(part, role, column));
  }
  return judgements;
}

/** Another case of a name is the same column, unless the old name is there too. */
const isSameColumn = (before: string, now: string | undefined, header: readonly string[]): boolean =>
  now === before || (now?.toLowerCase() === before.toLowerCase() && !header.includes(before));

const hasSpelling = (header: readonly string[], column: string): boolean =>
  header.some((name) => name.toLowerCase() === column.toLowerCase());

function vanished(
  part: ColumnPart,
  role: string,
  column: string,
  headerBefore: readonly string[],
  header: readonly string[],
): Judgement {
  const newColumns = header.filter((name) => !headerBefore.includes(name));
  const [nearest] = nearestNames(column, newColumns, 1);
  const shown = newColumns.slice(0, maxShownColumns).map(quotedName).join(', ');
  const hint =
    nearest !== undefined
      ? `; the nearest new column is ${quotedName(nearest)}`
      : newColumns.length > 0
        ? `; the new columns are ${shown}`
        : '';
  return {
    code: 'source.columnVanished',
    subject: column,
    numbers: {},
    reason: `the ${part} have no column ${quotedName(column)} any more, which decided ${describeRole(role)}${hint}`,
    refused: true,
  };
}

const maxShownColumns = 5;

function replaced(part: ColumnPart, role: string, column: string, columnNow: string): Judgement {
  return {
    code: 'source.columnReplaced',
    subject: columnNow,
    numbers: {},
    reason:
      `column ${quotedName(columnNow)} of the ${part} now decides ${describeRole(role)}, ` +
      `instead of column ${quotedName(column)}`,
    refused: true,
  };
}

/** A new value for an attribute is harmless; another name or another notion of active concerns every account. */
function appeared(part: ColumnPart, role: string, column: string): Judgement {
  const isDecisive = role === activeRole || role === nameRoles[part];
  return {
    code: isDecisive ? 'source.columnAppeared' : 'source.columnMapped',
    subject: column,
    numbers: {},
    reason: isDecisive
      ? `the ${part} have a new column ${quotedName(column)}, which decides ${describeRole(role)} ` +
        'although the configuration does not name it'
      : `the ${part} have a new column ${quotedName(column)}, which is sent as ${role}`,
    refused: isDecisive,
  };
}

/** The role of the column that decides who is active. No column maps itself to this SCIM attribute. */
export const activeRole = 'active';

const nameRoles: Readonly<Record<ColumnPart, string>> = { users: 'userName', groups: 'displayName' };

const describeRole = (role: string): string => (role === activeRole ? 'who is active' : role);
