import type { LdapClient } from '../protocol/client.ts';
import { readEntry, type Entry } from '../protocol/entry.ts';
import { readAllValues } from '../protocol/ranges.ts';
import type { RawEntry } from './batches.ts';
import { membersByUrl } from './member-url.ts';
import type { PartSearch } from './part-searches.ts';

/**
 * What completing entries needs. It has a connection of its own, because a paged search is still open on the first one.
 */
export interface CompletionIo {
  readonly secondConnection: () => Promise<LdapClient>;
  /** Entries in one page; 0: the server does not support pages. */
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/**
 * Adds the values that a search does not return with the entry itself: those beyond the first range of an attribute
 * (`member;range=0-1499`, `memberOf;range=0-1499`), and the members that a search finds (`memberURL`). All other
 * entries are returned as they are.
 *
 * @throws IncompleteReading
 */
export async function completeEntries(
  part: PartSearch,
  entries: readonly Buffer[],
  io: CompletionIo,
  signal: AbortSignal,
): Promise<readonly RawEntry[]> {
  const urlAttributes =
    part.part === 'users' ? [] : part.readerOptions.directoryProfile.groups.memberUrl.map((name) => name.toLowerCase());
  const completed: RawEntry[] = [];
  for (const bytes of entries) {
    // Searching the raw bytes is far cheaper than parsing every member of every group.
    const mayBeIncomplete = bytes.includes(';range=') || (urlAttributes.length > 0 && bytes.includes('://'));
    completed.push(mayBeIncomplete ? await completeEntry(bytes, urlAttributes, io, signal) : { bytes });
  }
  return completed;
}

async function completeEntry(
  bytes: Buffer,
  urlAttributes: readonly string[],
  io: CompletionIo,
  signal: AbortSignal,
): Promise<RawEntry> {
  const { secondConnection, pageSize, timeoutMs } = io;
  const entry = readEntry(bytes);
  const ranged = await readRangedValues(entry, io, signal);
  const urls = urlAttributes
    .flatMap((name) => entry.attributes.get(name)?.values ?? [])
    .map((value) => value.toString('utf8'));
  const memberDns: string[] = [];
  let problem: string | undefined;
  for (const url of urls) {
    const members = await membersByUrl(url, secondConnection, pageSize, timeoutMs, signal);
    if (typeof members === 'string') problem = `its members come from ${JSON.stringify(url)}, ${members}`;
    // Not push(...members): a call cannot have more than about a hundred thousand arguments.
    else for (const dn of members) memberDns.push(dn);
  }
  return ranged.size === 0 && urls.length === 0
    ? { bytes }
    : { bytes, completion: { memberDns: memberDns.sort(), ranged, problem } };
}

async function readRangedValues(
  entry: Entry,
  { secondConnection, timeoutMs }: CompletionIo,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Buffer[]>> {
  const ranged = new Map<string, readonly Buffer[]>();
  for (const [description, attribute] of entry.attributes) {
    const name = /^(.+);range=/.exec(description)?.[1];
    if (name !== undefined)
      ranged.set(name, await readAllValues(await secondConnection(), entry.dn, name, attribute, timeoutMs, signal));
  }
  return ranged;
}
