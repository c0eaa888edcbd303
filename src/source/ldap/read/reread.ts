import { FullReadRequired } from '../../../model/errors.ts';
import type { EntryRef, StaleReferences } from '../../../model/record.ts';
import type { RowBatch } from '../../source.ts';
import { toBatch, type EntryCounter } from './batches.ts';
import type { DirectoryIo } from './incremental-read.ts';
import { completeEntries } from './complete-entries.ts';
import { readEntry } from '../protocol/entry.ts';
import { equality, or, type Filter } from '../protocol/filter.ts';
import type { AlreadyRead } from './already-read.ts';
import { identityFilter } from '../names/identity.ts';
import { searchPart, type PartSearch } from './part-searches.ts';

/** IDs or DNs in one filter. */
const filtersPerSearch = 100;
/** Above this, a full read costs hardly more. */
const maxReferences = 2_000;

/**
 * Reads entries again that the server may have changed without reporting it: the referrers of a DN that now belongs to
 * another entry, and the entries that reference a renamed entry by its new DN.
 *
 * @param alreadyRead entries that are not read again
 * @throws FullReadRequired where a referrer no longer exists, or there are too many; IncompleteReading
 */
export async function* rereadReferrers(
  io: DirectoryIo,
  { referrers, renamedEntries }: StaleReferences,
  alreadyRead: AlreadyRead,
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  if (referrers.length > maxReferences || renamedEntries.length > maxReferences)
    throw new FullReadRequired(`more than ${maxReferences} entries were renamed, or reference a renamed entry`);
  const dns: string[] = [];
  for (const part of io.parts) {
    const unresolved: string[] = [];
    for (const handle of handlesIn(renamedEntries, part)) {
      const dn = alreadyRead.dnOf(part, handle);
      if (dn === undefined) unresolved.push(handle);
      else dns.push(dn);
    }
    for (const bytes of await searchByIdentity(io, { ...part, attributes: ['1.1'] }, unresolved, signal))
      dns.push(readEntry(bytes).dn);
  }
  for (const part of io.parts) {
    const counter: EntryCounter = { next: 1 };
    const handles = [...handlesIn(referrers, part)].filter((handle) => alreadyRead.dnOf(part, handle) === undefined);
    const entries = await searchByIdentity(io, part, handles, signal);
    if (entries.length < handles.length)
      throw new FullReadRequired('entries that reference a renamed entry no longer exist');
    const attributeNames = referenceAttributes(part);
    const referrerEntries = await searchAny(
      io,
      part,
      dns.flatMap((dn) => attributeNames.map((attribute) => equality(attribute, dn))),
      signal,
    );
    for (const rows of [alreadyRead.filterNew(part, entries), alreadyRead.filterNew(part, referrerEntries)]) {
      if (rows.length > 0) yield toBatch(part, await completeEntries(part, rows, io.completion, signal), counter);
    }
  }
}

const handlesIn = (refs: readonly EntryRef[], { part }: PartSearch): ReadonlySet<string> =>
  new Set(refs.filter((one) => one.part === part).map(({ handle }) => handle));

/** The requested attributes by which entries of a part reference others. */
function referenceAttributes({ part, attributes, readerOptions: { directoryProfile } }: PartSearch): readonly string[] {
  const requested = new Set(attributes.map((name) => name.toLowerCase()));
  return part === 'users'
    ? directoryProfile.references.filter((name) => requested.has(name.toLowerCase()) || requested.has('*'))
    : directoryProfile.groups.memberDn;
}

const searchByIdentity = (
  io: DirectoryIo,
  part: PartSearch,
  handles: readonly string[],
  signal: AbortSignal,
): Promise<readonly Buffer[]> =>
  searchAny(
    io,
    part,
    handles.map((handle) => identityFilter(part.readerOptions.directoryProfile.id, handle)),
    signal,
  );

/** The entries of a part that match one of the filters. */
async function searchAny(
  io: DirectoryIo,
  part: PartSearch,
  filters: readonly Filter[],
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const entries: (readonly Buffer[])[] = [];
  for (let at = 0; at < filters.length; at += filtersPerSearch)
    entries.push(await searchPart(io, part, or(...filters.slice(at, at + filtersPerSearch)), signal));
  return entries.flat();
}
