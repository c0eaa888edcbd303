import type { LdapClient, Search } from '../protocol/client.ts';
import { SearchFailed } from '../protocol/error-text.ts';
import { readEntry, type Entry } from '../protocol/entry.ts';
import { pagedSearch } from '../protocol/paged.ts';
import { readAllValues } from '../protocol/ranges.ts';
import type { PartSearch } from './part-searches.ts';
import type { RawEntry } from './batches.ts';
import { compileFilter, FilterSyntaxError } from '../protocol/filter.ts';
import { parseLdapUrl } from '../protocol/ldap-url.ts';

/** What completing entries needs: a connection of its own, since the reading's own is in the middle of a search. */
export interface CompletionIo {
  readonly secondConnection: () => Promise<LdapClient>;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/**
 * Entries in which not everything stands: a server gives only the first of many values (`member;range=0-1499`, `memberOf;range=0-1499`), or
 * members are whoever a search finds (`memberURL`). All others are passed on as they are.
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
  const rows: RawEntry[] = [];
  for (const bytes of entries) {
    // Looking for the text is many times cheaper than reading every member of every group.
    const mayBeIncomplete = bytes.includes(';range=') || (urlAttributes.length > 0 && bytes.includes('://'));
    rows.push(mayBeIncomplete ? await completeEntry(bytes, urlAttributes, io, signal) : { bytes });
  }
  return rows;
}

async function completeEntry(
  bytes: Buffer,
  urlAttributes: readonly string[],
  io: CompletionIo,
  signal: AbortSignal,
): Promise<RawEntry> {
  const entry = readEntry(bytes);
  const ranged = await readRangedValues(entry, io, signal);
  const urls = urlAttributes
    .flatMap((name) => entry.attributes.get(name)?.values ?? [])
    .map((value) => value.toString('utf8'));
  const memberDns: string[] = [];
  let problem: string | undefined;
  for (const url of urls) {
    const found = await memberDnsOf(url, io, signal);
    if (typeof found === 'string') problem = `its members are those of ${JSON.stringify(url)}, ${found}`;
    // Not by push(...): more than a hundred thousand arguments are too many.
    else for (const dn of found) memberDns.push(dn);
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
  const all = new Map<string, readonly Buffer[]>();
  for (const [description, attribute] of entry.attributes) {
    const name = /^(.+);range=/.exec(description)?.[1];
    if (name !== undefined)
      all.set(name, await readAllValues(await secondConnection(), entry.dn, name, attribute, timeoutMs, signal));
  }
  return all;
}

type MemberSearch = Pick<Search, 'base' | 'scope' | 'filter'>;

/** What an LDAP URL asks for, or what is wrong with it. */
function searchOf(text: string): MemberSearch | string {
  const url = parseLdapUrl(text);
  if (url === undefined) return 'which leads to another server or is no LDAP URL';
  try {
    return { base: url.base, scope: url.scope, filter: compileFilter(url.filter) };
  } catch (error) {
    if (error instanceof FilterSyntaxError) return `whose filter is wrong: ${error.message}`;
    throw error;
  }
}

/** The names that an LDAP URL finds, or what is wrong with it: one that cannot be followed must not make its group look empty. */
async function memberDnsOf(
  url: string,
  { secondConnection, pageSize, timeoutMs }: CompletionIo,
  signal: AbortSignal,
): Promise<readonly string[] | string> {
  const search = searchOf(url);
  if (typeof search === 'string') return search;
  const dns: string[] = [];
  try {
    for await (const entries of pagedSearch(
      await secondConnection(),
      { ...search, attributes: ['1.1'], timeoutMs },
      pageSize,
      signal,
    )) {
      for (const bytes of entries) dns.push(readEntry(bytes).dn);
    }
  } catch (error) {
    if (!(error instanceof SearchFailed)) throw error;
    if (error.resultCode === invalidDnSyntax) return 'whose base is no name that the server understands';
    // Nobody is below a name that nothing has.
    if (error.resultCode !== noSuchObject) throw error;
  }
  return dns;
}

const noSuchObject = 32;
const invalidDnSyntax = 34;
