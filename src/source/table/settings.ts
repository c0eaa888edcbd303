import type { RowsPolicy } from '../../model/reading/row-choice.ts';
import type { Encoding } from '../../model/reading/encodings.ts';
import type { RowCondition } from '../row-condition.ts';
import type { SourcePart } from '../source.ts';
import type { ValiditySettings } from '../validity.ts';
import type { Content } from './content.ts';

/** How rows are written. `jsonLines`: one JSON object in each line. */
export type Format = 'csv' | 'jsonLines';

/** Options of every part. Format, delimiter and encoding of groups and memberships default to those of users. */
interface PartSettings {
  /** By default `csv`. */
  readonly format?: Format | undefined;
  /** By default the one that a line such as `sep=;` names, then that of the users' part, then a comma. */
  readonly delimiter?: string | undefined;
  /** By default utf-8. A byte order mark overrides it. */
  readonly encoding?: Encoding | undefined;
  /** Lines before the header, as an editor shows them; by default 0. */
  readonly skipLines?: number | undefined;
  /** Columns that exist although no row may have a value for them, where rows name their columns. */
  readonly columns?: readonly string[] | undefined;
  /** A row for which it is false is no part of the source. */
  readonly where?: RowCondition | undefined;
}

/** Settings of the users. */
export interface UsersSettings extends PartSettings {
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
  /** The column by which they are ordered; by default the order of the rows. */
  readonly orderBy?: string | undefined;
}

/** Settings of the groups. */
export interface GroupsSettings extends PartSettings {
  readonly key: string;
}

/** Groups from a column of the users: their names are their keys. */
export interface GroupsColumn {
  readonly column: string;
  /** By default a semicolon. */
  readonly separator?: string | undefined;
}

/** One row per membership; `group` and `member` are the columns with the keys. */
export interface MembershipsSettings extends PartSettings {
  readonly group: string;
  readonly member: string;
}

/** Settings of a source that consists of rows; `Place` is where the rows of a part are. */
export interface TableSettings<Place extends object = object> {
  readonly users: UsersSettings & Place;
  readonly groups?: (GroupsSettings & Place) | GroupsColumn | undefined;
  readonly memberships?: (MembershipsSettings & Place) | undefined;
}

/** One part of the source, with all defaults applied. */
export interface Table {
  readonly part: SourcePart;
  readonly content: Content;
  /** The name of the content, for messages. */
  readonly name: string;
  readonly format: Format;
  readonly delimiter: string;
  /** Otherwise the content itself, or the users' part, may name another one. */
  readonly isDelimiterConfigured: boolean;
  readonly encoding: Encoding;
  readonly skipLines: number;
  readonly where: RowCondition | undefined;
  /** Columns that must exist, by the setting that names them: `groups.key` → "id". */
  readonly requiredColumns: ReadonlyMap<string, string>;
  /** Columns that exist even if no row has them. */
  readonly columns: readonly string[];
}

/** The places of the parts, in the order in which they are read. */
export function placesOf<Place extends object>({
  users,
  groups,
  memberships,
}: TableSettings<Place>): readonly (readonly [part: SourcePart, place: Place])[] {
  return [
    ['users', users],
    ...(groups !== undefined && 'key' in groups ? ([['groups', groups]] as const) : []),
    ...(memberships === undefined ? [] : ([['memberships', memberships]] as const)),
  ];
}

/** The parts in the order in which they are read. */
export function tablesOf<Place extends object>(
  { users, groups, memberships }: TableSettings<Place>,
  contentOf: (part: SourcePart, place: Place) => Content,
): readonly Table[] {
  const table = (
    part: SourcePart,
    of: PartSettings & Place,
    requiredColumns: readonly (readonly [string, string])[],
  ): Table => {
    const content = contentOf(part, of);
    return {
      part,
      content,
      name: content.name,
      format: of.format ?? users.format ?? 'csv',
      delimiter: of.delimiter ?? users.delimiter ?? ',',
      isDelimiterConfigured: of.delimiter !== undefined,
      encoding: of.encoding ?? users.encoding ?? 'utf-8',
      skipLines: of.skipLines ?? 0,
      where: of.where,
      requiredColumns: new Map(requiredColumns),
      columns: of.columns ?? [],
    };
  };
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

/** The column of the users with the groups; undefined where groups do not come from a column. */
export function groupsColumn({
  groups,
}: Pick<TableSettings, 'groups'>): { readonly name: string; readonly separator: string } | undefined {
  return groups !== undefined && 'column' in groups
    ? { name: groups.column, separator: groups.separator ?? ';' }
    : undefined;
}
