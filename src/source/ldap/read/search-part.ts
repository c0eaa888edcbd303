import type { LdapClient } from '../protocol/client.ts';
import { and, type Filter } from '../protocol/filter.ts';
import { pagedSearch } from '../protocol/paged.ts';
import type { PartSearch } from './part-searches.ts';

interface SearchDeps {
  readonly client: LdapClient;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/** The entries of a part that this fits besides. @throws IncompleteReading */
export async function searchPart(
  { client, pageSize, timeoutMs }: SearchDeps,
  { base, filter, attributes }: PartSearch,
  extraFilter: Filter,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const search = { base, scope: 'sub', filter: and(filter, extraFilter), attributes, timeoutMs } as const;
  const all: Buffer[] = [];
  for await (const entries of pagedSearch(client, search, pageSize, signal))
    for (const bytes of entries) all.push(bytes);
  return all;
}
