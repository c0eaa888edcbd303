import type { UsedAttributes } from '../../source.ts';
import type { ActiveCondition } from '../../row-condition.ts';
import type { LdapClient } from '../protocol/client.ts';
import { and, compileFilter, not, type Filter } from '../protocol/filter.ts';
import { pagedSearch } from '../protocol/paged.ts';
import { requestedAttributes, rowReader, type ReadRow, type EntryReaderOptions } from './rows.ts';
import type { Schema } from '../protocol/schema.ts';
import type { DirectoryProfile, LdapSettings } from '../settings.ts';

/** The search that finds the entries of one part of the source, and how they are read. */
export interface PartSearch {
  readonly part: 'users' | 'groups' | 'nested';
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly readerOptions: EntryReaderOptions;
  /** Uses `readerOptions`; created once for all entries of the part. */
  readonly readRow: ReadRow;
}

/** What the searches of all parts depend on. */
export interface PartSearchOptions {
  readonly settings: LdapSettings;
  readonly directoryProfile: DirectoryProfile;
  readonly schema: Schema;
  readonly usedAttributes: UsedAttributes;
  readonly activeCondition: ActiveCondition | undefined;
}

/** The searches for all parts, in the order in which they run. */
export function partSearches({
  settings,
  directoryProfile,
  schema,
  usedAttributes,
  activeCondition,
}: PartSearchOptions): readonly PartSearch[] {
  const { users, groups } = settings;
  const optionsFor = (
    part: PartSearch['part'],
    key: string | undefined,
    used: ReadonlySet<string> | undefined,
  ): EntryReaderOptions => ({
    directoryProfile,
    part,
    key,
    used,
    activeCondition: part === 'users' ? activeCondition : undefined,
    honourShadowExpire: users.honourShadowExpire,
    validity: users.validity,
    schema,
  });
  const partSearch = (base: string, filter: Filter, options: EntryReaderOptions): PartSearch => ({
    part: options.part,
    base,
    filter,
    attributes: requestedAttributes(options),
    readerOptions: options,
    readRow: rowReader(options),
  });
  const all = [
    partSearch(
      users.base,
      effectiveFilter(users.filter, directoryProfile.users.filter),
      optionsFor('users', users.key ?? directoryProfile.key, usedAttributes.users),
    ),
  ];
  if (groups === undefined) return all;
  const groupFilter = effectiveFilter(groups.filter, directoryProfile.groups.filter);
  all.push(
    partSearch(
      groups.base,
      groupFilter,
      optionsFor('groups', groups.key ?? directoryProfile.key, usedAttributes.groups),
    ),
  );
  if (groups.nested === 'flatten' && groups.filter !== undefined) {
    const others = and(compileFilter(directoryProfile.groups.filter), not(groupFilter));
    all.push(partSearch(groups.base, others, optionsFor('nested', groups.key ?? directoryProfile.key, new Set())));
  }
  return all;
}

/** The configured filter and the profile's; the configured one alone where it tests the object class itself. */
export function effectiveFilter(configured: string | undefined, defaultFilter: string): Filter {
  if (configured === undefined) return compileFilter(defaultFilter);
  const filter = compileFilter(configured);
  const hasObjectClass = filter.attributes.some((name) =>
    ['objectclass', 'objectcategory', 'structuralobjectclass'].includes(name.toLowerCase()),
  );
  return hasObjectClass ? filter : and(compileFilter(defaultFilter), filter);
}

interface SearchIo {
  readonly client: LdapClient;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/** The entries of a part that also match another filter. @throws IncompleteReading */
export async function searchPart(
  { client, pageSize, timeoutMs }: SearchIo,
  { base, filter, attributes }: PartSearch,
  extraFilter: Filter,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const search = { base, scope: 'sub', filter: and(filter, extraFilter), attributes, timeoutMs } as const;
  const matches: Buffer[] = [];
  for await (const entries of pagedSearch(client, search, pageSize, signal))
    for (const bytes of entries) matches.push(bytes);
  return matches;
}
