import type { UsedAttributes } from '../../source.ts';
import type { ActiveCondition } from '../../active-condition.ts';
import type { Instant } from '../../../model/ids.ts';
import { and, compileFilter, not, type Filter } from '../protocol/filter.ts';
import { requestedAttributes, rowReader, type ReadRow, type EntryReaderOptions } from './rows.ts';
import type { Schema } from '../protocol/schema.ts';
import type { DirectoryProfile, LdapSettings } from '../settings.ts';

/** One part of a directory: where it is, which entries belong to it, and what is asked of them. */
export interface PartSearch {
  readonly part: 'users' | 'groups' | 'nested';
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly readerOptions: EntryReaderOptions;
  /** By these options; made once for all entries of the part. */
  readonly readRow: ReadRow;
}

export interface PartSearchOptions {
  readonly settings: LdapSettings;
  readonly directoryProfile: DirectoryProfile;
  readonly schema: Schema;
  readonly usedAttributes: UsedAttributes;
  readonly activeCondition: ActiveCondition | undefined;
  readonly now: Instant;
}

/** The parts of a directory in the order in which they are read. */
export function partSearches({
  settings,
  directoryProfile,
  schema,
  usedAttributes,
  activeCondition,
  now,
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
    schema,
    now,
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

/** An operator's filter narrows the kind's, unless it says itself what kind of entry is meant. */
export function effectiveFilter(configured: string | undefined, defaultFilter: string): Filter {
  if (configured === undefined) return compileFilter(defaultFilter);
  const filter = compileFilter(configured);
  const hasObjectClass = filter.attributes.some((name) =>
    ['objectclass', 'objectcategory', 'structuralobjectclass'].includes(name.toLowerCase()),
  );
  return hasObjectClass ? filter : and(compileFilter(defaultFilter), filter);
}
