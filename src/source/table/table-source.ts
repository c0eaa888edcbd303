import { IncompleteReading, InvariantError } from '../../model/errors.ts';
import { nearestNames } from '../../model/nearest-name.ts';
import { openCsvTable } from '../csv/open-csv-table.ts';
import { openMisreadings } from '../csv/encodings/misreadings.ts';
import { openJsonTable } from '../json/open-json-table.ts';
import type { KnownBlocks, OpenSource, RowBatch, SourcePart, UsedAttributes } from '../source.ts';
import type { ActiveCondition } from '../row-condition.ts';
import { dateAttributes, validityAttributes, type ValiditySettings } from '../validity.ts';
import { activeColumnAmong } from './active.ts';
import { toBatches } from './batch.ts';
import { requireColumns, requireSingle, type Header } from './header.ts';
import { fingerprintOf, type OpenTable } from './open-table.ts';
import { parseSignature } from './parse-signature.ts';
import { groupRows, membershipRows, userRows, type ReadRow } from './rows.ts';
import { groupsColumn, type Table, type TableSettings } from './settings.ts';

/**
 * Opens the parts of a source that consists of rows.
 *
 * @throws IncompleteReading
 */
export async function openTables(
  settings: TableSettings,
  tables: readonly Table[],
  activeCondition: ActiveCondition | undefined,
  signal: AbortSignal,
): Promise<OpenSource> {
  const opened: OpenTable[] = [];
  for (const table of tables)
    opened.push(
      table.format === 'csv'
        ? await openCsvTable(table, opened[0]?.table.delimiter, signal)
        : await openJsonTable(table, signal),
    );
  return openSource(settings, opened, activeCondition);
}

/** The only attribute of groups that come from a column. */
const groupNameColumn = 'name';

function openSource(
  settings: TableSettings,
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
    files: openTables.flatMap(({ table: { part, name }, state: { modifiedAt, endsWithLineBreak } }) =>
      modifiedAt === undefined ? [] : [{ part, name, modifiedAt, endsWithLineBreak }],
    ),
    signs: signsOf(activeCondition, settings.users.validity),
    isMisread: openTables.some(({ isMisread }) => isMisread),
    isMisreading: openMisreadings(openTables.map(({ encoding }) => encoding)),
    async fittingEncoding(known, signal) {
      for (const table of openTables) {
        const fitting = await table.fittingEncoding(known, signal);
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
      return {
        extent: 'full',
        batches: readBatches(readers, signal),
        batchesBeside: (known) => readBatches(readers, signal, known),
        bookmark: () => undefined,
      };
    },
    async close() {
      // Each content is open only while it is read.
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
  known?: KnownBlocks,
): AsyncGenerator<RowBatch> {
  for (const { openedTable, readRow } of readers) {
    for await (const records of openedTable.records(signal, known)) yield* toBatches(openedTable, records, readRow);
  }
  // The parts belong together: none may have changed while a later one was read.
  for (const {
    openedTable: { table, state },
  } of readers)
    await table.content.requireUnchanged(state);
}

/** @throws IncompleteReading where the file lacks columns that are used */
function rowReaderFor(
  settings: TableSettings,
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
function requireConditionColumns(header: Header, table: Table): void {
  const { name, part, where } = table;
  requireSingle(header, table, where?.usedAttributes ?? []);
  if (header.isUnknown === true) return;
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
