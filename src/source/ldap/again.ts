import { ReadAgain } from '../../model/errors.ts';
import type { Named, Unsaid } from '../../model/record.ts';
import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { DirectoryIo } from './changes.ts';
import { completed } from './completion.ts';
import { readEntry } from './entry.ts';
import { equality, or, type Filter } from './filter.ts';
import type { Given } from './given.ts';
import { identityFilter } from './identity.ts';
import { entriesOfPart } from './part-search.ts';
import type { DirectoryPart } from './parts.ts';

/** Identities or names in one filter. */
const atOnce = 100;
/** Past this, reading everything costs hardly more. */
const most = 2_000;

/**
 * Reads entries once more that may have changed without a word: the namers, and whoever names one of the renamed by the name that they bear now.
 *
 * @param given is not read once more
 * @throws ReadAgain where a namer is not found any more, or there are too many; IncompleteReading
 */
export async function* readAgain(
  io: DirectoryIo,
  { namers, renamed }: Unsaid,
  given: Given,
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  if (namers.length > most || renamed.length > most)
    throw new ReadAgain(`more than ${most} names changed, or entries name somebody whose name did`);
  const names: string[] = [];
  for (const part of io.parts) {
    const unknown: string[] = [];
    for (const handle of handlesIn(renamed, part)) {
      const name = given.nameOf(part, handle);
      if (name === undefined) unknown.push(handle);
      else names.push(name);
    }
    for (const bytes of await byIdentity(io, { ...part, attributes: ['1.1'] }, unknown, signal))
      names.push(readEntry(bytes).dn);
  }
  for (const part of io.parts) {
    const numbering: Numbering = { next: 1 };
    const wanted = [...handlesIn(namers, part)].filter((handle) => given.nameOf(part, handle) === undefined);
    const found = await byIdentity(io, part, wanted, signal);
    if (found.length < wanted.length)
      throw new ReadAgain('entries that name somebody whose name changed are not there any more');
    const naming = namingAttributes(part);
    const holders = await search(
      io,
      part,
      names.flatMap((dn) => naming.map((attribute) => equality(attribute, dn))),
      signal,
    );
    for (const rows of [given.take(part, found), given.take(part, holders)]) {
      if (rows.length > 0) yield batchOf(part, await completed(part, rows, io.completion, signal), numbering);
    }
  }
}

const handlesIn = (named: readonly Named[], { part }: DirectoryPart): ReadonlySet<string> =>
  new Set(named.filter((one) => one.part === part).map(({ handle }) => handle));

/** Where entries of a part name others by DN, as far as anybody asks. */
function namingAttributes({ part, attributes, rules: { kind } }: DirectoryPart): readonly string[] {
  const asked = new Set(attributes.map((name) => name.toLowerCase()));
  return part === 'users'
    ? kind.references.filter((name) => asked.has(name.toLowerCase()) || asked.has('*'))
    : kind.groups.memberDn;
}

const byIdentity = (
  io: DirectoryIo,
  part: DirectoryPart,
  handles: readonly string[],
  signal: AbortSignal,
): Promise<readonly Buffer[]> =>
  search(
    io,
    part,
    handles.map((handle) => identityFilter(part.rules.kind.id, handle)),
    signal,
  );

/** The entries of a part that one of the filters fits. */
async function search(
  io: DirectoryIo,
  part: DirectoryPart,
  filters: readonly Filter[],
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const found: (readonly Buffer[])[] = [];
  for (let at = 0; at < filters.length; at += atOnce)
    found.push(await entriesOfPart(io, part, or(...filters.slice(at, at + atOnce)), signal));
  return found.flat();
}
