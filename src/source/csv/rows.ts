import { isUtf8 } from 'node:buffer';
import { sourceKey } from '../../model/ids.ts';
import type { RejectedRow } from '../../model/row.ts';
import type { ParsedRow } from '../source.ts';
import { dateAttributes, validityReader } from '../validity.ts';
import type { ActiveCondition, RowCondition } from '../row-condition.ts';
import { activeColumn, parseActive, type ActiveResult } from './active.ts';
import type { Cells } from './parse-records.ts';
import type { RawRecord } from './record-splitter.ts';
import { attributesOf, fieldsOf, splitValues, trimmedCell, type Fields } from './fields.ts';
import { indexOf, type Header } from './header.ts';
import { groupsColumn, type CsvSettings, type CsvTable, type GroupsFile, type MembershipsFile } from './settings.ts';

/** Converts one row. An invalid row is rejected, and the reading continues. */
export type ReadRow = (cells: Cells, record: RawRecord) => ParsedRow;

/** In UTF-16 code units. */
const maxKeyLength = 512;

/** Rows of the users' file. The condition can use every column, not only those in `used`. */
export function userRows(
  settings: CsvSettings,
  table: CsvTable,
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

  const isActive = (cells: readonly string[]): ActiveResult => {
    if (activeCondition !== undefined) return activeCondition.evaluate(attributesOf(cells, allFields));
    return activeIndex === undefined ? true : parseActive(cells[activeIndex] ?? '');
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
      column === undefined ? undefined : [...new Set(splitValues(cells[groupsIndex] ?? '', column.separator))];
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

/** Rows of the groups' file. */
export function groupRows(
  settings: GroupsFile,
  { delimiter }: Pick<CsvTable, 'delimiter'>,
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

/** Rows of the memberships' file. */
export function membershipRows(
  settings: MembershipsFile,
  { delimiter }: Pick<CsvTable, 'delimiter'>,
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
type RowFilter = (cells: readonly string[]) => ReturnType<RowCondition['evaluate']>;

function rowFilter(where: RowCondition | undefined, fields: Fields): RowFilter {
  return where === undefined ? () => true : (cells) => where.evaluate(attributesOf(cells, fields));
}

const allColumns = (header: Header): Fields => fieldsOf(header, undefined, () => undefined);

/** Where a row has its key, and in memberships its member. */
interface RowColumns {
  readonly keyIndex: number;
  readonly keyColumn: string;
  readonly memberIndex?: number;
  readonly delimiter: string;
}

/** Reads the rows with a valid key. Their key is certain also where `read` rejects them. */
function checkedRow(
  header: Header,
  columns: RowColumns,
  where: RowFilter,
  read: (cells: readonly string[], reject: Reject) => ParsedRow,
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
  | { readonly kind: 'excluded'; readonly cells: readonly string[] }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly isExcluded?: boolean }
  | { readonly kind: 'readable'; readonly cells: readonly string[]; readonly undecided: string | undefined };

/** Leaves rows out by `where`. An invalid row may be half a row of a user, so `where` alone does not leave it out. */
function checkRow(cells: Cells, raw: RawRecord, header: Header, delimiter: string, where: RowFilter): CheckedRow {
  const pieces = piecesOf(cells, raw, delimiter);
  const isPart = where(pieces);
  if ('refused' in cells) return { kind: 'unreadable', reason: cells.refused, isExcluded: isPart === false };
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

/** The cells of a row, or what lies between its delimiters where it cannot be parsed. */
function piecesOf(cells: Cells, { bytes }: RawRecord, delimiter: string): readonly string[] {
  if (!('refused' in cells)) return cells;
  return bytes
    .toString('utf8')
    .split(delimiter)
    .map((piece) => piece.trim().replace(/^"(.*)"$/s, '$1'));
}

/** A row whose key is not certain, with all that could identify it. */
function unreadableRow(
  raw: RawRecord,
  cells: Cells,
  header: Header,
  { keyIndex, memberIndex, delimiter }: RowColumns,
  { reason, isExcluded }: { readonly reason: string; readonly isExcluded?: boolean },
): ParsedRow {
  const pieces = piecesOf(cells, raw, delimiter).map((piece) => piece.trim());
  const difference = pieces.length - header.width;
  // A missing or additional cell before the key moves it.
  const around = (index: number): readonly string[] =>
    pieces.slice(Math.max(0, index + Math.min(0, difference)), index + Math.max(0, difference) + 1);
  const isCutInKey = pieces.length === keyIndex + 1 && difference < 0;
  const isCutBeforeMember = memberIndex !== undefined && pieces.length <= memberIndex;
  return {
    kind: 'rejected',
    line: raw.line,
    key: 'refused' in cells ? undefined : shownKey(pieces[keyIndex] ?? ''),
    reason,
    ...('refused' in cells && cells.isUndecodable === true ? { isUndecodable: true } : {}),
    subject: {
      kind: 'unknown',
      text: rawText(raw.bytes),
      keyCells: around(keyIndex),
      ...(isCutInKey ? { cutKey: pieces[keyIndex] } : {}),
      ...(memberIndex === undefined || isCutBeforeMember ? {} : { memberCells: around(memberIndex) }),
      ...(isExcluded === true ? { isExcluded } : {}),
    },
  };
}

/** Bytes that are no UTF-8 are read as windows-1252, too: the usual encoding of such exports. */
function rawText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? text : `${text}\n${new TextDecoder('windows-1252').decode(bytes)}`;
}

const shownKey = (key: string): string | undefined => (key === '' ? undefined : key.slice(0, maxKeyLength));

function keyError(key: string, column: string): string | undefined {
  if (key === '') return `${column} is blank`;
  if (key.length > maxKeyLength)
    return `${column} has ${key.length} characters, and the maximum for a key is ${maxKeyLength}`;
  return /\p{Cc}/u.test(key) ? `${column} holds a control character, which is not allowed in a key` : undefined;
}
