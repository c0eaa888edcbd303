import { isUtf8 } from 'node:buffer';
import type { Schema } from './schema.ts';
import type { IdForm } from '../settings.ts';

/**
 * The text form of an immutable ID.
 *
 * @returns undefined where the bytes do not have that form
 */
export function idText(form: IdForm, value: Buffer): string | undefined {
  if (form === 'guid') return value.length === 16 ? guidText(value) : undefined;
  if (!isUtf8(value)) return undefined;
  const text = value.toString('utf8').trim();
  if (text === '') return undefined;
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : text;
}

/** The first three groups are little-endian ([MS-DTYP] 2.3.4.2). */
function guidText(value: Buffer): string {
  // Swapping is its own inverse.
  const digits = guidBytes(value.toString('hex')).toString('hex');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  );
}

/** The bytes of a GUID from the 32 hexadecimal digits of its text form. */
export function guidBytes(digits: string): Buffer {
  const value = Buffer.from(digits, 'hex');
  value.subarray(0, 4).swap32();
  value.subarray(4, 8).swap16();
  return value;
}

/** `S-1-5-21-…` ([MS-DTYP] 2.4.2.1); undefined where the bytes are not a SID. */
export function sidText(value: Buffer): string | undefined {
  const count = value[1] ?? 0;
  if (value.length !== 8 + 4 * count || value.length < 8) return undefined;
  const parts = Array.from({ length: count }, (_, index) => value.readUInt32LE(8 + 4 * index));
  return ['S', value[0], value.readUIntBE(2, 6), ...parts].join('-');
}

/** The bytes of a SID from its text form; undefined where the text is none. */
function sidBytes(text: string): Buffer | undefined {
  const [letter, revision, authority, ...parts] = text.split('-');
  if (letter !== 'S' || authority === undefined || !/^S(?:-\d+){3,}$/.test(text)) return undefined;
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes.writeUInt8(Number(revision), 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(Number(part), 8 + 4 * index);
  return bytes;
}

/**
 * The bytes of a value from its text in a record. Text that an `objectGUID` or `objectSid` cannot have stays text.
 *
 * @param binary attributes whose text is base64
 */
export function valueBytes(attribute: string, text: string, binary: readonly string[]): Buffer {
  const name = attribute.toLowerCase();
  const plain = Buffer.from(text);
  if (name === 'objectguid') {
    const digits = text.replaceAll('-', '');
    return /^[0-9a-f]{32}$/i.test(digits) ? guidBytes(digits) : plain;
  }
  if (name === 'objectsid') return sidBytes(text) ?? plain;
  return binary.some((each) => each.toLowerCase() === name) ? Buffer.from(text, 'base64') : plain;
}

/** The relative identifier: the last part of a SID, the value of primaryGroupID. */
export const ridOf = (sid: string): string => sid.slice(sid.lastIndexOf('-') + 1);

/** Which attributes have binary values. */
export interface ValueReaderOptions {
  readonly binary: readonly string[];
  readonly schema: Schema;
}

/** Converts all values of one attribute of one entry to text. */
export type ReadValues = (attribute: string, values: readonly Buffer[]) => readonly string[];

/**
 * The attribute decides the form of its values, never the bytes of a single value: base64 where the directory profile
 * or the schema declares it binary, otherwise text. Where one value of a text attribute is not UTF-8, all values of the
 * entry's attribute are base64.
 */
export function valueReader(spec: ValueReaderOptions): ReadValues {
  const formatOf = formatSelector(spec, text);
  return (attribute, values) => {
    const format = formatOf(attribute);
    const texts: string[] = [];
    for (const value of values) {
      const read = format(value);
      if (read === undefined) return values.map(base64);
      texts.push(read);
    }
    return texts;
  };
}

/** Converts a value to a key; undefined where it is blank or not UTF-8 and the attribute is not binary. */
export function keyReader(spec: ValueReaderOptions): (attribute: string, value: Buffer) => string | undefined {
  const formatOf = formatSelector(spec, (value) => idText('text', value), base64);
  return (attribute, value) => formatOf(attribute)(value);
}

type FormatValue = (value: Buffer) => string | undefined;

function formatSelector(
  { binary, schema }: ValueReaderOptions,
  formatText: FormatValue,
  formatBytes: FormatValue = () => undefined,
): (attribute: string) => FormatValue {
  const binaryNames = new Set(binary.map((name) => name.toLowerCase()));
  const formatOf = (name: string): FormatValue => {
    if (name === 'objectguid') return (value) => idText('guid', value);
    if (name === 'objectsid') return sidText;
    return binaryNames.has(name) || schema.isBinary(name) === true ? formatBytes : formatText;
  };
  const cache = new Map<string, FormatValue>();
  return (attribute) => {
    const name = attribute.toLowerCase();
    let format = cache.get(name);
    if (format === undefined) cache.set(name, (format = formatOf(name)));
    return format;
  };
}

const base64 = (value: Buffer): string => value.toString('base64');

const text = (value: Buffer): string | undefined => (isUtf8(value) ? value.toString('utf8') : undefined);
