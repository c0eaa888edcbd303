import { sourceKey } from '../../model/ids.ts';
import type { RejectedRow } from '../../model/row.ts';
import type { ParsedRow } from '../source.ts';
import { dateAttributes, validityReader } from '../validity.ts';
import type { ActiveCondition, RowCondition } from '../row-condition.ts';
import { activeColumn, parseActive, type ActiveResult } from './active.ts';
import { cellText, type Cell, type Cells } from './cells.ts';
import { attributesOf, fieldsOf, trimmedCell, valuesOf, type Fields } from './fields.ts';
import { indexOf, type Header } from './header.ts';
import type { RawRecord } from './open-table.ts';
import { maxKeyLength, piecesOf, rawText, shownKey, unreadableRow, type RowColumns } from './unreadable-row.ts';
import {
  groupsColumn,
  type GroupsSettings,
  type MembershipsSettings,
  type Table,
  type TableSettings,
} from './settings.ts';

/** Converts one row. An invalid row is rejected, and the reading continues. */
export type ReadRow = (cells: Cells, record: RawRecord) => ParsedRow;

/** Rows of the users. The condition can use every column, not only those in `used`. */
export function userRows(
  settings: TableSettings,
  table: Table,
  header: Header,
  used: ReadonlySet<string> | undefined,
  activeCondition?: ActiveCondition,
): ReadRow {
  const { key: keyColumn, listSeparator, orderBy } = settings.users;
  const orderIndex = orderBy === undefined ? -1 : indexOf(header, orderBy);
  const separatorOf = (name: string): string | undefined => (name === keyColumn ? undefined : listSeparator);
  const usedFields = fieldsOf(header, used, separatorOf);
  const allFields = fieldsOf(header, undefined, separatorOf);
  const keyIndex = indexOf(header, keyColumn);
  const activeIndex = activeCondition === undefined ? activeColumn(header, table) : undefined;
  const column = groupsColumn(settings);
  const groupsIndex = column === undefined ? -1 : indexOf(header, column.name);

  const isActive = (cells: readonly Cell[]): ActiveResult => {
    if (activeCondition !== undefined) return activeCondition.evaluate(attributesOf(cells, allFields));
    return activeIndex === undefined ? true : parseActive(cellText(cells[activeIndex]));
  };
  const { validity } = settings.users;
  const readValidity = validity === undefined ? undefined : validityReader(validity, 'excel');
  const where = rowFilter(table.where, allFields);
  const columns: RowColumns = { keyIndex, keyColumn, delimiter: table.delimiter };
  const signs = new Set([...(activeCondition?.usedAttributes ?? []), ...dateAttributes(validity)]);
  const signColumns = [...signs].map((name) => ({
    name,
    index: indexOf(header, name),
  }));
  return checkedRow(header, columns, where, (cells, reject) => {
    const key = trimmedCell(cells, keyIndex);
    const active = isActive(cells);
    if (typeof active !== 'boolean') return reject(`cannot determine whether this user is active: ${active.error}`);
    const period = readValidity?.(attributesOf(cells, allFields)) ?? {};
    if ('error' in period) return reject(period.error);
    const groups =
      column === undefined ? undefined : [...new Set(valuesOf(cells[groupsIndex] ?? '', column.separator))];
    const groupProblem = groups
      ?.map((group) => keyError(group, column?.name ?? ''))
      .find((problem) => problem !== undefined);
    if (groupProblem !== undefined) return reject(groupProblem);
    return {
      kind: 'record',
      record: {
        resourceType: 'User',
        key: sourceKey(key),
        active,
        ...period,
        attributes: attributesOf(cells, usedFields),
      },
      groups,
      ...(orderBy === undefined ? {} : { order: trimmedCell(cells, orderIndex) }),
      signs: signColumns.filter(({ index }) => trimmedCell(cells, index) !== '').map(({ name }) => name),
    };
  });
}

/** Rows of the groups. */
export function groupRows(
  settings: GroupsSettings,
  { delimiter }: Pick<Table, 'delimiter'>,
  header: Header,
  used: ReadonlySet<string> | undefined,
): ReadRow {
  const usedFields = fieldsOf(header, used, () => undefined);
  const keyIndex = indexOf(header, settings.key);
  const where = rowFilter(settings.where, allColumns(header));
  return checkedRow(header, { keyIndex, keyColumn: settings.key, delimiter }, where, (cells) => ({
    kind: 'record',
    record: {
      resourceType: 'Group',
      key: sourceKey(trimmedCell(cells, keyIndex)),
      active: true,
      attributes: attributesOf(cells, usedFields),
    },
    groups: undefined,
  }));
}

/** Rows of the memberships. */
export function membershipRows(
  settings: MembershipsSettings,
  { delimiter }: Pick<Table, 'delimiter'>,
  header: Header,
): ReadRow {
  const groupIndex = indexOf(header, settings.group);
  const memberIndex = indexOf(header, settings.member);
  const where = rowFilter(settings.where, allColumns(header));
  const columns: RowColumns = { keyIndex: groupIndex, keyColumn: settings.group, memberIndex, delimiter };
  return (cells, raw) => {
    const checked = checkRow(cells, raw, header, columns.delimiter, where);
    if (checked.kind === 'excluded') return { kind: 'excluded' };
    if (checked.kind === 'unreadable') return unreadableRow(raw, cells, header, columns, checked);
    const group = trimmedCell(checked.cells, groupIndex);
    const member = trimmedCell(checked.cells, memberIndex);
    const groupError = keyError(group, settings.group);
    const memberError = keyError(member, settings.member);
    const reason = checked.undecided ?? groupError ?? memberError;
    if (reason === undefined)
      return { kind: 'membership', membership: { group: sourceKey(group), member: sourceKey(member) } };
    const subject = {
      kind: 'membership',
      group: groupError === undefined ? group : undefined,
      member: memberError === undefined ? member : undefined,
    } as const;
    return { kind: 'rejected', line: raw.line, key: shownKey(group), reason, subject };
  };
}

type Reject = (reason: string) => ParsedRow;

/** Whether the row is part of the source. Cells that a short row lacks are blank. */
type RowFilter = (cells: readonly (Cell | undefined)[]) => ReturnType<RowCondition['evaluate']>;

function rowFilter(where: RowCondition | undefined, fields: Fields): RowFilter {
  return where === undefined ? () => true : (cells) => where.evaluate(attributesOf(cells, fields));
}

const allColumns = (header: Header): Fields => fieldsOf(header, undefined, () => undefined);

/** Reads the rows with a valid key. Their key is certain also where `read` rejects them. */
function checkedRow(
  header: Header,
  columns: RowColumns,
  where: RowFilter,
  read: (cells: readonly Cell[], reject: Reject) => ParsedRow,
): ReadRow {
  return (cells, raw) => {
    const checked = checkRow(cells, raw, header, columns.delimiter, where);
    if (checked.kind === 'excluded') return { kind: 'excluded', key: trimmedCell(checked.cells, columns.keyIndex) };
    if (checked.kind === 'unreadable') return unreadableRow(raw, cells, header, columns, checked);
    const key = trimmedCell(checked.cells, columns.keyIndex);
    const keyProblem = keyError(key, columns.keyColumn);
    if (keyProblem !== undefined) return unreadableRow(raw, cells, header, columns, { reason: keyProblem });
    const reject: Reject = (reason) => ({ kind: 'rejected', line: raw.line, key, reason, subject: { kind: 'record' } });
    if (checked.undecided !== undefined) return reject(checked.undecided);
    const parsed = read(checked.cells, reject);
    return parsed.kind === 'record' && raw.bytes.includes(lineFeed)
      ? { ...parsed, mayContain: swallowedRows(raw, key) }
      : parsed;
  };
}

const lineFeed = 0x0a;

/** The absent users whom a row over several lines names: a missing quotation mark joins rows. */
function swallowedRows({ line, bytes }: RawRecord, key: string): RejectedRow {
  return {
    kind: 'rejected',
    line,
    key,
    reason: 'it spans several lines and names users who are absent: a quotation mark may be missing',
    subject: { kind: 'unknown', text: rawText(bytes), keyCells: [], isExcluded: true },
  };
}

/** `undecided`: why `where` cannot be evaluated. */
type CheckedRow =
  | { readonly kind: 'excluded'; readonly cells: readonly Cell[] }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly isExcluded?: boolean }
  | { readonly kind: 'readable'; readonly cells: readonly Cell[]; readonly undecided: string | undefined };

/** Leaves rows out by `where`. An invalid row may be half a row of a user, so `where` alone does not leave it out. */
function checkRow(cells: Cells, raw: RawRecord, header: Header, delimiter: string, where: RowFilter): CheckedRow {
  if ('refused' in cells)
    return { kind: 'unreadable', reason: cells.refused, isExcluded: isExcludedByPieces(cells, raw, delimiter, where) };
  const isPart = where(cells);
  if (cells.length !== header.width)
    return {
      kind: 'unreadable',
      reason:
        `it has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} and the header has ${header.width}; ` +
        'quote cells that contain the delimiter, and write all cells of every row',
      isExcluded: isPart === false,
    };
  if (isPart === false) return { kind: 'excluded', cells };
  const undecided = isPart === true ? undefined : `"where" cannot be evaluated: ${isPart.error}`;
  return { kind: 'readable', cells, undecided };
}

/**
 * Whether `where` leaves out a CSV row that cannot be parsed. Parts of a JSON object decide nothing: a value that is
 * missing in them may be in the broken rest.
 */
function isExcludedByPieces(
  cells: Extract<Cells, { readonly refused: string }>,
  raw: RawRecord,
  delimiter: string,
  where: RowFilter,
): boolean {
  return cells.found === undefined && where(piecesOf(cells, raw, delimiter)) === false;
}

function keyError(key: string, column: string): string | undefined {
  if (key === '') return `${column} is blank`;
  if (key.length > maxKeyLength)
    return `${column} has ${key.length} characters, and the maximum for a key is ${maxKeyLength}`;
  return /\p{Cc}/u.test(key) ? `${column} holds a control character, which is not allowed in a key` : undefined;
}
