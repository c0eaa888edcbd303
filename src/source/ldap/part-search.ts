import type { LdapClient } from './client.ts';
import { and, type Filter } from './filter.ts';
import { pagedSearch } from './paged.ts';
import type { DirectoryPart } from './parts.ts';

interface Asked {
  readonly client: LdapClient;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/** The entries of a part that this fits besides. @throws IncompleteReading */
export async function entriesOfPart(
  { client, pageSize, timeoutMs }: Asked,
  { base, filter, attributes }: DirectoryPart,
  which: Filter,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const search = { base, scope: 'sub', filter: and(filter, which), attributes, timeoutMs } as const;
  const all: Buffer[] = [];
  for await (const entries of pagedSearch(client, search, pageSize, signal))
    for (const bytes of entries) all.push(bytes);
  return all;
}
