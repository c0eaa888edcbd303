import { IncompleteReading, InvariantError } from '../../model/errors.ts';
import type { Clock } from '../../model/world.ts';
import type { OpenSource, Part, RowBatch, Source, Uses } from '../source.ts';
import type { ActiveRule } from '../active-rule.ts';
import { batchesOf } from './batch.ts';
import { heldStill } from './file.ts';
import { requireUsed } from './header.ts';
import { fingerprintOf, openTable, recordsBelowHeader, type OpenTable } from './open-table.ts';
import { groupRows, membershipRows, userRows, type ReadRow } from './rows.ts';
import { shapeOf } from './shape.ts';
import { groupsColumn, tablesOf, type CsvSettings } from './settings.ts';
import { watchFiles } from './watch.ts';

/** The attribute of groups that come from a column; they have no other. */
const groupName = 'name';

/**
 * People, groups and memberships from CSV files.
 *
 * @param activeRule without it a column called `active` says who is active; without that, everybody in the file is
 */
export function csvSource(settings: CsvSettings, clock: Clock, activeRule?: ActiveRule): Source {
  const tables = tablesOf(settings);
  return {
    label: `CSV ${tables.length === 1 ? 'file' : 'files'} ${tables.map(({ name }) => name).join(', ')}`,
    async open(signal) {
      const opened: OpenTable[] = [];
      for (const table of tables) opened.push(await openTable(table, signal));
      return openSource(settings, opened, activeRule);
    },
    watch: (_since, hear, signal) => watchFiles(tables, clock, hear, signal),
  };
}

function openSource(
  settings: CsvSettings,
  opened: readonly OpenTable[],
  activeRule: ActiveRule | undefined,
): OpenSource {
  const columnsOf = (part: Part): readonly string[] => [
    ...(opened.find(({ table }) => table.part === part)?.header.columns.keys() ?? []),
  ];
  const fromColumn = groupsColumn(settings) !== undefined;
  return {
    columns: { users: columnsOf('users'), groups: fromColumn ? [groupName] : columnsOf('groups') },
    fingerprint: fingerprintOf(opened),
    abilities: [],
    links: undefined,
    shape: (uses) => shapeOf(settings, opened, activeRule, uses),
    async read(uses, _since, signal) {
      if (fromColumn) requireNameOnly(uses);
      // Every header is judged before the first row is given away.
      const readers = opened.map((one) => ({ one, readRow: readerOf(settings, one, uses, activeRule) }));
      return { extent: 'all', batches: rowsOf(readers, signal), bookmark: () => undefined };
    },
    async close() {
      // Nothing is held open between two files.
    },
  };
}

async function* rowsOf(
  readers: readonly { readonly one: OpenTable; readonly readRow: ReadRow }[],
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  for (const { one, readRow } of readers) {
    for await (const records of recordsBelowHeader(one, signal))
      yield* batchesOf(one.table.part, records, one.table.delimiter, readRow);
  }
  // The files are one whole: none may have changed while a later one was read.
  for (const {
    one: { table, state },
  } of readers)
    await heldStill(table, state);
}

/** @throws IncompleteReading where the file lacks columns that are used */
function readerOf(
  settings: CsvSettings,
  { table, header }: OpenTable,
  uses: Uses,
  activeRule: ActiveRule | undefined,
): ReadRow {
  if (table.part === 'users') {
    requireUsed(header, table, uses.users);
    requireUsed(header, table, activeRule?.uses);
    return userRows(settings, table, header, uses.users, activeRule);
  }
  if (table.part === 'groups' && settings.groups !== undefined && 'key' in settings.groups) {
    requireUsed(header, table, uses.groups);
    return groupRows(settings.groups, header, uses.groups);
  }
  if (table.part === 'memberships' && settings.memberships !== undefined)
    return membershipRows(settings.memberships, header);
  throw new InvariantError(`${table.name} was opened as ${table.part}, which the settings do not describe`);
}

function requireNameOnly({ groups }: Uses): void {
  const lacking = [...(groups ?? [])].filter((name) => name !== groupName);
  if (lacking.length === 0) return;
  throw new IncompleteReading(
    `Groups come from a column and have only the attribute "${groupName}", but the configuration uses ` +
      `${lacking.map((name) => `"${name}"`).join(', ')}. Use group.${groupName}, or give the groups a file of their own.`,
  );
}
