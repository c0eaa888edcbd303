import type { Uses } from '../source.ts';
import type { ActiveRule } from '../active-rule.ts';
import type { Instant } from '../../model/ids.ts';
import { and, compileFilter, not, type Filter } from './filter.ts';
import { attributesToAsk, rowReader, type ReadRow, type RowRules } from './rows.ts';
import type { Schema } from './schema.ts';
import type { DirectoryKind, LdapSettings } from './settings.ts';

/** One part of a directory: where it is, which entries belong to it, and what is asked of them. */
export interface DirectoryPart {
  readonly part: 'users' | 'groups' | 'nested';
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly rules: RowRules;
  /** By these rules; made once for all entries of the part. */
  readonly readRow: ReadRow;
}

export interface PartsSpec {
  readonly settings: LdapSettings;
  readonly kind: DirectoryKind;
  readonly schema: Schema;
  readonly uses: Uses;
  readonly activeRule: ActiveRule | undefined;
  readonly now: Instant;
}

/** The parts of a directory in the order in which they are read. */
export function partsOf({ settings, kind, schema, uses, activeRule, now }: PartsSpec): readonly DirectoryPart[] {
  const { users, groups } = settings;
  const rules = (
    part: DirectoryPart['part'],
    key: string | undefined,
    used: ReadonlySet<string> | undefined,
  ): RowRules => ({
    kind,
    part,
    key,
    used,
    activeRule: part === 'users' ? activeRule : undefined,
    honourShadowExpire: users.honourShadowExpire,
    schema,
    now,
  });
  const whole = (base: string, filter: Filter, of: RowRules): DirectoryPart => ({
    part: of.part,
    base,
    filter,
    attributes: attributesToAsk(of),
    rules: of,
    readRow: rowReader(of),
  });
  const all = [
    whole(users.base, chosen(users.filter, kind.users.filter), rules('users', users.key ?? kind.key, uses.users)),
  ];
  if (groups === undefined) return all;
  const wanted = chosen(groups.filter, kind.groups.filter);
  all.push(whole(groups.base, wanted, rules('groups', groups.key ?? kind.key, uses.groups)));
  if (groups.nested === 'flatten' && groups.filter !== undefined) {
    const others = and(compileFilter(kind.groups.filter), not(wanted));
    all.push(whole(groups.base, others, rules('nested', groups.key ?? kind.key, new Set())));
  }
  return all;
}

/** An operator's filter narrows the kind's, unless it says itself what kind of entry is meant. */
export function chosen(written: string | undefined, byKind: string): Filter {
  if (written === undefined) return compileFilter(byKind);
  const filter = compileFilter(written);
  const saysWhat = filter.attributes.some((name) =>
    ['objectclass', 'objectcategory', 'structuralobjectclass'].includes(name.toLowerCase()),
  );
  return saysWhat ? filter : and(compileFilter(byKind), filter);
}
