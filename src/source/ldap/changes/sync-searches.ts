import type { SyncSearch } from './syncrepl.ts';
import { normaliseDn, isUnder } from '../names/dn.ts';
import { anyOf, compileFilter, or } from '../protocol/filter.ts';
import type { PartSearch } from '../read/part-searches.ts';
import type { RootDse } from '../protocol/root-dse.ts';

/** The search of one part, for a content synchronisation (RFC 4533). @param timeoutMs undefined: no limit */
export function toSyncSearch({ base, filter, attributes }: PartSearch, timeoutMs: number | undefined): SyncSearch {
  return { base, filter, attributes, timeoutMs };
}

/** Matches entries that usually contain other entries. */
export const containerClasses = anyOf('objectClass', [
  'organizationalUnit',
  'organization',
  'country',
  'locality',
  'domain',
  'container',
  'nsContainer',
]);

/** Entries with children, and the usual container classes for servers that cannot search for hasSubordinates. */
const parentFilter = or(compileFilter('(hasSubordinates=TRUE)'), containerClasses);

/**
 * One search per naming context for containers. A renamed container changes the DN of every descendant, and servers
 * report the container alone (RFC 4533 1.3.1 leaves that to the server).
 */
export function containerSearches({
  dse,
  parts,
  timeoutMs,
}: {
  readonly dse: RootDse;
  readonly parts: readonly PartSearch[];
  readonly timeoutMs: number | undefined;
}): readonly { readonly name: string; readonly search: SyncSearch }[] {
  const roots = new Set(parts.map(({ base }) => namingContextOf(base, dse)));
  return [...roots].map((base) => ({
    name: `containers ${base}`,
    search: { base, filter: parentFilter, attributes: ['1.1'], timeoutMs, isAuxiliary: true },
  }));
}

/** The naming context that contains a base; the base itself where the root DSE lists none. */
export function namingContextOf(base: string, { namingContexts }: RootDse): string {
  const normalised = normaliseDn(base);
  return namingContexts.find((context) => context !== '' && isUnder(normalised, normaliseDn(context))) ?? base;
}
