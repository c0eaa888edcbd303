import { ReadAgain } from '../../model/errors.ts';
import type { Named, Unsaid } from '../../model/record.ts';
import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { DirectoryIo, Given } from './changes.ts';
import { completed } from './completion.ts';
import { readEntry } from './entry.ts';
import { and, equality, or, type Filter } from './filter.ts';
import { handleIn, identityFilter } from './identity.ts';
import { pagedSearch } from './paged.ts';
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
export async function* readAgain(io: DirectoryIo, { namers, renamed }: Unsaid, given: Given, signal: AbortSignal): AsyncGenerator<RowBatch> {
  if (namers.length > most || renamed.length > most) throw new ReadAgain(`more than ${most} names changed, or entries name somebody whose name did`);
  const known = new Map(io.parts.map((part) => [part.part, new Map((given.get(part.part) ?? []).map((bytes) => [handleOf(part, bytes), bytes]))]));
  const names: string[] = [];
  for (const part of io.parts) {
    const there = handlesIn(renamed, part);
    const told = [...there].flatMap((handle) => known.get(part.part)?.get(handle) ?? []);
    const untold = [...there].filter((handle) => known.get(part.part)?.has(handle) !== true);
    const found = await search(io, { ...part, attributes: ['1.1'] }, untold.map((handle) => identityFilter(part.rules.kind.id, handle)), signal);
    names.push(...[...told, ...found].map((bytes) => readEntry(bytes).dn));
  }
  for (const part of io.parts) {
    const wanted = [...handlesIn(namers, part)].filter((handle) => known.get(part.part)?.has(handle) !== true);
    const byIdentity = await search(io, part, wanted.map((handle) => identityFilter(part.rules.kind.id, handle)), signal);
    if (byIdentity.length < wanted.length) throw new ReadAgain('entries that name somebody whose name changed are not there any more');
    const byName = await search(io, part, names.flatMap((dn) => namingAttributes(part).map((attribute) => equality(attribute, dn))), signal);
    const fresh = new Map([...byIdentity, ...byName].map((bytes) => [handleOf(part, bytes), bytes]));
    const rows = [...fresh].flatMap(([handle, bytes]) => (known.get(part.part)?.has(handle) === true ? [] : [bytes]));
    const numbering: Numbering = { next: 1 };
    if (rows.length > 0) yield batchOf(part, await completed(part, rows, io.completion, signal), numbering);
  }
}

const handlesIn = (named: readonly Named[], { part }: DirectoryPart): ReadonlySet<string> => new Set(named.filter((one) => one.part === part).map(({ handle }) => handle));

function handleOf({ rules }: DirectoryPart, bytes: Buffer): string {
  const entry = readEntry(bytes);
  return handleIn(entry, rules.kind.id) ?? entry.dn;
}

/** Those that the reading asks for and that hold DNs. */
function namingAttributes({ part, rules, attributes }: DirectoryPart): readonly string[] {
  const asked = new Set(attributes.map((name) => name.toLowerCase()));
  const { references, groups } = rules.kind;
  return part === 'users' ? references.filter((name) => asked.has(name.toLowerCase())) : groups.memberDn;
}

/** The entries of a part that one of the filters fits. */
async function search({ client, pageSize, timeoutMs }: DirectoryIo, part: DirectoryPart, filters: readonly Filter[], signal: AbortSignal): Promise<readonly Buffer[]> {
  const all: Buffer[] = [];
  for (let at = 0; at < filters.length; at += atOnce) {
    const filter = and(part.filter, or(...filters.slice(at, at + atOnce)));
    const asked = { base: part.base, scope: 'sub', filter, attributes: part.attributes, timeoutMs } as const;
    for await (const entries of pagedSearch(client, asked, pageSize, signal)) all.push(...entries);
  }
  return all;
}
