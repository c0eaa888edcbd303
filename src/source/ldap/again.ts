import { ReadAgain } from '../../model/errors.ts';
import type { Stale } from '../../model/record.ts';
import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { DirectoryIo } from './changes.ts';
import { completed } from './completion.ts';
import { and, equality, or, type Filter } from './filter.ts';
import { identityFilter } from './identity.ts';
import { pagedSearch } from './paged.ts';
import type { DirectoryPart } from './parts.ts';
import { handleIn, type Given } from './given.ts';

/** Identities or names in one filter. */
const atOnce = 100;
/** Past this, reading everything costs hardly more. */
const most = 2_000;

/**
 * Reads entries once more, whether they changed or not: those that are named, and those that hold a new name of somebody else.
 *
 * @throws ReadAgain where one of them is not found any more, or there are too many; IncompleteReading
 */
export async function* readAgain(io: DirectoryIo, { named, newNames }: Stale, given: Given, signal: AbortSignal): AsyncGenerator<RowBatch> {
  const dns = newNames.map((handle) => given.spelled(handle)).filter((dn) => dn !== undefined);
  if (named.length > most || dns.length > most) throw new ReadAgain(`more than ${most} entries have other names, or name somebody who has`);
  for (const part of io.parts) {
    const numbering: Numbering = { next: 1 };
    const handles = named.filter((one) => one.part === part.part && given.take(part, one.handle)).map(({ handle }) => handle);
    for (const some of slices(handles)) {
      const entries = await search(io, part, or(...some.map((handle) => identityFilter(part.rules.kind.id, handle))), signal);
      yield batchOf(part, await completed(part, entries, io.completion, signal), numbering);
      if (entries.length < some.length) throw new ReadAgain('entries that name somebody whose name changed are not there any more');
    }
    const naming = namingAttributes(part);
    for (const some of naming.length === 0 ? [] : slices(dns)) {
      const holders = await search(io, part, or(...some.flatMap((dn) => naming.map((attribute) => equality(attribute, dn)))), signal);
      const others = holders.filter((bytes) => given.take(part, handleIn(part, bytes)));
      yield batchOf(part, await completed(part, others, io.completion, signal), numbering);
    }
  }
}

/** Where entries of a part name others by DN, as far as anybody asks. */
function namingAttributes({ part, attributes, rules: { kind } }: DirectoryPart): readonly string[] {
  const asked = new Set(attributes.map((name) => name.toLowerCase()));
  return part === 'users' ? kind.references.filter((name) => asked.has(name.toLowerCase()) || asked.has('*')) : kind.groups.memberDn;
}

async function search({ client, pageSize, timeoutMs }: DirectoryIo, { base, filter, attributes }: DirectoryPart, which: Filter, signal: AbortSignal): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  const asked = { base, scope: 'sub', filter: and(filter, which), attributes, timeoutMs } as const;
  for await (const entries of pagedSearch(client, asked, pageSize, signal)) found.push(...entries);
  return found;
}

function slices<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / atOnce) }, (_, index) => all.slice(index * atOnce, (index + 1) * atOnce));
}
