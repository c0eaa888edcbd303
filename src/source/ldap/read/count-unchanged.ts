import type { LastReading } from '../../source.ts';
import { readBookmark } from '../changes/bookmark.ts';
import { namingContextOf } from '../changes/sync-searches.ts';
import { identityFilter } from '../names/identity.ts';
import { readEntry, type Entry } from '../protocol/entry.ts';
import { or } from '../protocol/filter.ts';
import type { RootDse } from '../protocol/root-dse.ts';
import type { DirectoryIo } from './incremental-read.ts';
import { searchPart } from './part-searches.ts';

type CountIo = Pick<DirectoryIo, 'client' | 'dse' | 'parts' | 'pageSize' | 'timeoutMs'>;

/**
 * Counts the users whose entries have a change stamp that the last reading had reached already.
 *
 *     server             stamp of an entry   position of the last reading
 *     OpenLDAP           entryCSN            contextCSN, or the CSN of the cookie, of the same server id
 *     Active Directory   uSNChanged          highestCommittedUSN of the same domain controller
 *
 * An entry without a comparable stamp does not count.
 */
export async function countUnchanged(
  io: CountIo,
  handles: readonly string[],
  since: LastReading,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const part of io.parts) {
    if (part.part !== 'users') continue;
    const isOld = io.dse.isActiveDirectory ? byUsn(io.dse, since) : byCsn(namingContextOf(part.base, io.dse), since);
    const filter = or(...handles.map((handle) => identityFilter(part.readerOptions.directoryProfile.id, handle)));
    const attributes = [io.dse.isActiveDirectory ? 'uSNChanged' : 'entryCSN'];
    for (const bytes of await searchPart(io, { ...part, attributes }, filter, signal))
      if (isOld(readEntry(bytes))) count += 1;
  }
  return count;
}

type IsOld = (entry: Entry) => boolean;

function byUsn({ dsServiceName = '' }: RootDse, { position }: LastReading): IsOld {
  const known = position?.controllers?.[dsServiceName]?.usn;
  return (entry) => {
    const usn = valueOf(entry, 'usnchanged');
    return known !== undefined && usn !== undefined && BigInt(usn) <= BigInt(known);
  };
}

/** CSNs of one server id have a fixed width, so their text is in order of time. */
function byCsn(context: string, { position, bookmark }: LastReading): IsOld {
  const known = position?.csns?.[context] ?? csnsOfCookies(bookmark);
  return (entry) => {
    const csn = valueOf(entry, 'entrycsn');
    const last = csn === undefined ? undefined : known[csn.split('#')[2] ?? ''];
    return csn !== undefined && last !== undefined && csn <= last;
  };
}

const valueOf = ({ attributes }: Entry, name: string): string | undefined =>
  attributes.get(name)?.values[0]?.toString('latin1');

const csnPattern = /\d{14}\.\d{6}Z#[\da-f]{6}#([\da-f]{3})#[\da-f]{6}/g;

/** The oldest CSN of each server id in the cookies of slapd: `rid=000,csn=20261128221500.123456Z#000000#001#000000`. */
function csnsOfCookies(text: string | undefined): Readonly<Record<string, string>> {
  const bookmark = readBookmark(text);
  const oldest: Record<string, string> = {};
  if (bookmark?.method !== 'sync') return oldest;
  for (const cookie of Object.values(bookmark.cookies)) {
    for (const [csn, id = ''] of Buffer.from(cookie, 'base64').toString('latin1').matchAll(csnPattern))
      if (oldest[id] === undefined || csn < oldest[id]) oldest[id] = csn;
  }
  return oldest;
}
