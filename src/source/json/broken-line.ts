import type { Cells } from '../table/cells.ts';

/** A name with its value: a text, a number, true or false. */
const members = /"((?:[^"\\]|\\.)*)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d[\d.eE+-]*|true|false))/g;

/** A name with the first part of a text or number, with which the line ends. */
const cutMember = /"((?:[^"\\]|\\.)*)"\s*:\s*"?((?:[^"\\{}[\],]|\\.)*)$/;

/**
 * What can be found in a line that is not valid JSON, so that the absent users whom it could mean are kept.
 *
 * @param columns all columns, in the order of the header
 * @param key the column with the key
 */
export function refusedCells(
  line: Extract<Cells, { readonly refused: string }>,
  bytes: Buffer,
  columns: readonly string[],
  key: string | undefined,
): Cells {
  const text = bytes.toString('utf8');
  const values = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(members)) {
    const value = quoted === undefined ? plain : unquoted(quoted);
    if (value !== undefined && !values.has(name)) values.set(name, value);
  }
  const [, cutName, cutText = ''] = cutMember.exec(text) ?? [];
  return {
    ...line,
    found: columns.map((name) => values.get(name.slice(name.lastIndexOf('.') + 1)) ?? values.get(name)),
    ...(key !== undefined && cutName === key && !values.has(key) && cutText !== '' ? { cutKey: cutText } : {}),
  };
}

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
