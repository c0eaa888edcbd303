import { IncompleteReading } from '../../../model/errors.ts';
import type { LdapClient } from './client.ts';
import { SearchFailed } from './error-text.ts';
import type { EntryAttribute } from './entry.ts';
import { readEntryByDn } from './root-dse.ts';

/** A group that changes faster than it can be read is rare enough to give up on. */
const maxAttempts = 3;

/**
 * All values of an attribute of which the server gave only a range (`member;range=0-1499`, [MS-ADTS] 3.1.1.3.1.3.3).
 *
 * Values can come and go between two ranges, and then a later one begins elsewhere. So each range is asked for from the last value that is
 * known already, and must begin with it; otherwise reading begins again.
 *
 * @throws IncompleteReading
 */
export async function readAllValues(
  client: LdapClient,
  dn: string,
  attribute: string,
  first: EntryAttribute,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  let start: EntryAttribute | undefined = first;
  let failure: SearchFailed | undefined;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    failure = undefined;
    const values = await readRanges(client, dn, attribute, start, timeoutMs, signal).catch((error: unknown) => {
      // Active Directory answers a range beyond the end with an error: values went meanwhile.
      if (!(error instanceof SearchFailed)) throw error;
      failure = error;
      return undefined;
    });
    if (values !== undefined) return values;
    start = undefined;
  }
  throw (
    failure ??
    new IncompleteReading(
      'ldap.valuesChanged',
      `${client.url}: ${JSON.stringify(dn)} changed ${maxAttempts} times while the values of ${attribute} were read. The reading is not complete: nothing was planned, everything stays as it is; the next pass tries again.`,
    )
  );
}

/** @returns undefined where it changed meanwhile */
async function readRanges(
  client: LdapClient,
  dn: string,
  attribute: string,
  first: EntryAttribute | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Buffer[] | undefined> {
  const requestFrom = (from: number): Promise<EntryAttribute | undefined> =>
    readRange(client, dn, attribute, from, timeoutMs, signal);
  let current = first ?? (await requestFrom(0));
  if (current === undefined) return undefined;
  const values: Buffer[] = [...current.values];
  const seen = new Set(values.map(bytesKey));
  while (!isLast(current)) {
    const last = values.at(-1);
    if (last === undefined) return undefined;
    current = await requestFrom(values.length - 1);
    if (current?.values[0]?.equals(last) !== true) return undefined;
    const more = current.values.slice(1);
    // A range that goes on without a new value would go on for ever.
    if (more.length === 0 && !isLast(current)) return undefined;
    for (const value of more) {
      values.push(value);
      seen.add(bytesKey(value));
    }
    // Values stand in a set: one that comes twice has moved.
    if (seen.size < values.length) return undefined;
  }
  return values;
}

async function readRange(
  client: LdapClient,
  dn: string,
  attribute: string,
  from: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<EntryAttribute | undefined> {
  const entry = await readEntryByDn(client, dn, [`${attribute};range=${from}-*`], timeoutMs, signal);
  const prefix = `${attribute.toLowerCase()};range=`;
  return [...(entry?.attributes ?? [])].find(([name]) => name.startsWith(prefix))?.[1];
}

const bytesKey = (value: Buffer): string => value.toString('latin1');

const isLast = ({ name }: EntryAttribute): boolean => name.endsWith('-*');
