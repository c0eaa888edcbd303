import type { Json } from '../model/resource.ts';
import type { CanonicalPath } from './canonical-path.ts';

/** A value of a resource; undefined is absent. An error is a sentence for the author of the mapping. */
export type Normalised = { readonly value: Json | undefined } | { readonly error: string };

/** The value for a path: of the type of RFC 7643, trimmed, in Unicode form NFC, and absent if it is blank. */
export function normalise(value: Json, { type, path, text }: CanonicalPath): Normalised {
  const plain = type === 'reference' ? normaliseKey(value) : normaliseJson(value);
  if (plain === undefined) return { value: undefined };
  switch (type) {
    case 'boolean':
      return toBoolean(plain, text);
    case 'string':
    case 'reference':
      if (typeof plain === 'object') return { error: `${text} takes a single value, not ${JSON.stringify(plain)}` };
      return { value: toText(plain) };
    case 'list':
      return toElements(plain, path.attribute, text);
    case 'object':
      if (isObject(plain)) return { value: plain };
      return { error: `${text} has sub-attributes and cannot be ${JSON.stringify(plain)}; map ${text}.… instead` };
    case 'any':
      return { value: plain };
  }
}

function toBoolean(value: Json, text: string): Normalised {
  if (typeof value === 'boolean') return { value };
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  if (word === 'true' || word === 'false') return { value: word === 'true' };
  return { error: `${text} must be true or false, and is ${JSON.stringify(value)}` };
}

/** RFC 7643 section 2.4: a list holds objects; a plain value becomes its `value`. The first e-mail is primary. */
function toElements(value: Json, attribute: string, text: string): Normalised {
  const byIdentity = new Map<string, Json>();
  for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
    if (Array.isArray(item)) return { error: `${text} takes a list of values, not a list of lists` };
    const element = isObject(item)
      ? item
      : { value: toText(item), ...(attribute === 'emails' && byIdentity.size === 0 ? { primary: true } : {}) };
    const identity = isObject(item) ? JSON.stringify(item) : toText(item);
    if (!byIdentity.has(identity)) byIdentity.set(identity, element);
  }
  return { value: [...byIdentity.values()] };
}

function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** RFC 7643 section 2.5: null and the empty list are absent; here blank strings and empty objects are too. */
function normaliseJson(value: Json): Json | undefined {
  if (typeof value === 'string') return undefinedIfBlank(isAscii(value) ? value.trim() : value.normalize('NFC').trim());
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(normaliseJson).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  const members = Object.entries(value).flatMap(([name, item]) => {
    const normalised = normaliseJson(item);
    return normalised === undefined ? [] : [[name, normalised] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** A key must equal the source's key byte by byte. */
function normaliseKey(value: Json): Json | undefined {
  return typeof value === 'string' ? undefinedIfBlank(value.trim()) : normaliseJson(value);
}

function undefinedIfBlank(text: string): string | undefined {
  return text === '' ? undefined : text;
}

// NFC costs ten times as much as this check, and most values do not need it.
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
