import type { SyncSearch } from './syncrepl.ts';
import { normaliseDn, isUnder } from '../names/dn.ts';
import { compileFilter, or } from '../protocol/filter.ts';
import type { PartSearch } from '../read/part-searches.ts';
import type { RootDse } from '../protocol/root-dse.ts';

export function toSyncSearch({ base, filter, attributes }: PartSearch, timeoutMs: number | undefined): SyncSearch {
  return { base, filter, attributes, timeoutMs };
}

export const containerClasses = compileFilter(
  '(|(objectClass=organizationalUnit)(objectClass=organization)(objectClass=country)(objectClass=locality)(objectClass=domain)(objectClass=container)(objectClass=nsContainer))',
);

/** Whatever the server knows to hold others, and what does as a rule, for a server that cannot search by that. */
const parentFilter = or(compileFilter('(hasSubordinates=TRUE)'), containerClasses);

/**
 * Searches for what holds other entries. A container that is renamed renames everything below it, and of that no server says a word
 * (RFC 4533 1.3.1 leaves it to the server, and those that exist tell the container alone).
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

/** The naming context that a base is in; the base itself where the server names none. */
export function namingContextOf(base: string, { namingContexts }: RootDse): string {
  const normalised = normaliseDn(base);
  return namingContexts.find((context) => context !== '' && isUnder(normalised, normaliseDn(context))) ?? base;
}
