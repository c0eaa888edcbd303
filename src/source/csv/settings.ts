import { basename } from 'node:path';
import type { RowsPolicy } from '../../model/reading/row-choice.ts';
import type { RowCondition } from '../row-condition.ts';
import type { ValiditySettings } from '../validity.ts';
import type { Encoding } from '../../model/reading/encodings.ts';
import type { SourcePart } from '../source.ts';

/** One CSV file. Delimiter and encoding of groups and memberships default to those of users. */
interface CsvFile {
  /** Absolute. */
  readonly file: string;
  /** By default the one that the file names by a line such as `sep=;`, then that of the users' file, then a comma. */
  readonly delimiter?: string | undefined;
  /** By default utf-8. A byte order mark in the file overrides it. */
  readonly encoding?: Encoding | undefined;
  /** Lines before the header, as an editor shows them; by default 0. */
  readonly skipLines?: number | undefined;
  /** A row for which it is false is no part of the source. */
  readonly where?: RowCondition | undefined;
}

/** Settings of the users' file. */
export interface UsersFile extends CsvFile {
  /** The column that holds the immutable ID. */
  readonly key: string;
  /**
   * Separates several values in one cell; without it every cell is one value. The cell of the key is always one value.
   */
  readonly listSeparator?: string | undefined;
  /** Which of several rows with one key counts; without it such rows are rejected. */
  readonly rows?: RowsPolicy | undefined;
  /** When users have access; without it, dates decide nothing. */
  readonly validity?: ValiditySettings | undefined;
  /** The column by which they are ordered; by default the order of the file. */
  readonly orderBy?: string | undefined;
}

/** Settings of the groups' file. */
export interface GroupsFile extends CsvFile {
  readonly key: string;
}

/** Groups from a column of the users' file: their names are their keys. */
export interface GroupsColumn {
  readonly column: string;
  /** By default a semicolon. */
  readonly separator?: string | undefined;
}

/** One row per membership; `group` and `member` are the columns with the keys. */
export interface MembershipsFile extends CsvFile {
  readonly group: string;
  readonly member: string;
}

/** Settings of a CSV source. */
export interface CsvSettings {
  readonly users: UsersFile;
  readonly groups?: GroupsFile | GroupsColumn | undefined;
  readonly memberships?: MembershipsFile | undefined;
  /** A scheduled pass waits until the files have not changed for this time, in ms. */
  readonly settleMs?: number | undefined;
}

/** One file of the source, with all defaults applied. */
export interface CsvTable {
  readonly part: SourcePart;
  /** Absolute. */
  readonly file: string;
  /** The file name without its folder, for messages. */
  readonly name: string;
  readonly delimiter: string;
  /** Otherwise the file itself, or the users' file, may name another one. */
  readonly isDelimiterConfigured: boolean;
  readonly encoding: Encoding;
  readonly skipLines: number;
  readonly where: RowCondition | undefined;
  /** Columns that must exist, by the setting that names them: `groups.key` → "id". */
  readonly requiredColumns: ReadonlyMap<string, string>;
}

/** The files in the order in which they are read. */
export function tablesOf({ users, groups, memberships }: CsvSettings): readonly CsvTable[] {
  const table = (part: SourcePart, of: CsvFile, requiredColumns: readonly (readonly [string, string])[]): CsvTable => ({
    part,
    file: of.file,
    name: basename(of.file),
    delimiter: of.delimiter ?? users.delimiter ?? ',',
    isDelimiterConfigured: of.delimiter !== undefined,
    encoding: of.encoding ?? users.encoding ?? 'utf-8',
    skipLines: of.skipLines ?? 0,
    where: of.where,
    requiredColumns: new Map(requiredColumns),
  });
  const column = groupsColumn({ groups });
  const tables = [
    table('users', users, [
      ['users.key', users.key],
      ...(users.orderBy === undefined ? [] : [['users.orderBy', users.orderBy] as const]),
      ...(column === undefined ? [] : [['groups.column', column.name] as const]),
    ]),
  ];
  if (groups !== undefined && 'key' in groups) tables.push(table('groups', groups, [['groups.key', groups.key]]));
  if (memberships !== undefined) {
    tables.push(
      table('memberships', memberships, [
        ['memberships.group', memberships.group],
        ['memberships.member', memberships.member],
      ]),
    );
  }
  return tables;
}

/** The column of the users' file with the groups; undefined where groups do not come from a column. */
export function groupsColumn({
  groups,
}: Pick<CsvSettings, 'groups'>): { readonly name: string; readonly separator: string } | undefined {
  return groups !== undefined && 'column' in groups
    ? { name: groups.column, separator: groups.separator ?? ';' }
    : undefined;
}
