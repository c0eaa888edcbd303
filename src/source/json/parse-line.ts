import { isUtf8 } from 'node:buffer';
import type { Cell, Cells } from '../table/cells.ts';

/** A JSON object as columns, or why it is none. */
export type ParsedLine = ReadonlyMap<string, Cell> | { readonly refused: string; readonly isUndecodable?: boolean };

/** Objects in objects. A deeper one is no record of a person. */
const maxDepth = 16;

/**
 * Parses one line. Values become texts, and names of nested objects become paths:
 *
 *     {"id": 7, "on": true}                      id → "7", on → "true"
 *     {"mail": null, "phone": ""}                mail → "", phone → ""             both are no value
 *     {"name": {"given": "Ada"}}                 name.given → "Ada"
 *     {"roles": ["a", "b"]}                      roles → ["a", "b"]
 *     {"mails": [{"v": "a@x"}, {"v": "b@x"}]}    mails.v → ["a@x", "b@x"]
 */
export function parseLine(bytes: Buffer): ParsedLine {
  if (!isUtf8(bytes)) return { refused: 'it holds bytes that are invalid in UTF-8', isUndecodable: true };
  const text = bytes.toString('utf8');
  const value = tryParse(text);
  if (value === undefined) return { refused: 'it is not valid JSON' };
  if (!isObject(value)) return { refused: 'it is not a JSON object' };
  const columns = new Map<string, Cell>();
  try {
    for (const [name, member] of Object.entries(value)) addColumn(columns, name, member, 1);
  } catch (error) {
    if (error instanceof RefusedValue) return { refused: error.message };
    throw error;
  }
  return columns;
}

/**
 * The cells in the order of the columns; a column that the object lacks is blank.
 *
 * @param single columns that hold one value: the key, for example
 */
export function toCells(line: ParsedLine, columns: readonly string[], single: ReadonlySet<string>): Cells {
  if ('refused' in line) return line;
  const cells = columns.map((name) => line.get(name) ?? '');
  const list = columns.find((name, index) => single.has(name) && typeof cells[index] !== 'string');
  return list === undefined ? cells : { refused: `${list} is a list, and it must be one value` };
}

class RefusedValue extends Error {}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function tryParse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return longNumber.test(text) ? exactNumbers(text) : value;
  } catch {
    return undefined;
  }
}

/** What a double may not represent: 12345678901234567 would become 12345678901234568, and 1e999 infinite. */
const longNumber = /\d{16}|\de\+?\d{3}/i;

/** Numbers as they are written, where a double would change them. */
const exactNumbers = (text: string): unknown =>
  JSON.parse(text, ((_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
      ? context.source
      : value) as (key: string, value: unknown) => unknown);

function addColumn(columns: Map<string, Cell>, path: string, value: unknown, depth: number): void {
  if (depth > maxDepth) throw new RefusedValue(`${path} is nested more than ${maxDepth} times`);
  if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) addColumn(columns, `${path}.${name}`, member, depth + 1);
    return;
  }
  if (Array.isArray(value)) {
    addList(columns, path, value, depth);
    return;
  }
  set(columns, path, textOf(value, path));
}

/** The elements of a list; of objects in it, each value is an element of the list at its path. */
function addList(columns: Map<string, Cell>, path: string, list: readonly unknown[], depth: number): void {
  const lists = new Map<string, string[]>();
  const add = (at: string, value: unknown, level: number): void => {
    if (level > maxDepth) throw new RefusedValue(`${at} is nested more than ${maxDepth} times`);
    if (Array.isArray(value)) for (const element of value as readonly unknown[]) add(at, element, level + 1);
    else if (isObject(value))
      for (const [name, member] of Object.entries(value)) add(`${at}.${name}`, member, level + 1);
    else if (value !== null) {
      const texts = lists.get(at);
      if (texts === undefined) lists.set(at, [textOf(value, at)]);
      else texts.push(textOf(value, at));
    }
  };
  for (const element of list) add(path, element, depth);
  if (lists.size === 0) set(columns, path, []);
  for (const [at, texts] of lists) set(columns, at, texts);
}

/** @throws RefusedValue for a second value: {"a.b": 1, "a": {"b": 2}} */
function set(columns: Map<string, Cell>, path: string, cell: Cell): void {
  if (columns.has(path)) throw new RefusedValue(`${path} has two values: as a name and as a path`);
  columns.set(path, cell);
}

function textOf(value: unknown, path: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : '';
  if (/\p{Surrogate}/u.test(text)) throw new RefusedValue(`${path} holds half of a surrogate pair`);
  return text;
}
