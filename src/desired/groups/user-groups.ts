import { InvariantError } from '../../model/errors.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { SourceColumns } from '../default-mapping.ts';
import type { Expression } from '../expression.ts';
import { recordContext, type ExpressionContext, type GroupVariables } from '../expression-context.ts';
import { describeSource, type MappingEntry } from '../mapping-entry.ts';
import { decideScope, type ScopeDecision } from '../scope.ts';
import { compileGroupName } from './group-name.ts';

/** A group of a user, as the rules of one target see it. */
export interface UserGroup {
  readonly key: SourceKey;
  /** Its name in the source. */
  readonly name: string;
  /** Whether the scope of the target contains the group; always `in` where no rule asks. */
  readonly scope: ScopeDecision;
}

/** How the user rules of one target use the groups of the source. */
export interface GroupRules {
  /** Users are in scope only while they are in a group that is in scope. */
  readonly onlyMembers: boolean;
  /** The entry that gives a group its name; undefined: no rule needs names. */
  readonly nameEntry: MappingEntry | undefined;
  /** The groups of a user, by name. @throws InvariantError if they were not looked up */
  of(record: SourceRecord): readonly UserGroup[];
  /**
   * What the rules see of a group, as text. While it stays the same, a change of the group changes no user's desired
   * state.
   */
  roleOf(group: SourceRecord): string;
}

/** What `compileGroupRules` compiles. */
export interface GroupRulesSpec {
  /** Scope and mapping of users. */
  readonly expressions: readonly Expression[];
  readonly onlyMembers: boolean;
  readonly groupScope: Expression | undefined;
  readonly groupColumns: SourceColumns;
  /** The configured attribute with the name of a group; undefined: the default mapping of displayName. */
  readonly nameAttribute: string | undefined;
}

/** The group rules of a target; undefined: no user rule depends on groups, so they are never looked up. */
export function compileGroupRules(spec: GroupRulesSpec): GroupRules | undefined {
  const { expressions, onlyMembers, groupScope } = spec;
  const used = new Set(expressions.flatMap(({ usedGroupVariables }) => [...usedGroupVariables]));
  if (used.size === 0 && !onlyMembers) return undefined;
  const groupName = compileGroupName(spec.groupColumns, spec.nameAttribute);
  // A group is the same object for all its members in a page, so each is evaluated once.
  const seen = new WeakMap<SourceRecord, UserGroup>();
  const evaluated = (group: SourceRecord): UserGroup => {
    const earlier = seen.get(group);
    if (earlier !== undefined) return earlier;
    const scope = onlyMembers ? decideScope(groupScope, recordContext('Group', group.attributes)) : notAsked;
    const result = { key: group.key, name: groupName.of(group), scope };
    seen.set(group, result);
    return result;
  };
  return {
    onlyMembers,
    nameEntry: used.has('groups') ? groupName.entry : undefined,
    of({ key, groups }) {
      if (groups === undefined) throw new InvariantError(`the groups of user ${key} were not looked up`);
      return groups.map(({ group }) => evaluated(group)).toSorted(byNameThenKey);
    },
    roleOf(group) {
      const { name, scope } = evaluated(group);
      return JSON.stringify([used.has('groups') ? name : null, onlyMembers ? scope.kind : null]);
    },
  };
}

const notAsked: ScopeDecision = { kind: 'in', reason: 'no rule asks' };

/** The variables for expressions about a record, with the groups of a user as far as they are known. */
export function contextOf(record: SourceRecord, groupRules: GroupRules | undefined): ExpressionContext {
  const { resourceType, attributes, joined } = record;
  if (groupRules === undefined || resourceType !== 'User')
    return recordContext(resourceType, attributes, undefined, joined);
  const variables = (): GroupVariables | undefined => {
    if (record.groups === undefined) return undefined;
    const groups = groupRules.of(record);
    return { groups: groups.map(({ name }) => name), groupKeys: groups.map(({ key }) => key) };
  };
  return recordContext(resourceType, attributes, variables, joined);
}

/** Whether a user is in a group that is in scope. */
export function decideOnlyMembers(groups: readonly UserGroup[]): ScopeDecision {
  const inScope = groups.filter(({ scope }) => scope.kind === 'in');
  const [first] = inScope;
  if (first !== undefined) {
    const others = inScope.length === 1 ? '' : `, and ${inScope.length - 1} more groups in scope`;
    return { kind: 'in', reason: `is in the group ${JSON.stringify(first.name)}${others}` };
  }
  const undecided = groups.find(({ scope }) => scope.kind === 'undecided');
  if (undecided !== undefined)
    return { kind: 'undecided', reason: `group ${JSON.stringify(undecided.name)}: ${undecided.scope.reason}` };
  return { kind: 'out', reason: groups.length === 0 ? 'is in no group' : 'is in no group that is in scope' };
}

/** The attributes of groups that the names need; undefined: the expression computes a name. */
export function attributesOfNames({ nameEntry }: GroupRules): ReadonlySet<string> | undefined {
  return nameEntry?.source.kind === 'expression' ? nameEntry.source.expression.usedAttributes : new Set();
}

/** The part of the rules that decides how groups are named, for the fingerprint of a mapping. */
export function describeNames({ nameEntry }: GroupRules): string | null {
  return nameEntry === undefined ? null : describeSource(nameEntry.source);
}

const byNameThenKey = (one: UserGroup, other: UserGroup): number =>
  compareText(one.name, other.name) || compareText(one.key, other.key);

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
