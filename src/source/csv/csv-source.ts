import { IncompleteReading, InvariantError } from '../../model/errors.ts';
import type { Clock } from '../../model/clock.ts';
import { nearestNames } from '../../model/nearest-name.ts';
import type { OpenSource, SourcePart, RowBatch, Source, UsedAttributes } from '../source.ts';
import type { ActiveCondition } from '../row-condition.ts';
import { dateAttributes, validityAttributes, type ValiditySettings } from '../validity.ts';
import { activeColumnAmong } from './active.ts';
import { toBatches } from './batch.ts';
import { requireUnchanged } from './file.ts';
import { requireColumns, requireSingle, type Header } from './header.ts';
import { fingerprintOf, openTable, dataRecords, type OpenTable } from './open-table.ts';
import { fittingEncoding } from './encodings/misread.ts';
import { openMisreadings } from './encodings/misreadings.ts';
import { groupRows, membershipRows, userRows, type ReadRow } from './rows.ts';
import { parseSignature } from './parse-signature.ts';
import { groupsColumn, tablesOf, type CsvSettings, type CsvTable } from './settings.ts';
import { settleFiles } from './settle.ts';
import { watchFiles } from './watch.ts';

/** The only attribute of groups that come from a column. */
const groupNameColumn = 'name';

/**
 * Reads users, groups and memberships from CSV files.
 *
 * @param activeCondition decides whether a user is active; by default the column `active` does, and without it all
 * users are active
 */
export function csvSource(settings: CsvSettings, clock: Clock, activeCondition?: ActiveCondition): Source {
  const tables = tablesOf(settings);
  return {
    label: `CSV ${tables.length === 1 ? 'file' : 'files'} ${tables.map(({ name }) => name).join(', ')}`,
    async open(signal) {
      const openTables: OpenTable[] = [];
      for (const table of tables) openTables.push(await openTable(table, openTables[0]?.table.delimiter, signal));
      return openSource(settings, openTables, activeCondition);
    },
    settle: (signal) => settleFiles(tables, settings.settleMs ?? 0, clock, signal),
    watch: (_since, listener, signal) => watchFiles(tables, clock, listener, signal),
  };
}

function openSource(
  settings: CsvSettings,
  openTables: readonly OpenTable[],
  activeCondition: ActiveCondition | undefined,
): OpenSource {
  const columnsOf = (part: SourcePart): readonly string[] => [
    ...(openTables.find(({ table }) => table.part === part)?.header.columns.keys() ?? []),
  ];
  const hasGroupsColumn = groupsColumn(settings) !== undefined;
  return {
    columns: { users: columnsOf('users'), groups: hasGroupsColumn ? [groupNameColumn] : columnsOf('groups') },
    fingerprint: fingerprintOf(openTables),
    files: openTables.map(({ table: { part, name }, state: { modifiedAt, endsWithLineBreak } }) => ({
      part,
      name,
      modifiedAt,
      endsWithLineBreak,
    })),
    signs: signsOf(activeCondition, settings.users.validity),
    isMisread: openTables.some(({ isMisread }) => isMisread),
    isMisreading: openMisreadings(openTables.map(({ detected }) => detected.encoding)),
    async fittingEncoding(known, signal) {
      for (const { table, detected } of openTables) {
        const fitting = await fittingEncoding(table, detected, known, signal);
        if (fitting !== undefined) return fitting;
      }
      return undefined;
    },
    capabilities: [],
    activeColumn: activeCondition === undefined ? activeColumnAmong : () => undefined,
    referenceOptions: undefined,
    signature: (usedAttributes) => parseSignature(settings, openTables, activeCondition, usedAttributes),
    async read(usedAttributes, _since, signal) {
      if (hasGroupsColumn) requireNameOnly(usedAttributes);
      // All headers are checked before the first row is returned.
      const readers = openTables.map((openedTable) => ({
        openedTable,
        readRow: rowReaderFor(settings, openedTable, usedAttributes, activeCondition),
      }));
      return { extent: 'full', batches: readBatches(readers, signal), bookmark: () => undefined };
    },
    async close() {
      // Files are open only while they are read.
    },
  };
}

/** The columns of the condition and of the dates. An empty cell of a column that exists is not hidden. */
function signsOf(condition: ActiveCondition | undefined, validity: ValiditySettings | undefined): OpenSource['signs'] {
  if (condition === undefined && validity === undefined) return undefined;
  const names = new Set([...(condition?.usedAttributes ?? []), ...dateAttributes(validity)]);
  return { names: [...names], mayBeHidden: false };
}

async function* readBatches(
  readers: readonly { readonly openedTable: OpenTable; readonly readRow: ReadRow }[],
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  for (const { openedTable, readRow } of readers) {
    for await (const records of dataRecords(openedTable, signal))
      yield* toBatches(openedTable.table.part, records, openedTable.table.delimiter, readRow);
  }
  // The files belong together: none may have changed while a later one was read.
  for (const {
    openedTable: { table, state },
  } of readers)
    await requireUnchanged(table, state);
}

/** @throws IncompleteReading where the file lacks columns that are used */
function rowReaderFor(
  settings: CsvSettings,
  { table, header }: OpenTable,
  usedAttributes: UsedAttributes,
  activeCondition: ActiveCondition | undefined,
): ReadRow {
  requireConditionColumns(header, table);
  if (table.part === 'users') {
    requireColumns(header, table, usedAttributes.users);
    if (activeCondition !== undefined) requireColumns(header, table, activeCondition.usedAttributes ?? new Set());
    requireColumns(header, table, validityAttributes(settings.users.validity) ?? new Set());
    return userRows(settings, table, header, usedAttributes.users, activeCondition);
  }
  if (table.part === 'groups' && settings.groups !== undefined && 'key' in settings.groups) {
    requireColumns(header, table, usedAttributes.groups);
    return groupRows(settings.groups, table, header, usedAttributes.groups);
  }
  if (table.part === 'memberships' && settings.memberships !== undefined)
    return membershipRows(settings.memberships, table, header);
  throw new InvariantError(`${table.name} was opened as ${table.part}, which is not configured`);
}

/** A missing column would leave out all rows, or none. */
function requireConditionColumns(header: Header, table: CsvTable): void {
  const { name, part, where } = table;
  requireSingle(header, table, where?.usedAttributes ?? []);
  const missing = [...(where?.usedAttributes ?? [])].filter((column) => !header.columns.has(column));
  if (missing.length === 0) return;
  const list = missing.map((column) => {
    const nearest = nearestNames(column, [...header.columns.keys()]).map((candidate) => `"${candidate}"`);
    return `"${column}"${nearest.length === 0 ? '' : ` (nearest: ${nearest.join(', ')})`}`;
  });
  throw new IncompleteReading(
    'csv.whereColumnMissing',
    `source.${part}.where uses ${list.join(', ')}, and ${name} has no such column. ` +
      'Correct the expression or the export. Nothing was planned or changed.',
    4,
  );
}

function requireNameOnly({ groups }: UsedAttributes): void {
  const missing = [...(groups ?? [])].filter((name) => name !== groupNameColumn);
  if (missing.length === 0) return;
  throw new IncompleteReading(
    'csv.groupAttributeMissing',
    `Groups come from a column and have only the attribute "${groupNameColumn}", but the configuration uses ` +
      `${missing.map((name) => `"${name}"`).join(', ')}. ` +
      `Use group.${groupNameColumn}, or put the groups into a file of their own.`,
  );
}
