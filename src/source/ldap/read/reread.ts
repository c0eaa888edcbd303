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
import { searchPart } from './search-part.ts';
import type { PartSearch } from './part-searches.ts';

/** Identities or names in one filter. */
const filtersPerSearch = 100;
/** Past this, reading everything costs hardly more. */
const maxReferences = 2_000;

/**
 * Reads entries once more that may have changed without a word: the referrers, and whoever names one of the renamed by the name that they bear now.
 *
 * @param alreadyRead is not read once more
 * @throws FullReadRequired where a referrer is not found any more, or there are too many; IncompleteReading
 */
export async function* rereadReferrers(
  io: DirectoryIo,
  { referrers, renamedEntries }: StaleReferences,
  alreadyRead: AlreadyRead,
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  if (referrers.length > maxReferences || renamedEntries.length > maxReferences)
    throw new FullReadRequired(`more than ${maxReferences} names changed, or entries name somebody whose name did`);
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
      throw new FullReadRequired('entries that name somebody whose name changed are not there any more');
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

/** Where entries of a part name others by DN, as far as anybody asks. */
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

/** The entries of a part that one of the filters fits. */
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
