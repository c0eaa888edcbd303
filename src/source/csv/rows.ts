import { sourceKey } from '../../model/ids.ts';
import type { Attributes } from '../../model/record.ts';
import type { ParsedRow } from '../source.ts';
import type { ActiveCondition, RowCondition } from '../row-condition.ts';
import { activeColumn, parseActive, type ActiveResult } from './active.ts';
import type { Cells } from './parse-records.ts';
import { indexOf, type Header } from './header.ts';
import { groupsColumn, type CsvSettings, type CsvTable, type GroupsFile, type MembershipsFile } from './settings.ts';

/** Converts one row. An invalid row is rejected, and the reading continues. */
export type ReadRow = (cells: Cells, line: number) => ParsedRow;

/** In UTF-16 code units. */
const maxKeyLength = 512;

/** The columns to read; cells are split by the separator. */
type Fields = readonly (readonly [name: string, index: number, separator: string | undefined])[];

/** Rows of the users' file. The condition can use every column, not only those in `used`. */
export function userRows(
  settings: CsvSettings,
  table: CsvTable,
  header: Header,
  used: ReadonlySet<string> | undefined,
  activeCondition?: ActiveCondition,
): ReadRow {
  const { key: keyColumn, listSeparator } = settings.users;
  const separatorOf = (name: string): string | undefined => (name === keyColumn ? undefined : listSeparator);
  const usedFields = fieldsOf(header, used, separatorOf);
  const allFields = fieldsOf(header, undefined, separatorOf);
  const keyIndex = indexOf(header, keyColumn);
  const activeIndex = activeCondition === undefined ? activeColumn(header, table.name) : undefined;
  const column = groupsColumn(settings);
  const groupsIndex = column === undefined ? -1 : indexOf(header, column.name);

  const isActive = (cells: readonly string[]): ActiveResult => {
    if (activeCondition !== undefined) return activeCondition.evaluate(attributesOf(cells, allFields));
    return activeIndex === undefined ? true : parseActive(cells[activeIndex] ?? '');
  };
  const where = rowFilter(table.where, allFields);
  return checkedRow(header, keyIndex, where, (cells, reject) => {
    const key = trimmedCell(cells, keyIndex);
    const keyProblem = keyError(key, keyColumn);
    if (keyProblem !== undefined) return reject(keyProblem);
    const active = isActive(cells);
    if (typeof active !== 'boolean') return reject(`cannot determine whether this user is active: ${active.error}`);
    const groups =
      column === undefined ? undefined : [...new Set(splitValues(cells[groupsIndex] ?? '', column.separator))];
    const groupProblem = groups
      ?.map((group) => keyError(group, column?.name ?? ''))
      .find((problem) => problem !== undefined);
    if (groupProblem !== undefined) return reject(groupProblem);
    return {
      kind: 'record',
      record: { resourceType: 'User', key: sourceKey(key), active, attributes: attributesOf(cells, usedFields) },
      groups,
    };
  });
}

/** Rows of the groups' file. */
export function groupRows(settings: GroupsFile, header: Header, used: ReadonlySet<string> | undefined): ReadRow {
  const usedFields = fieldsOf(header, used, () => undefined);
  const keyIndex = indexOf(header, settings.key);
  const where = rowFilter(settings.where, allColumns(header));
  return checkedRow(header, keyIndex, where, (cells, reject) => {
    const key = trimmedCell(cells, keyIndex);
    const keyProblem = keyError(key, settings.key);
    if (keyProblem !== undefined) return reject(keyProblem);
    return {
      kind: 'record',
      record: { resourceType: 'Group', key: sourceKey(key), active: true, attributes: attributesOf(cells, usedFields) },
      groups: undefined,
    };
  });
}

/** Rows of the memberships' file. */
export function membershipRows(settings: MembershipsFile, header: Header): ReadRow {
  const groupIndex = indexOf(header, settings.group);
  const memberIndex = indexOf(header, settings.member);
  const where = rowFilter(settings.where, allColumns(header));
  return checkedRow(header, groupIndex, where, (cells, reject) => {
    const group = trimmedCell(cells, groupIndex);
    const member = trimmedCell(cells, memberIndex);
    const keyProblem = keyError(group, settings.group) ?? keyError(member, settings.member);
    return keyProblem === undefined
      ? { kind: 'membership', membership: { group: sourceKey(group), member: sourceKey(member) } }
      : reject(keyProblem);
  });
}

type Reject = (reason: string) => ParsedRow;

/** Whether the row is part of the source. Cells that a short row lacks are blank. */
type RowFilter = (cells: readonly string[]) => ReturnType<RowCondition['evaluate']>;

function rowFilter(where: RowCondition | undefined, fields: Fields): RowFilter {
  return where === undefined ? () => true : (cells) => where.evaluate(attributesOf(cells, fields));
}

const allColumns = (header: Header): Fields => fieldsOf(header, undefined, () => undefined);

/** Leaves rows out by `where`. Rejects rows that cannot be parsed or have another number of cells than the header. */
function checkedRow(
  header: Header,
  keyIndex: number,
  where: RowFilter,
  read: (cells: readonly string[], reject: Reject) => ParsedRow,
): ReadRow {
  return (cells, line) => {
    if ('refused' in cells) return { kind: 'rejected', line, key: undefined, reason: cells.refused };
    const key = trimmedCell(cells, keyIndex);
    const reject: Reject = (reason) => ({
      kind: 'rejected',
      line,
      key: key === '' ? undefined : key.slice(0, maxKeyLength),
      reason,
    });
    const isPart = where(cells);
    if (isPart === false) return { kind: 'excluded' };
    if (cells.length !== header.width)
      return reject(
        `it has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} and the header has ${header.width}; ` +
          'quote cells that contain the delimiter, and write all cells of every row',
      );
    if (isPart !== true) return reject(`"where" cannot be evaluated: ${isPart.error}`);
    return read(cells, reject);
  };
}

function keyError(key: string, column: string): string | undefined {
  if (key === '') return `${column} is blank`;
  if (key.length > maxKeyLength)
    return `${column} has ${key.length} characters, and the maximum for a key is ${maxKeyLength}`;
  return /\p{Cc}/u.test(key) ? `${column} holds a control character, which is not allowed in a key` : undefined;
}

function fieldsOf(
  header: Header,
  used: ReadonlySet<string> | undefined,
  separatorOf: (name: string) => string | undefined,
): Fields {
  return [...header.columns]
    .filter(([name]) => used === undefined || used.has(name))
    .map(([name, index]) => [name, index, separatorOf(name)]);
}

function attributesOf(cells: readonly string[], fields: Fields): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const [name, index, separator] of fields) {
    const cell = trimmedCell(cells, index);
    const values =
      separator === undefined || !cell.includes(separator)
        ? [cell].filter((value) => value !== '')
        : splitValues(cell, separator);
    if (values.length === 0) continue;
    // An assignment to this name would set the prototype.
    if (name === '__proto__') Object.defineProperty(attributes, name, { value: values, enumerable: true });
    else attributes[name] = values;
  }
  return attributes;
}

function splitValues(cell: string, separator: string): readonly string[] {
  return cell
    .split(separator)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

function trimmedCell(cells: readonly string[], index: number): string {
  return (cells[index] ?? '').trim();
}
