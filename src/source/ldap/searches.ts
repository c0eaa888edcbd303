import type { SyncSearch } from './content-sync.ts';
import { foldDn, isUnder } from './dn.ts';
import { compileFilter, or } from './filter.ts';
import type { DirectoryPart } from './parts.ts';
import type { RootDse } from './root-dse.ts';

export function syncSearchOf({ base, filter, attributes }: DirectoryPart, timeoutMs: number | undefined): SyncSearch {
  return { base, filter, attributes, timeoutMs };
}

export const containers = compileFilter(
  '(|(objectClass=organizationalUnit)(objectClass=organization)(objectClass=country)(objectClass=locality)(objectClass=domain)(objectClass=container)(objectClass=nsContainer))',
);

/** Whatever the server knows to hold others, and what does as a rule, for a server that cannot search by that. */
const holders = or(compileFilter('(hasSubordinates=TRUE)'), containers);

/**
 * Searches for what holds other entries. A container that is renamed renames everything below it, and of that no server says a word
 * (RFC 4533 1.3.1 leaves it to the server, and those that exist tell the container alone).
 */
export function containersOf({
  dse,
  parts,
  timeoutMs,
}: {
  readonly dse: RootDse;
  readonly parts: readonly DirectoryPart[];
  readonly timeoutMs: number | undefined;
}): readonly { readonly name: string; readonly search: SyncSearch }[] {
  const roots = new Set(parts.map(({ base }) => rootOf(base, dse)));
  return [...roots].map((base) => ({
    name: `containers ${base}`,
    search: { base, filter: holders, attributes: ['1.1'], timeoutMs, isAside: true },
  }));
}

/** The naming context that a base is in; the base itself where the server names none. */
export function rootOf(base: string, { namingContexts }: RootDse): string {
  const folded = foldDn(base);
  return namingContexts.find((context) => context !== '' && isUnder(folded, foldDn(context))) ?? base;
}
