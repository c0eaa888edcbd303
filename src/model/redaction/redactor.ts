import { base64Spellings } from './base64-spellings.ts';
import { decodeEscapes, type DecodedText } from './decoded-text.ts';

/** Hides secrets in a text. */
export type Redact = (text: string) => string;

/** What stands in the place of a secret. */
export const mask = '•••';

/** Shorter parts of a URL are words such as "hooks". In UTF-16 units. */
const minLengthInUrl = 16;

/** Shorter values are not hidden: hiding every "1" would hide the message. In UTF-16 units. */
const minLength = 4;

/** How many escapes may be nested: a percent-encoded value in a JSON text in another one, with one to spare. */
const maxLevels = 4;

/**
 * Hides every secret in a text, before the text is printed or stored. Servers and gateways repeat requests in their
 * errors, so a secret is found in each of these forms, and where they are nested: percent-encoded (also twice, in any
 * case, and only in part), in a form, in a JSON string, in HTML, and in base64 at any offset. Of a secret that is a
 * URL, also what a server sees of it: the path with the query, and their long parts.
 */
export function textRedactor(secrets: readonly string[]): Redact {
  const values = secrets.flatMap((secret) => [secret, ...partsOfUrl(secret)]);
  const spellings = new Set(values.filter((value) => value.length >= minLength).flatMap(spellingsOf));
  if (spellings.size === 0) return (text) => text;
  // The longest first, so that a secret that begins with another secret is hidden completely.
  const alternatives = [...spellings].sort((one, other) => other.length - one.length).map(escapeForRegExp);
  // A lookahead also finds secrets that overlap.
  const pattern = new RegExp(`(?=(${alternatives.join('|')}))`, 'g');
  return (text) => {
    const ranges = rangesIn(text, pattern);
    return ranges.length === 0 ? text : hide(text, ranges);
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where secrets are, in the text itself and in what its escapes mean. */
function rangesIn(text: string, pattern: RegExp): readonly Range[] {
  const ranges: Range[] = [];
  const decodings: DecodedText[] = [];
  for (let level = text; ;) {
    for (const { index, 1: found = '' } of level.matchAll(pattern))
      ranges.push(inOriginal({ start: index, end: index + found.length }, decodings));
    const decoded = decodings.length < maxLevels ? decodeEscapes(level) : undefined;
    if (decoded === undefined) return ranges;
    decodings.push(decoded);
    level = decoded.text;
  }
}

function inOriginal(range: Range, decodings: readonly DecodedText[]): Range {
  return decodings.reduceRight(
    ({ start, end }, { starts, ends }) => ({ start: starts[start] ?? start, end: ends[end - 1] ?? end }),
    range,
  );
}

function hide(text: string, ranges: readonly Range[]): string {
  let result = '';
  let position = 0;
  for (const { start, end } of [...ranges].sort((one, other) => one.start - other.start || other.end - one.end)) {
    if (end <= position) continue;
    // Two that overlap are one.
    if (start >= position) result += text.slice(position, start) + mask;
    position = end;
  }
  return result + text.slice(position);
}

function partsOfUrl(value: string): readonly string[] {
  if (!/^https?:/i.test(value) || !URL.canParse(value)) return [];
  const { pathname, search } = new URL(value);
  const requested = pathname + search;
  return [requested, ...requested.split(/[/?&=]/)].filter(({ length }) => length >= minLengthInUrl);
}

/** The forms that are no escapes of single characters. A form (HTML) writes spaces as "+". */
function spellingsOf(value: string): readonly string[] {
  const inForm = value.replaceAll(' ', '+');
  return [value, inForm, ...[value, encodeURIComponent(value)].flatMap(base64Spellings)].filter(
    (spelling) => spelling.length >= minLength,
  );
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
