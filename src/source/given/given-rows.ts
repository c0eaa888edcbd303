import { hash } from 'node:crypto';
import type { ActiveCondition } from '../row-condition.ts';
import type { Source, SourcePart, UsedAttributes } from '../source.ts';
import type { Content, ContentState } from '../table/content.ts';
import { tablesOf, type TableSettings } from '../table/settings.ts';
import { openTables } from '../table/table-source.ts';
import { validityAttributes } from '../validity.ts';

/** A row by its columns: texts, numbers, Booleans, and lists of them. */
export type GivenRow = Readonly<Record<string, unknown>>;

/** The rows of each part; a part that is not given has none. */
export type GivenRows = Readonly<Partial<Record<SourcePart, readonly GivenRow[]>>>;

/**
 * A source whose rows are given, and are read as those of an export: by the same keys, conditions, dates and lists.
 *
 * @param used columns that exist although no row may have a value for them
 */
export function givenRows(
  settings: TableSettings,
  rows: GivenRows,
  used: UsedAttributes,
  activeCondition?: ActiveCondition,
): Source {
  const { users, groups, memberships } = settings;
  const columnsOf = (...names: readonly (Iterable<string> | undefined)[]): readonly string[] => [
    ...new Set(names.flatMap((each) => [...(each ?? [])])),
  ];
  const ofUsers = [used.users, activeCondition?.usedAttributes, validityAttributes(users.validity)];
  const asLines: TableSettings = {
    users: {
      ...users,
      format: 'jsonLines',
      columns: columnsOf(users.columns, users.where?.usedAttributes, ...ofUsers),
    },
    groups:
      groups !== undefined && 'key' in groups
        ? {
            ...groups,
            format: 'jsonLines',
            columns: columnsOf(groups.columns, groups.where?.usedAttributes, used.groups),
          }
        : groups,
    memberships:
      memberships === undefined
        ? undefined
        : { ...memberships, format: 'jsonLines', columns: columnsOf(memberships.where?.usedAttributes) },
  };
  return {
    label: 'the rows of the case',
    open: (signal) =>
      openTables(
        asLines,
        tablesOf(asLines, (part) => linesOf(`the ${part} of the case`, rows[part] ?? [])),
        activeCondition,
        signal,
      ),
  };
}

function linesOf(name: string, rows: readonly GivenRow[]): Content {
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const state: ContentState = {
    sha256: hash('sha256', bytes),
    identity: name,
    modifiedAt: undefined,
    endsWithLineBreak: true,
  };
  return {
    name,
    async *chunks() {
      if (bytes.length > 0) yield bytes;
      return state;
    },
    async requireUnchanged() {
      // Nothing can change it.
    },
  };
}
