import { isUtf8 } from 'node:buffer';
import { BerError, BerReader, berOctets } from '../protocol/ber.ts';

/** Whether the values of an attribute type are compared with their case. */
export type CaseExact = (attributeType: string) => boolean;

const neverExact: CaseExact = () => false;

/** Maps the names and the OID of an attribute type, in lower case, to one name. */
export type CanonicalType = (type: string) => string;

/**
 * `equal`: the server compares names after composition (NFKC, RFC 4518 section 2.3), as OpenLDAP does. `distinct`: it
 * compares their characters one by one, and only ignores their case: 389 Directory Server and Samba keep composed,
 * decomposed and compatibility forms apart.
 */
export type UnicodeForms = 'equal' | 'distinct';

/** Short names of the attribute types used in DNs (RFC 4514 section 3, RFC 4519), by their other names and OIDs. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'cn'],
  ['commonname', 'cn'],
  ['2.5.4.4', 'sn'],
  ['surname', 'sn'],
  ['2.5.4.6', 'c'],
  ['countryname', 'c'],
  ['2.5.4.7', 'l'],
  ['localityname', 'l'],
  ['2.5.4.8', 'st'],
  ['stateorprovincename', 'st'],
  ['2.5.4.9', 'street'],
  ['streetaddress', 'street'],
  ['2.5.4.10', 'o'],
  ['organizationname', 'o'],
  ['2.5.4.11', 'ou'],
  ['organizationalunitname', 'ou'],
  ['0.9.2342.19200300.100.1.25', 'dc'],
  ['domaincomponent', 'dc'],
  ['0.9.2342.19200300.100.1.1', 'uid'],
  ['userid', 'uid'],
  ['2.5.4.42', 'givenname'],
  ['gn', 'givenname'],
  ['2.5.4.5', 'serialnumber'],
  ['0.9.2342.19200300.100.1.3', 'mail'],
  ['rfc822mailbox', 'mail'],
  ['1.2.840.113549.1.9.1', 'email'],
  ['emailaddress', 'email'],
  ['e', 'email'],
]);

/** The standard short name of a type; the type itself where it has none. */
export const standardType: CanonicalType = (type) => shortNames.get(type) ?? type;

/** DNs that need no parsing: printable ASCII without escapes, quotes, blanks beside separators and repeated blanks. */
const plainDn = /^(?:[A-Za-z][A-Za-z0-9-]*=[!-~](?<!["#+,;<=>\\])(?:[ -~](?<!["+,;<>\\]))*(?<! )(?:,(?=[A-Za-z])|$))+$/;
const doubleSpace = '  ';

/**
 * One text for all spellings of one DN (RFC 4514, and the quotes and semicolons of RFC 2253): escapes, `#` strings, the
 * order in a multi-valued RDN, names and OIDs of attribute types, blanks around separators.
 *
 * Values are equal only where caseIgnoreMatch (RFC 4518) and existing servers agree: after composition, in lower case,
 * with repeated blanks reduced to one. The RFC also ignores zero-width characters, control characters and the
 * difference between tabs and blanks, but real servers keep such names apart. One text for two entries would give one
 * the memberships of the other. Values of case-exact types keep their case. Where the server keeps the Unicode forms of
 * a value apart, they are kept apart here.
 *
 * Never throws: a text that is not a DN becomes its lower case form, and equals only itself.
 */
export function normaliseDn(
  dn: string,
  caseExact: CaseExact = neverExact,
  canonicalType: CanonicalType = standardType,
  unicodeForms: UnicodeForms = 'equal',
): string {
  if (caseExact === neverExact && plainDn.test(dn) && !dn.includes(doubleSpace))
    return withCanonicalTypes(dn.toLowerCase(), canonicalType);
  const rdns = parseDn(dn, canonicalType);
  if (rdns === undefined) return dn.trim().toLowerCase();
  return rdns
    .map((rdn) =>
      rdn
        .map(({ type, value }) => `${type}=${formatValue(value, caseExact(type), unicodeForms)}`)
        .sort()
        .join('+'),
    )
    .join(',');
}

/** The normalised DN of the parent entry; undefined for the root. */
export function parentDn(dn: string): string | undefined {
  const at = firstSeparator(dn);
  return at === -1 ? undefined : dn.slice(at + 1);
}

/** Whether a normalised DN equals a normalised base or is below it. */
export function isUnder(dn: string, base: string): boolean {
  return dn === base || base === '' || (dn.endsWith(`,${base}`) && !isEscaped(dn, dn.length - base.length - 1));
}

/** Whether an odd number of backslashes precedes the position. */
function isEscaped(dn: string, at: number): boolean {
  let first = at;
  while (dn[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

/** Text, or for any other value its BER encoding in hexadecimal digits. */
type RdnValue = { readonly text: string } | { readonly hex: string };

interface TypeAndValue {
  readonly type: string;
  readonly value: RdnValue;
}

function withCanonicalTypes(dn: string, canonicalType: CanonicalType): string {
  return dn.replace(
    /(^|,)([a-z][a-z0-9-]*)=/g,
    (_whole, before: string, type: string) => `${before}${canonicalType(type)}=`,
  );
}

function normaliseText(text: string, isExact: boolean, unicodeForms: UnicodeForms): string {
  return comparableText(text, isExact, unicodeForms).replace(/ +/g, ' ').replace(/^ | $/g, '');
}

function comparableText(text: string, isExact: boolean, unicodeForms: UnicodeForms): string {
  // These servers ignore the case of the first plane (U+0000 to U+FFFF) only, and not that of title case letters.
  if (unicodeForms === 'distinct') return isExact ? text : lowerCase(text, /(?![\u{10000}-\u{10ffff}])\p{Lu}/gu);
  const composed = text.normalize('NFKC');
  return isExact ? composed : lowerCase(composed, /[\p{Lu}\p{Lt}]/gu).normalize('NFKC');
}

/** Per character: the lower case of a final sigma depends on its context, and no server maps one character to two. */
function lowerCase(text: string, letters: RegExp): string {
  return text.replace(letters, (character) => {
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  });
}

function formatValue(value: RdnValue, isExact: boolean, unicodeForms: UnicodeForms): string {
  if ('hex' in value) return `#${value.hex}`;
  // Control characters would break log lines.
  return normaliseText(value.text, isExact, unicodeForms)
    .replace(/[\\,+"<>;]|^#/g, (sign) => `\\${sign}`)
    .replace(/[\u0000-\u001f\u007f]/g, hexPair);
}

const hexPair = (character: string): string => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

function firstSeparator(dn: string): number {
  for (let at = 0; at < dn.length; at += 1) {
    if (dn[at] === '\\') at += 1;
    else if (dn[at] === ',') return at;
  }
  return -1;
}

/** @returns undefined where the text is not a DN */
function parseDn(dn: string, canonicalType: CanonicalType): readonly (readonly TypeAndValue[])[] | undefined {
  const rdns: TypeAndValue[][] = [];
  let rdn: TypeAndValue[] = [];
  let at = skipSpaces(dn, 0);
  if (at === dn.length) return [];
  for (;;) {
    const equals = dn.indexOf('=', at);
    if (equals === -1) return undefined;
    const typeName = dn
      .slice(at, equals)
      .trim()
      .toLowerCase()
      .replace(/^oid\./, '');
    if (!/^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)$/.test(typeName)) return undefined;
    const value = readValue(dn, skipSpaces(dn, equals + 1));
    if (value === undefined) return undefined;
    rdn.push({ type: canonicalType(typeName), value: value.value });
    at = skipSpaces(dn, value.end);
    const separator = dn[at];
    if (separator !== '+') {
      rdns.push(rdn);
      rdn = [];
    }
    if (separator === undefined) return rdns;
    if (separator !== ',' && separator !== ';' && separator !== '+') return undefined;
    at = skipSpaces(dn, at + 1);
  }
}

interface ParsedValue {
  readonly value: RdnValue;
  readonly end: number;
}

/** Bytes that are not UTF-8 stay hexadecimal: decoded, all of them would become the same replacement character. */
const valueOf = (bytes: Buffer): RdnValue =>
  isUtf8(bytes) ? { text: bytes.toString('utf8') } : { hex: berOctets(bytes).toString('hex') };

function readValue(dn: string, start: number): ParsedValue | undefined {
  if (dn[start] === '#') return readHexString(dn, start + 1);
  if (dn[start] === '"') return readQuoted(dn, start + 1);
  const bytes: Buffer[] = [];
  let at = start;
  // Unescaped blanks before a separator do not belong to the value.
  let significantLength = 0;
  while (at < dn.length && !/[,;+]/.test(dn[at] ?? '')) {
    const sign = dn[at] ?? '';
    if (sign === '\\') {
      const escape = readEscape(dn, at);
      if (escape === undefined) return undefined;
      bytes.push(escape.bytes);
      at = escape.end;
      significantLength = bytes.length;
      continue;
    }
    const character = String.fromCodePoint(dn.codePointAt(at) ?? 0);
    bytes.push(Buffer.from(character));
    at += character.length;
    if (character !== ' ') significantLength = bytes.length;
  }
  return { value: valueOf(Buffer.concat(bytes.slice(0, significantLength))), end: at };
}

function readEscape(dn: string, at: number): { readonly bytes: Buffer; readonly end: number } | undefined {
  const pair = dn.slice(at + 1, at + 3);
  if (/^[0-9a-fA-F]{2}$/.test(pair)) return { bytes: Buffer.from(pair, 'hex'), end: at + 3 };
  const point = dn.codePointAt(at + 1);
  if (point === undefined) return undefined;
  const character = String.fromCodePoint(point);
  return { bytes: Buffer.from(character), end: at + 1 + character.length };
}

function readQuoted(dn: string, start: number): ParsedValue | undefined {
  const bytes: Buffer[] = [];
  for (let at = start; at < dn.length;) {
    if (dn[at] === '"') return { value: valueOf(Buffer.concat(bytes)), end: at + 1 };
    const escape = dn[at] === '\\' ? readEscape(dn, at) : undefined;
    const character = String.fromCodePoint(dn.codePointAt(at) ?? 0);
    bytes.push(escape?.bytes ?? Buffer.from(character));
    at = escape?.end ?? at + character.length;
  }
  return undefined;
}

/** `#04024869` is the BER encoding of a value. A value that is not a string keeps its digits. */
function readHexString(dn: string, start: number): ParsedValue | undefined {
  const digits = /^(?:[0-9a-fA-F]{2})+/.exec(dn.slice(start))?.[0];
  if (digits === undefined) return undefined;
  const end = start + digits.length;
  const hex = digits.toLowerCase();
  try {
    const reader = new BerReader(Buffer.from(hex, 'hex'));
    const tag = reader.peek() ?? -1;
    const content = reader.element(tag);
    if (!reader.isAtEnd) return { value: { hex }, end };
    if (asciiOrUtf8.has(tag)) return { value: valueOf(content), end };
    const wide =
      tag === bmpString && content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : undefined;
    if (wide !== undefined && !/\p{Cs}/u.test(wide)) return { value: { text: wide }, end };
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
  }
  return { value: { hex }, end };
}

/** OCTET STRING, UTF8String, NumericString, PrintableString, IA5String, VisibleString. */
const asciiOrUtf8: ReadonlySet<number> = new Set([0x04, 0x0c, 0x12, 0x13, 0x16, 0x1a]);
const bmpString = 0x1e;

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (/[ \t\r\n]/.test(text[at] ?? '')) at += 1;
  return at;
}
