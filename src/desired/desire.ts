import type { SourceRecord } from '../model/record.ts';
import type { DesiredState, FlatResource } from '../model/resource.ts';
import { isIdentityPath } from './person-identity.ts';
import { InvariantError } from '../model/errors.ts';
import type { ExpressionContext } from './expression-context.ts';
import { describeJoin, missingRequired, sourceThatMayDecideScope, unknownGroupSource } from './joins/join-rules.ts';
import {
  candidateValues,
  evaluateEntry,
  keepsHeldValue,
  type EntryContext,
  type MappingEntry,
} from './mapping-entry.ts';
import { applyMapping } from './mapping.ts';
import { bothScopes, decideScope, type ScopeDecision } from './scope.ts';
import { uniqueNameAttribute } from '../model/resource-type.ts';
import type { ResourceTypeMapping } from './resource-type-mapping.ts';
import { contextOf, decideOnlyMembers } from './groups/user-groups.ts';

/**
 * The desired state of one record at one target.
 *
 *     inactive in the source, or by the mapping of `active`  → absent, inactive
 *     not in scope, or an unsupported resource type           → absent, outOfScope
 *     a required record of a joined source is missing         → rejected; an account stays as it is
 *     a value that does not fit, or no name                  → rejected; an account stays as it is
 *     otherwise                                              → present
 *
 * A user who is both inactive and out of scope is inactive. An undecidable condition never removes a user.
 *
 * @throws InvariantError if a rule depends on the groups of the user, and they were not looked up
 */
export function desire(
  record: SourceRecord,
  typeMapping: ResourceTypeMapping,
  context: EntryContext = contextOf(record, typeMapping.groupRules),
): DesiredState {
  // A user without looked-up groups would count as out of scope, and lose the account.
  if (typeMapping.groupRules !== undefined && record.groups === undefined)
    throw new InvariantError(`the groups of user ${record.key} were not looked up`);
  if (!record.active) return { kind: 'absent', reason: 'inactive' };
  const unread = unknownGroupSource(record);
  if (unread !== undefined) return { kind: 'rejected', reason: groupNotRead(unread) };
  const status = accountStatusOf(record, typeMapping, context);
  if (status === 'inactive') return { kind: 'absent', reason: 'inactive' };
  if (!typeMapping.isSupported) return { kind: 'absent', reason: 'outOfScope' };
  const scope = decideRecordScope(record, typeMapping, context);
  if (scope.kind === 'out') return outOfScope(record, typeMapping, context);
  if (scope.kind === 'undecided') return { kind: 'rejected', reason: scope.reason };
  const missing = typeMapping.joinRules === undefined ? undefined : missingRequired(record, typeMapping.joinRules);
  if (missing !== undefined) return notReady(missing, record);
  if (status !== 'active') return { kind: 'rejected', reason: status.undecidable };
  const result = mapResource(record, typeMapping, context);
  if ('error' in result) return { kind: 'rejected', reason: result.error };
  const name = uniqueNameAttribute(record.resourceType);
  if (result.body[name] !== undefined) return { kind: 'present', body: result.body };
  return { kind: 'rejected', reason: `has no ${name}: ${absenceReason(name, record, typeMapping, context)}` };
}

/** Out of scope, unless a joined source may decide otherwise: then an account stays as it is. */
function outOfScope(
  record: SourceRecord,
  { joinRules }: Pick<ResourceTypeMapping, 'joinRules'>,
  { account }: EntryContext,
): DesiredState {
  const source =
    joinRules === undefined ? undefined : sourceThatMayDecideScope(record, joinRules, account !== undefined);
  return source === undefined ? { kind: 'absent', reason: 'outOfScope' } : notReady(source, record);
}

const groupNotRead = (source: string): string =>
  `stays as it is: no reading of the source ${source} was accepted since the configuration uses other attributes of ` +
  'its groups';

const notReady = (source: string, { joined }: SourceRecord): DesiredState => ({
  kind: 'rejected',
  reason: `is not ready: the user ${describeJoin(source, joined?.[source])}`,
});

/** Whether a record is in scope: by the expression, and for a user also by membership if `onlyMembers` is set. */
export function decideRecordScope(
  record: SourceRecord,
  { scope, groupRules }: Pick<ResourceTypeMapping, 'scope' | 'groupRules'>,
  context: ExpressionContext,
): ScopeDecision {
  if (groupRules?.onlyMembers !== true) return decideScope(scope, context);
  const membership = decideOnlyMembers(groupRules.of(record));
  return scope === undefined ? membership : bothScopes(decideScope(scope, context), membership);
}

/** The values by which an account is recognised, whether or not the record should have one. */
export function identify(record: SourceRecord, typeMapping: ResourceTypeMapping): FlatResource {
  const identifying = ['externalId', uniqueNameAttribute(record.resourceType)];
  return mappedValues(record, typeMapping, (path) => identifying.includes(path));
}

/** The values by which a person is recognised, whether or not the record should have an account. */
export function identityValues(record: SourceRecord, typeMapping: ResourceTypeMapping): FlatResource {
  return mappedValues(record, typeMapping, isIdentityPath);
}

function mappedValues(
  record: SourceRecord,
  { mapping, groupRules }: ResourceTypeMapping,
  isWanted: (path: string) => boolean,
): FlatResource {
  // Users with the same name share the candidates of a unique value, so a candidate identifies no person.
  const context = withHeldValues(contextOf(record, groupRules), { assigned: {} });
  return Object.fromEntries(
    mapping.entries
      .filter(({ at }) => isWanted(at.text))
      .flatMap((entry) => {
        const mapped = evaluateEntry(entry, record, context);
        return mapped.kind === 'value' ? [[entry.at.text, mapped.value]] : [];
      }),
  );
}

/** The values that a record may have, in the order in which they are tried, by path. Paths without any are left out. */
export type UniqueCandidates = ReadonlyMap<string, readonly string[]>;

/** The values that a record may have at each path with unique values. */
export function uniqueCandidates(record: SourceRecord, { mapping, groupRules }: ResourceTypeMapping): UniqueCandidates {
  const context = contextOf(record, groupRules);
  return new Map(
    mapping.entries.flatMap(({ at, source }) => {
      const computed = source.kind === 'unique' ? candidateValues(source.candidates, at, context) : undefined;
      return computed !== undefined && 'values' in computed ? [[at.text, computed.values] as const] : [];
    }),
  );
}

/** The key of a user's manager, by the mapping entry of the manager. */
export function managerOf(record: SourceRecord, entry: MappingEntry | undefined): string | undefined {
  if (entry === undefined || record.resourceType !== 'User') return undefined;
  const mapped = evaluateEntry(entry, record, contextOf(record, undefined));
  return mapped.kind === 'value' && typeof mapped.value === 'string' ? mapped.value : undefined;
}

/** The complete resource in the form that the application accepts, or the first reason why there is none. */
export function mapResource(
  record: SourceRecord,
  { mapping, applyConstraints }: ResourceTypeMapping,
  context: EntryContext,
): ReturnType<typeof applyMapping> {
  const result = applyMapping(mapping, record, context);
  if ('error' in result) return result;
  const held = context.account === undefined ? [] : mapping.entries.filter((entry) => keepsHeldValue(entry, context));
  return applyConstraints(result.body, new Set(held.map(({ at }) => at.text)));
}

/** What a target already holds for a record, besides what the mapping computes. */
export interface HeldValues {
  /** The body of its account; undefined: it has no account. */
  readonly account?: FlatResource | undefined;
  /** The unique values that are assigned to it; undefined: the mapping has none, or they are not looked up. */
  readonly assigned?: FlatResource | undefined;
}

/** The context with what the target holds. The getters of the context stay getters. */
export const withHeldValues = (context: ExpressionContext, { account, assigned }: HeldValues): EntryContext =>
  Object.create(context, {
    ...(account === undefined ? {} : { account: { value: account } }),
    ...(assigned === undefined ? {} : { assigned: { value: assigned } }),
  }) as EntryContext;

function accountStatusOf(
  record: SourceRecord,
  { active }: ResourceTypeMapping,
  context: EntryContext,
): 'active' | 'inactive' | { undecidable: string } {
  if (active === undefined) return 'active';
  const mapped = evaluateEntry(active, record, context);
  if (mapped.kind === 'value') return mapped.value === false ? 'inactive' : 'active';
  // Either guess could give access to a leaver or remove a user's access.
  return { undecidable: mapped.kind === 'fault' ? mapped.message : `active cannot be decided: ${mapped.reason}` };
}

function absenceReason(
  name: string,
  record: SourceRecord,
  { mapping }: ResourceTypeMapping,
  context: EntryContext,
): string {
  const entry = mapping.entries.find(({ at }) => at.text === name);
  const mapped = entry === undefined ? undefined : evaluateEntry(entry, record, context);
  return mapped?.kind === 'absent' ? mapped.reason : 'nothing is mapped to it';
}
