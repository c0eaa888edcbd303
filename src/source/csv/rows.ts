import { sourceKey } from '../../model/ids.ts';
import type { Attributes } from '../../model/record.ts';
import type { ParsedRow } from '../source.ts';
import type { ActiveRule } from '../active-rule.ts';
import { activeColumn, activeWord, type Activity } from './active.ts';
import type { Cells } from './cells.ts';
import { indexOf, type Header } from './header.ts';
import { groupsColumn, type CsvSettings, type CsvTable, type GroupsFile, type MembershipsFile } from './settings.ts';

/** What one row says. A row that cannot be believed is rejected, and the reading goes on. */
export type ReadRow = (cells: Cells, line: number) => ParsedRow;

/** In UTF-16 units. */
const longestKey = 512;

/** What the cells of a row are called. */
type Fields = readonly (readonly [name: string, index: number, separator: string | undefined])[];

/** Rows of the users' file. The rule sees every column, whatever `used` keeps. */
export function userRows(
  settings: CsvSettings,
  table: CsvTable,
  header: Header,
  used: ReadonlySet<string> | undefined,
  activeRule?: ActiveRule,
): ReadRow {
  const { key: keyColumn, listSeparator } = settings.users;
  const separatorOf = (name: string): string | undefined => (name === keyColumn ? undefined : listSeparator);
  const kept = fields(header, used, separatorOf);
  const all = fields(header, undefined, separatorOf);
  const keyIndex = indexOf(header, keyColumn);
  const wordIndex = activeRule === undefined ? activeColumn(header, table.name) : undefined;
  const column = groupsColumn(settings);
  const groupsIndex = column === undefined ? -1 : indexOf(header, column.name);

  const activity = (cells: readonly string[]): Activity => {
    if (activeRule !== undefined) return activeRule.evaluate(attributesOf(cells, all));
    return wordIndex === undefined ? true : activeWord(cells[wordIndex] ?? '');
  };
  return whole(header, keyIndex, (cells, reject) => {
    const key = trimmed(cells, keyIndex);
    const fault = keyFault(key, keyColumn);
    if (fault !== undefined) return reject(fault);
    const active = activity(cells);
    if (typeof active !== 'boolean') return reject(`whether the person is active cannot be told: ${active.error}`);
    const groups = column === undefined ? undefined : [...new Set(pieces(cells[groupsIndex] ?? '', column.separator))];
    const groupFault = groups?.map((group) => keyFault(group, column?.name ?? '')).find((found) => found !== undefined);
    if (groupFault !== undefined) return reject(groupFault);
    return {
      kind: 'record',
      record: { kind: 'User', key: sourceKey(key), active, attributes: attributesOf(cells, kept) },
      groups,
    };
  });
}

/** Rows of the groups' file. */
export function groupRows(settings: GroupsFile, header: Header, used: ReadonlySet<string> | undefined): ReadRow {
  const kept = fields(header, used, () => undefined);
  const keyIndex = indexOf(header, settings.key);
  return whole(header, keyIndex, (cells, reject) => {
    const key = trimmed(cells, keyIndex);
    const fault = keyFault(key, settings.key);
    if (fault !== undefined) return reject(fault);
    return {
      kind: 'record',
      record: { kind: 'Group', key: sourceKey(key), active: true, attributes: attributesOf(cells, kept) },
      groups: undefined,
    };
  });
}

/** Rows of the memberships' file. */
export function membershipRows(settings: MembershipsFile, header: Header): ReadRow {
  const groupIndex = indexOf(header, settings.group);
  const memberIndex = indexOf(header, settings.member);
  return whole(header, groupIndex, (cells, reject) => {
    const group = trimmed(cells, groupIndex);
    const member = trimmed(cells, memberIndex);
    const fault = keyFault(group, settings.group) ?? keyFault(member, settings.member);
    return fault === undefined
      ? { kind: 'edge', edge: { group: sourceKey(group), member: sourceKey(member) } }
      : reject(fault);
  });
}

type Reject = (reason: string) => ParsedRow;

/** Only rows that could be parsed and have as many cells as the header has columns. */
function whole(
  header: Header,
  keyIndex: number,
  read: (cells: readonly string[], reject: Reject) => ParsedRow,
): ReadRow {
  return (cells, line) => {
    if ('refused' in cells) return { kind: 'rejected', line, key: undefined, reason: cells.refused };
    const key = trimmed(cells, keyIndex);
    const reject: Reject = (reason) => ({
      kind: 'rejected',
      line,
      key: key === '' ? undefined : key.slice(0, longestKey),
      reason,
    });
    if (cells.length === header.width) return read(cells, reject);
    return reject(
      `it has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} and the header has ${header.width}; ` +
        'quote cells that contain the delimiter, and give every row all its cells',
    );
  };
}

function keyFault(key: string, column: string): string | undefined {
  if (key === '') return `${column} is blank`;
  if (key.length > longestKey) return `${column} has ${key.length} characters, and a key may have ${longestKey}`;
  return /\p{Cc}/u.test(key) ? `${column} holds a control character, which no key may` : undefined;
}

function fields(
  header: Header,
  used: ReadonlySet<string> | undefined,
  separatorOf: (name: string) => string | undefined,
): Fields {
  return [...header.columns]
    .filter(([name]) => used === undefined || used.has(name))
    .map(([name, index]) => [name, index, separatorOf(name)]);
}

function attributesOf(cells: readonly string[], wanted: Fields): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const [name, index, separator] of wanted) {
    const cell = trimmed(cells, index);
    const values =
      separator === undefined || !cell.includes(separator)
        ? [cell].filter((value) => value !== '')
        : pieces(cell, separator);
    if (values.length === 0) continue;
    // A plain assignment to a column of this name would set the prototype.
    if (name === '__proto__') Object.defineProperty(attributes, name, { value: values, enumerable: true });
    else attributes[name] = values;
  }
  return attributes;
}

function pieces(cell: string, separator: string): readonly string[] {
  return cell
    .split(separator)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

function trimmed(cells: readonly string[], index: number): string {
  return (cells[index] ?? '').trim();
}
