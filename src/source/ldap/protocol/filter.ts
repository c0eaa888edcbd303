import { berBoolean, berElement, berOctets } from './ber.ts';

/** The text is not a valid filter. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  /** From 1. */
  readonly column: number;

  constructor(problem: string, column: number) {
    super(`${problem}, at column ${column}`);
    this.column = column;
  }
}

/** A compiled search filter (RFC 4515). */
export interface Filter {
  readonly text: string;
  /** RFC 4511 4.5.1.7. */
  readonly ber: Buffer;
  /** The attributes that it tests, as written. */
  readonly attributes: readonly string[];
}

/** Context tags of RFC 4511 4.5.1.7. */
const filterTags = {
  and: 0xa0,
  or: 0xa1,
  not: 0xa2,
  equality: 0xa3,
  substrings: 0xa4,
  greater: 0xa5,
  less: 0xa6,
  present: 0x87,
  approximate: 0xa8,
  extensible: 0xa9,
} as const;
/** How attributes and matching rules are named (RFC 4512 1.4). */
const oid = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)$/;
/** A limit that protects the stack. */
const maxDepth = 100;

/**
 * Compiles the string form of RFC 4515. An escape (`\e3`) stands for one byte of any value. The outer parentheses may
 * be missing (`uid=ada`).
 *
 * @throws FilterSyntaxError
 */
export function compileFilter(text: string): Filter {
  const trimmed = text.trim();
  const isBare = !trimmed.startsWith('(');
  const parser = new FilterParser(trimmed, text.length - text.trimStart().length, isBare);
  return { text: isBare ? `(${trimmed})` : trimmed, ber: parser.parse(), attributes: parser.attributes };
}

/** `(attribute=value)`, with every byte of the value escaped (RFC 4515 section 3). */
export function equality(attribute: string, value: Buffer | string): Filter {
  const bytes = Buffer.from(value);
  const escaped = bytes.toString('hex').replace(/../g, (pair) => `\\${pair}`);
  return {
    text: `(${attribute}=${escaped})`,
    ber: berElement(filterTags.equality, berOctets(attribute), berOctets(bytes)),
    attributes: [attribute],
  };
}

/** Matches what all filters match. */
export const and = (...filters: readonly Filter[]): Filter => combine('&', filterTags.and, filters);
/** Matches what at least one filter matches. */
export const or = (...filters: readonly Filter[]): Filter => combine('|', filterTags.or, filters);
/** Matches what the filter does not match. */
export const not = (filter: Filter): Filter => combine('!', filterTags.not, [filter]);

/** Matches entries that have one of these values. */
export const anyOf = (attribute: string, values: readonly (Buffer | string)[]): Filter =>
  or(...values.map((value) => equality(attribute, value)));

function combine(sign: string, tag: number, filters: readonly Filter[]): Filter {
  return {
    text: `(${sign}${filters.map(({ text }) => text).join('')})`,
    ber: berElement(tag, ...filters.map(({ ber }) => ber)),
    attributes: filters.flatMap(({ attributes }) => attributes),
  };
}

class FilterParser {
  readonly attributes: string[] = [];
  private readonly text: string;
  /** Number of blanks removed before the text, for column numbers. */
  private readonly offset: number;
  /** The outer parentheses are missing. */
  private readonly isBare: boolean;
  private at = 0;

  constructor(text: string, offset: number, isBare: boolean) {
    this.text = text;
    this.offset = offset;
    this.isBare = isBare;
  }

  parse(): Buffer {
    const ber = this.isBare ? this.content(0) : this.filter(0);
    if (this.at < this.text.length) this.fail('unexpected text after the end of the filter');
    return ber;
  }

  private filter(depth: number): Buffer {
    if (depth > maxDepth) this.fail(`filters may be nested at most ${maxDepth} levels deep`);
    this.expect('(');
    const ber = this.content(depth);
    this.expect(')');
    return ber;
  }

  private content(depth: number): Buffer {
    const sign = this.text[this.at];
    if (sign === '&' || sign === '|') {
      this.at += 1;
      const parts: Buffer[] = [];
      this.skipSpaces();
      while (this.text[this.at] === '(') {
        parts.push(this.filter(depth + 1));
        this.skipSpaces();
      }
      return berElement(sign === '&' ? filterTags.and : filterTags.or, ...parts);
    }
    if (sign !== '!') return this.item();
    this.at += 1;
    this.skipSpaces();
    const inner = this.filter(depth + 1);
    this.skipSpaces();
    return berElement(filterTags.not, inner);
  }

  private item(): Buffer {
    const start = this.at;
    const match = /^([^()=<>~*\\]*)(~=|>=|<=|=)/.exec(this.text.slice(this.at));
    if (match === null) this.fail('expected an attribute and one of = >= <= ~= :=');
    const [whole, before = '', operator = ''] = match;
    // The colon of := is handled here: a pattern that looked for it after every blank would take quadratic time.
    const isExtensible = operator === '=' && before.endsWith(':');
    const description = (isExtensible ? before.slice(0, -1) : before).trim();
    this.at += whole.length;
    const end = this.endOfValue();
    const raw = this.text.slice(this.at, end);
    const from = this.at;
    this.at = end;
    if (isExtensible) return this.extensible(description, raw, start, from);
    const attribute = this.attribute(description, start);
    if (operator !== '=') {
      const tag = operator === '>=' ? filterTags.greater : operator === '<=' ? filterTags.less : filterTags.approximate;
      return berElement(tag, berOctets(attribute), berOctets(this.literalValue(raw, from)));
    }
    if (raw === '*') return berOctets(attribute, filterTags.present);
    if (!raw.includes('*'))
      return berElement(filterTags.equality, berOctets(attribute), berOctets(this.value(raw, from)));
    return this.substrings(attribute, raw, from);
  }

  private substrings(attribute: string, raw: string, from: number): Buffer {
    const pieces = raw.split('*');
    let at = from;
    const parts = pieces.flatMap((piece, index) => {
      const start = at;
      at += piece.length + 1;
      if (piece === '') return [];
      const tag = index === 0 ? 0x80 : index === pieces.length - 1 ? 0x82 : 0x81;
      return [berOctets(this.value(piece, start), tag)];
    });
    if (parts.length === 0) return berOctets(attribute, filterTags.present);
    return berElement(filterTags.substrings, berOctets(attribute), berElement(0x30, ...parts));
  }

  /** `attr[:dn][:rule]:=value` or `[:dn]:rule:=value`. */
  private extensible(description: string, raw: string, start: number, from: number): Buffer {
    const [type = '', ...rest] = description.split(':');
    const isDn = rest[0]?.toLowerCase() === 'dn';
    const rule = isDn ? rest[1] : rest[0];
    const known = (isDn ? 1 : 0) + (rule === undefined ? 0 : 1);
    const isRule = rule === undefined || oid.test(rule);
    if (rest.length > known || !isRule || (type === '' && rule === undefined))
      this.failAt(start, `"${description}:=" is not a valid extensible match`);
    return berElement(
      filterTags.extensible,
      ...(rule === undefined ? [] : [berOctets(rule, 0x81)]),
      ...(type === '' ? [] : [berOctets(this.attribute(type, start), 0x82)]),
      berOctets(this.literalValue(raw, from), 0x83),
      ...(isDn ? [berBoolean(true, 0x84)] : []),
    );
  }

  private attribute(description: string, start: number): string {
    if (!/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9-]+)*$/.test(description)) {
      this.failAt(start, description === '' ? 'an attribute is missing' : `"${description}" is not an attribute`);
    }
    this.attributes.push(description);
    return description;
  }

  private value(raw: string, from: number): Buffer {
    if (!raw.includes('\\')) return Buffer.from(raw, 'utf8');
    const parts: Buffer[] = [];
    for (const { 0: part, 1: pair, index } of raw.matchAll(/\\([0-9a-fA-F]{2})|[^\\]+|\\/g)) {
      if (part === '\\')
        this.failAt(
          from + index,
          'a backslash must be followed by two hexadecimal digits: \\2a is *, \\28 is (, \\29 is ), \\5c is \\',
        );
      parts.push(pair === undefined ? Buffer.from(part, 'utf8') : Buffer.from(pair, 'hex'));
    }
    return Buffer.concat(parts);
  }

  /** A value without wildcards, which only = allows. */
  private literalValue(raw: string, from: number): Buffer {
    const star = raw.indexOf('*');
    if (star !== -1) this.failAt(from + star, 'only = allows wildcards; write \\2a for the character *');
    return this.value(raw, from);
  }

  private endOfValue(): number {
    const end = this.text.slice(this.at).search(/[()]/);
    if (end === -1 && !this.isBare) this.failAt(this.text.length, 'a closing parenthesis is missing');
    return end === -1 ? this.text.length : this.at + end;
  }

  private expect(sign: string): void {
    if (this.text[this.at] !== sign) this.fail(`expected ${sign}`);
    this.at += 1;
  }

  private skipSpaces(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  private fail(message: string): never {
    this.failAt(this.at, message);
  }

  private failAt(at: number, message: string): never {
    throw new FilterSyntaxError(message, at + this.offset + 1);
  }
}

/** Filters that match every entry, and no entry. */
export const matchAll = compileFilter('(objectClass=*)');
/** Matches no entry. */
export const matchNone = compileFilter('(!(objectClass=*))');
