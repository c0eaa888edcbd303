import { IncompleteReading } from '../../../model/errors.ts';
import type { LdapClient } from './client.ts';
import { incomplete } from './incomplete-reading.ts';
import { SearchFailed } from './search-error.ts';
import type { EntryAttribute } from './entry.ts';
import { readEntryByDn } from './root-dse.ts';

const maxAttempts = 3;

/**
 * All values of an attribute of which the server returned only a range (`member;range=0-1499`, [MS-ADTS]
 * 3.1.1.3.1.3.3).
 *
 * A value added or removed between two requests shifts the later ranges. Therefore each request starts at the last
 * known value, and the response must begin with it; otherwise the read starts again, at most three times.
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
      // Active Directory returns an error for a range beyond the end: values were removed meanwhile.
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
      (consequence) =>
        `${client.url}: ${JSON.stringify(dn)} changed ${maxAttempts} times while the values of ${attribute} were ` +
        `read. ${incomplete(consequence)} The next pass tries again.`,
    )
  );
}

/** @returns undefined where the values changed between two requests */
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
    // Without a new value, a range that is not the last one would repeat for ever.
    if (more.length === 0 && !isLast(current)) return undefined;
    for (const value of more) {
      values.push(value);
      seen.add(bytesKey(value));
    }
    // Values are a set: a value that is returned twice has moved.
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
