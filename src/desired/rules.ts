import { OperatorError } from '../model/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { Holds } from '../model/profile.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Body, Json, Wish } from '../model/resource.ts';
import { toResource } from '../model/shape.ts';
import type { Offer } from './defaults.ts';
import { desire } from './desire.ts';
import { explain, type Explanation } from './explain.ts';
import { resourceContext, type Expression } from './expression.ts';
import { fingerprintOf } from './fingerprint.ts';
import { ruleText } from './line.ts';
import { compileScope } from './scope.ts';
import { attempt, compileTerms, type Findings, type Terms } from './terms.ts';

/** What the operator and the profile say about one target, as far as it decides who exists there and looking how. */
export interface RulesSpec {
  readonly scope?: { readonly users?: string | undefined; readonly groups?: string | undefined } | undefined;
  readonly mapping?: { readonly user?: Written | undefined; readonly group?: Written | undefined } | undefined;
  /** An expression over the mapped resource (`scim.userName == 'root'`). */
  readonly protect?: string | undefined;
  readonly holds: Holds;
}

type Written = Readonly<Record<string, Json>>;

/** The names of the attributes that the source has, empty where it cannot tell; and what it maps by default, where it says so. */
export interface ColumnNames {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly mapping?:
    { readonly user: Readonly<Record<string, string>>; readonly group: Readonly<Record<string, string>> } | undefined;
}

/** The rules of one target, compiled: pure functions of one record. */
export interface Rules {
  wish(record: SourceRecord): Wish;
  /** The paths that are managed there, in mapping order, defaults first. */
  paths(kind: Kind): readonly string[];
  /** Attributes that scope and mapping read; undefined where an expression computes a name. */
  readonly uses: { readonly users: ReadonlySet<string> | undefined; readonly groups: ReadonlySet<string> | undefined };
  /** Whether `protect` matches; undefined where the expression failed, and nothing must be touched. A missing attribute does not match. */
  protects(body: Body): boolean | undefined;
  /** SHA-256 in hexadecimal of everything that can change a wish, and of `protect`. */
  readonly fingerprint: string;
  /** What the operator should know, and what is no mistake for certain. */
  readonly notes: readonly string[];
  explain(record: SourceRecord): Explanation;
}

// Part of the fingerprint: to be raised whenever the same rules would make another resource of the same record.
const version = 1;

/**
 * @param at where the target stands in the configuration, for messages: "targets[0]."
 * @throws OperatorError (exit code 4) that lists all mistakes, each with its place in the configuration
 */
export function compileRules(spec: RulesSpec, columns: ColumnNames, at = ''): Rules {
  const findings: Findings = { problems: [], notes: [] };
  const { scope, mapping, protect: protectText, holds } = spec;
  const users: Offer = { columns: columns.users, mapping: columns.mapping?.user };
  const groups: Offer = { columns: columns.groups, mapping: columns.mapping?.group };
  const terms: Readonly<Record<Kind, Terms>> = {
    User: compileTerms('User', { scope: scope?.users, mapping: mapping?.user ?? {}, offer: users, holds }, findings),
    Group: compileTerms(
      'Group',
      { scope: scope?.groups, mapping: mapping?.group ?? {}, offer: groups, holds },
      findings,
    ),
  };
  const protect =
    protectText === undefined ? undefined : attempt('protect', () => compileScope(protectText, 'resource'), findings);
  const { problems, notes } = findings;
  if (problems.length > 0) {
    // A path that the profile drops is wrong once, not once for each kind.
    const lines = new Set(problems.map((problem) => `${at}${problem.at}: ${problem.message}`));
    throw new OperatorError([...lines].join('\n'), 4);
  }
  return {
    wish: (record) => desire(record, terms[record.kind]),
    paths: (kind) => terms[kind].mapping.lines.map((line) => line.at.text),
    uses: { users: usesOf(terms.User), groups: usesOf(terms.Group) },
    protects: (body) => (protect === undefined ? false : matches(protect, body)),
    fingerprint: fingerprintOf({
      version,
      users: essence(terms.User),
      groups: essence(terms.Group),
      protect: protect?.text ?? null,
    }),
    notes,
    explain: (record) => explain(record, terms[record.kind], notes),
  };
}

function matches(protect: Expression, body: Body): boolean | undefined {
  const result = protect.evaluate(resourceContext(toResource('User', body)));
  if (result.kind === 'missing') return false;
  return result.kind === 'value' && typeof result.value === 'boolean' ? result.value : undefined;
}

function usesOf({ scope, mapping, active }: Terms): ReadonlySet<string> | undefined {
  const lines = active === undefined ? mapping.lines : [...mapping.lines, active];
  const expressions = lines.flatMap(({ rule }) => (rule.kind === 'expression' ? [rule.expression] : []));
  const names = new Set<string>();
  for (const { uses } of scope === undefined ? expressions : [scope, ...expressions]) {
    if (uses === undefined) return undefined;
    for (const name of uses) names.add(name);
  }
  return names;
}

/** Neither the order of the lines nor who said them changes a wish. */
function essence({ held, scope, mapping, active }: Terms): Json {
  const lines = mapping.lines.map(({ at, rule }) => [at.text, { rule: rule.kind, says: ruleText(rule) }] as const);
  return {
    held,
    scope: scope?.text ?? null,
    lines: Object.fromEntries(lines),
    active: active === undefined ? null : { rule: active.rule.kind, says: ruleText(active.rule) },
  };
}
