/** One page of a JSON answer. */
export type JsonPage =
  | {
      /** One object of the list in each line, as JSON. */
      readonly lines: readonly string[];
      /** The value at the path of the next page; undefined: there is none. */
      readonly next: unknown;
      /** The value at the path of the total. */
      readonly total: unknown;
    }
  | { readonly problem: string };

/** Where a page has its parts: names separated by dots. */
export interface JsonPaths {
  /** The list; undefined: the whole body. */
  readonly items: string | undefined;
  readonly next: string | undefined;
  readonly total: string | undefined;
}

/** Numbers that a double may change; they are written as they were read. */
const longNumber = /\d{16}|\de\+?\d{3}/i;

/** Reads the list of a page, and where the next page is. */
export function parseJsonPage(text: string, { items, next, total }: JsonPaths): JsonPage {
  const body = tryParse(text);
  if (body === undefined) return { problem: 'it is not valid JSON: it is cut off, or of another format' };
  const list = items === undefined ? body : valueAt(body, items);
  if (!Array.isArray(list))
    return { problem: `it has no list${items === undefined ? ', but ' : ` at "${items}"; it is `}${describe(body)}` };
  return {
    lines: (list as readonly unknown[]).map((item) => JSON.stringify(item)),
    next: next === undefined ? undefined : valueAt(body, next),
    total: total === undefined ? undefined : valueAt(body, total),
  };
}

/** @returns undefined where a name is missing */
function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, name)
          ? (at as Readonly<Record<string, unknown>>)[name]
          : undefined,
      value,
    );
}

/** Names, and no values: an error message may quote personal data. */
function describe(body: unknown): string {
  if (Array.isArray(body)) return 'a list itself; remove "items"';
  if (typeof body !== 'object' || body === null) return 'no object';
  const names = Object.keys(body).slice(0, 10);
  return names.length === 0 ? 'an empty object' : `an object with ${names.map((name) => `"${name}"`).join(', ')}`;
}

function tryParse(text: string): unknown {
  const content = text.replace(/^\ufeff/, '');
  try {
    const value: unknown = JSON.parse(content);
    return longNumber.test(content) ? exactNumbers(content) : value;
  } catch {
    return undefined;
  }
}

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

const exactNumbers = (text: string): unknown =>
  JSON.parse(text, ((_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
      ? rawJson(context.source)
      : value) as (key: string, value: unknown) => unknown);
