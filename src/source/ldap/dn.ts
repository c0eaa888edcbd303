import { BerError, BerReader } from './ber.ts';

/** Whether values of an attribute differ by case. */
export type CaseExact = (attributeType: string) => boolean;

const neverExact: CaseExact = () => false;

/** One name for all names and numbers of an attribute type, each in lower case. */
export type NameType = (type: string) => string;

/** Short names of the types that stand in names (RFC 4514 section 3, RFC 4519), by their other names. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'cn'], ['commonname', 'cn'],
  ['2.5.4.4', 'sn'], ['surname', 'sn'],
  ['2.5.4.6', 'c'], ['countryname', 'c'],
  ['2.5.4.7', 'l'], ['localityname', 'l'],
  ['2.5.4.8', 'st'], ['stateorprovincename', 'st'],
  ['2.5.4.9', 'street'], ['streetaddress', 'street'],
  ['2.5.4.10', 'o'], ['organizationname', 'o'],
  ['2.5.4.11', 'ou'], ['organizationalunitname', 'ou'],
  ['0.9.2342.19200300.100.1.25', 'dc'], ['domaincomponent', 'dc'],
  ['0.9.2342.19200300.100.1.1', 'uid'], ['userid', 'uid'],
  ['2.5.4.42', 'givenname'], ['gn', 'givenname'],
  ['2.5.4.5', 'serialnumber'],
  ['0.9.2342.19200300.100.1.3', 'mail'], ['rfc822mailbox', 'mail'],
  ['1.2.840.113549.1.9.1', 'email'], ['emailaddress', 'email'], ['e', 'email'],
]);

/** What the standards call a type, where no schema says more. */
export const standardName: NameType = (type) => shortNames.get(type) ?? type;

/** Names without anything that has two spellings: printable ASCII, no escapes, quotes, blanks beside separators or several in a row. */
const plain = /^(?:[A-Za-z][A-Za-z0-9-]*=[^\s"#+,;<=>\\](?:[ !-~](?<!["+,;<>\\]))*(?<! )(?:,(?=[A-Za-z])|$))+$/;
const doubledBlank = '  ';

/**
 * One text for all spellings of one distinguished name (RFC 4514, and the quotes and semicolons of RFC 2253): escapes, `#` strings, the order in a multi-valued RDN, names and
 * numbers of attribute types, blanks around separators. Values are compared as caseIgnoreMatch does (RFC 4518): composed, case folded,
 * blanks squeezed; those of types that are exact keep their case.
 *
 * Never throws: a text that is no name folds to itself in lower case, so that it equals itself and nothing else.
 */
export function foldDn(dn: string, caseExact: CaseExact = neverExact, nameType: NameType = standardName): string {
  if (caseExact === neverExact && plain.test(dn) && !dn.includes(doubledBlank)) return shortened(dn.toLowerCase(), nameType);
  const rdns = parse(dn, nameType);
  if (rdns === undefined) return dn.trim().toLowerCase();
  return rdns.map((rdn) => rdn.map(({ type, value }) => `${type}=${written(foldValue(value, caseExact(type)))}`).sort().join('+')).join(',');
}

/** The folded name of what holds it; undefined for the root. */
export function parentDn(folded: string): string | undefined {
  const at = separatorIn(folded);
  return at === -1 ? undefined : folded.slice(at + 1);
}

/** Whether a folded name is a folded base or stands below it. */
export function isUnder(folded: string, base: string): boolean {
  return folded === base || base === '' || (folded.endsWith(`,${base}`) && !folded.slice(0, -base.length - 1).endsWith('\\'));
}

interface Part {
  readonly type: string;
  readonly value: string;
}

function shortened(folded: string, nameType: NameType): string {
  return folded.replace(/(^|,)([a-z][a-z0-9-]*)=/g, (_whole, before: string, type: string) => `${before}${nameType(type)}=`);
}

function foldValue(value: string, isExact: boolean): string {
  const composed = value.normalize('NFKC').replace(/[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028\u2029\ufe00-\ufe0f\ufeff]/g, '').replace(/\s+/g, ' ').trim();
  return isExact ? composed : composed.toLowerCase().normalize('NFKC');
}

function written(value: string): string {
  return value.replace(/[\\,+"<>;]/g, (sign) => `\\${sign}`);
}

function separatorIn(folded: string): number {
  for (let at = 0; at < folded.length; at += 1) {
    if (folded[at] === '\\') at += 1;
    else if (folded[at] === ',') return at;
  }
  return -1;
}

/** @returns undefined where it is no name */
function parse(dn: string, nameType: NameType): readonly (readonly Part[])[] | undefined {
  const rdns: Part[][] = [];
  let rdn: Part[] = [];
  let at = skipBlanks(dn, 0);
  if (at === dn.length) return [];
  for (;;) {
    const equals = dn.indexOf('=', at);
    if (equals === -1) return undefined;
    const written = dn.slice(at, equals).trim().toLowerCase().replace(/^oid\./, '');
    if (!/^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)$/.test(written)) return undefined;
    const value = readValue(dn, skipBlanks(dn, equals + 1));
    if (value === undefined) return undefined;
    rdn.push({ type: nameType(written), value: value.text });
    at = skipBlanks(dn, value.end);
    const sign = dn[at];
    if (sign !== '+') {
      rdns.push(rdn);
      rdn = [];
    }
    if (sign === undefined) return rdns;
    if (sign !== ',' && sign !== ';' && sign !== '+') return undefined;
    at = skipBlanks(dn, at + 1);
  }
}

interface Read {
  readonly text: string;
  readonly end: number;
}

function readValue(dn: string, start: number): Read | undefined {
  if (dn[start] === '#') return readHexString(dn, start + 1);
  if (dn[start] === '"') return readQuoted(dn, start + 1);
  const bytes: Buffer[] = [];
  let at = start;
  // A blank counts unless it stands unescaped before a separator.
  let solid = 0;
  while (at < dn.length && !/[,;+]/.test(dn[at] ?? '')) {
    const sign = dn[at] ?? '';
    if (sign === '\\') {
      const escape = readEscape(dn, at);
      if (escape === undefined) return undefined;
      bytes.push(escape.bytes);
      at = escape.end;
      solid = bytes.length;
      continue;
    }
    const character = String.fromCodePoint(dn.codePointAt(at) ?? 0);
    bytes.push(Buffer.from(character));
    at += character.length;
    if (character !== ' ') solid = bytes.length;
  }
  return { text: Buffer.concat(bytes.slice(0, solid)).toString('utf8'), end: at };
}

function readEscape(dn: string, at: number): { readonly bytes: Buffer; readonly end: number } | undefined {
  const pair = dn.slice(at + 1, at + 3);
  if (/^[0-9a-fA-F]{2}$/.test(pair)) return { bytes: Buffer.from(pair, 'hex'), end: at + 3 };
  const point = dn.codePointAt(at + 1);
  if (point === undefined) return undefined;
  const character = String.fromCodePoint(point);
  return { bytes: Buffer.from(character), end: at + 1 + character.length };
}

function readQuoted(dn: string, start: number): Read | undefined {
  const bytes: Buffer[] = [];
  for (let at = start; at < dn.length;) {
    if (dn[at] === '"') return { text: Buffer.concat(bytes).toString('utf8'), end: at + 1 };
    const escape = dn[at] === '\\' ? readEscape(dn, at) : undefined;
    const character = String.fromCodePoint(dn.codePointAt(at) ?? 0);
    bytes.push(escape?.bytes ?? Buffer.from(character));
    at = escape?.end ?? at + character.length;
  }
  return undefined;
}

/** `#04024869`: the BER encoding of the value. One that is no string keeps its digits. */
function readHexString(dn: string, start: number): Read | undefined {
  const digits = /^(?:[0-9a-fA-F]{2})+/.exec(dn.slice(start))?.[0];
  if (digits === undefined) return undefined;
  const end = start + digits.length;
  try {
    const reader = new BerReader(Buffer.from(digits, 'hex'));
    const tag = reader.peek() ?? -1;
    const content = reader.element(tag);
    if ([0x04, 0x0c, 0x12, 0x13, 0x16, 0x1a].includes(tag)) return { text: content.toString('utf8'), end };
    if (tag === 0x1e) return { text: Buffer.from(content).swap16().toString('utf16le'), end };
  } catch (error) {
    if (!(error instanceof BerError || error instanceof RangeError)) throw error;
  }
  return { text: `#${digits.toLowerCase()}`, end };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (/[ \t\r\n]/.test(text[at] ?? '')) at += 1;
  return at;
}
