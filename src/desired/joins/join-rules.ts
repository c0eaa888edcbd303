import type { SourceNames } from '../../model/reading/source-names.ts';
import type { JoinedRecord, SourceRecord } from '../../model/record.ts';
import type { Expression } from '../expression.ts';

/** How the users of one target depend on joined sources. */
export interface JoinRules {
  /** Sources that scope or mapping read, by attributes or by groups. */
  readonly used: ReadonlySet<string>;
  /** Sources without whose record a user is not ready. */
  readonly required: readonly string[];
  /** Sources that the scope reads. */
  readonly inScope: readonly string[];
}

/** What `compileJoinRules` compiles. */
export interface JoinRulesInput {
  readonly scope: Expression | undefined;
  /** Scope and mapping of users. */
  readonly expressions: readonly Expression[];
  /** How users depend on groups; undefined: they do not. */
  readonly groupRules: { readonly onlyMembers: boolean } | undefined;
}

/** The settings of a target that concern joined sources. */
export interface JoinSettings {
  readonly requiredSources?: readonly string[] | undefined;
  readonly sources?: SourceNames | undefined;
}

/** The join rules of a target; undefined: no user depends on a joined source. */
export function compileJoinRules(
  { scope, expressions, groupRules }: JoinRulesInput,
  { requiredSources: required = [], sources }: JoinSettings,
): JoinRules | undefined {
  const groupSources = groupRules === undefined ? [] : (sources?.withGroups ?? []);
  const used = new Set([...expressions.flatMap(({ usedJoined }) => [...usedJoined.keys()]), ...groupSources]);
  if (used.size === 0 && required.length === 0) return undefined;
  const isInGroups = groupRules?.onlyMembers === true || (scope !== undefined && scope.usedGroupVariables.size > 0);
  const inScope = new Set([...(scope?.usedJoined.keys() ?? []), ...(isInGroups ? groupSources : [])]);
  return { used, required, inScope: [...inScope] };
}

/** What decides the desired state besides the expressions, for the fingerprint of a mapping. */
export const joinSettings = (rules: JoinRules | undefined): { readonly requiredSources?: readonly string[] } =>
  rules === undefined ? {} : { requiredSources: [...rules.required].sort() };

/** The names of attributes that the expressions read of each joined source; undefined: all. */
export function joinedAttributes(
  expressions: readonly Expression[],
): ReadonlyMap<string, ReadonlySet<string> | undefined> {
  const names = new Map<string, ReadonlySet<string> | undefined>();
  for (const { usedJoined } of expressions)
    for (const [source, used] of usedJoined) {
      const known = names.get(source);
      const isAll = used === undefined || (names.has(source) && known === undefined);
      names.set(source, isAll ? undefined : new Set([...(known ?? []), ...used]));
    }
  return names;
}

/** Whether it is not known which record of a source belongs to a user, or whether one does. */
export const isJoinInDoubt = (joined: JoinedRecord | undefined): boolean =>
  joined === undefined || joined.state === 'unknown' || joined.state === 'ambiguous';

/** A source without whose record the user is not ready; undefined: the user is ready. */
export function missingRequired(record: SourceRecord, rules: JoinRules): string | undefined {
  return rules.required.find((source) => record.joined?.[source]?.state !== 'joined');
}

/** A source that the target uses and that was not compared with the user yet; undefined: there is none. */
export function unknownSource(record: SourceRecord, rules: JoinRules | undefined): string | undefined {
  if (record.resourceType !== 'User') return undefined;
  return [...(rules?.used ?? [])].find((source) => {
    const state = record.joined?.[source]?.state;
    return state === undefined || state === 'unknown';
  });
}

/** A source whose last accepted reading lacks attributes of groups that are used now; undefined: there is none. */
export function unknownGroupSource({ resourceType, joined = {} }: SourceRecord): string | undefined {
  if (resourceType !== 'Group') return undefined;
  return Object.keys(joined).find((source) => joined[source]?.state === 'unknown');
}

/**
 * A source that may decide the scope of a user otherwise than it seems: its record is required and missing, or the user
 * has an account and it is in doubt which record belongs to the user. Undefined: there is none.
 */
export function sourceThatMayDecideScope(
  record: SourceRecord,
  { inScope, required }: JoinRules,
  hasAccount: boolean,
): string | undefined {
  return inScope.find((source) => {
    const joined = record.joined?.[source];
    return (required.includes(source) && joined?.state !== 'joined') || (hasAccount && isJoinInDoubt(joined));
  });
}

/** Why a user has no record of a source, as a sentence about the user. */
export function describeJoin(source: string, joined: JoinedRecord | undefined): string {
  switch (joined?.state) {
    case 'joined':
      return `has the record ${JSON.stringify(joined.key ?? '')} in the source ${source}`;
    case 'missing':
      return joined.value === undefined
        ? `has no value by which the source ${source} is joined`
        : `has no record in the source ${source}: no record there has the value ${JSON.stringify(joined.value)}`;
    case 'ambiguous':
      return (
        `has no record in the source ${source}: several users or several records there have the value ` +
        JSON.stringify(joined.value ?? '')
      );
    case 'unknown':
    case undefined:
      return (
        `was not compared with the source ${source} yet, because no reading of it was accepted since, ` +
        'or because a change of the key waits'
      );
  }
}
