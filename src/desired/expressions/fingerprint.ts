import { hash } from 'node:crypto';
import type { Json } from '../../model/resource.ts';

/** SHA-256, in hexadecimal, of a value's canonical JSON: sorted names, no spaces. */
export function fingerprintOf(value: Json): string {
  return hash('sha256', canonicalJson(value));
}

function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
