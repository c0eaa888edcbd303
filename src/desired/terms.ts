import type { Kind } from '../model/kind.ts';
import { PathSyntaxError } from '../model/path.ts';
import type { Holds } from '../model/profile.ts';
import type { Json } from '../model/resource.ts';
import { defaultsOf, type Offer } from './defaults.ts';
import { ExpressionSyntaxError, nameIn, type Expression } from './expression.ts';
import { fit } from './fit.ts';
import { holdOf, type Hold } from './hold.ts';
import type { Line } from './line.ts';
import { compileMapping, type Mapping, type Problem } from './mapping.ts';
import { compileScope } from './scope.ts';

/** What one target wants of one kind of record: who is in scope there, and what they look like (fit to what it can hold). */
export interface Terms {
  /** False where the application has no resources of this kind. */
  readonly held: boolean;
  readonly scope: Expression | undefined;
  readonly mapping: Mapping;
  readonly hold: Hold;
  /** The line of `active`, even where the application does not keep it: it also decides who leaves. */
  readonly active: Line | undefined;
}

/** The same as the operator, the profile and the source say it. */
export interface TermsSpec {
  readonly scope: string | undefined;
  readonly mapping: Readonly<Record<string, Json>>;
  readonly offer: Offer;
  readonly holds: Holds;
}

/** Problems and notes, each with its place in the configuration. */
export interface Findings {
  readonly problems: Problem[];
  readonly notes: string[];
}

/** How the configuration speaks of each kind, and the attribute that RFC 7643 requires of it (sections 4.1.1 and 4.2). */
const wording = {
  User: { about: 'user', section: 'mapping.user', scope: 'scope.users', name: 'userName' },
  Group: { about: 'group', section: 'mapping.group', scope: 'scope.groups', name: 'displayName' },
} as const;

export const nameOf = (kind: Kind): 'userName' | 'displayName' => wording[kind].name;

/** Never throws for a mistake of the operator: it is added to the findings. */
export function compileTerms(kind: Kind, spec: TermsSpec, findings: Findings): Terms {
  const { about, section, scope: scopeAt } = wording[kind];
  const { scope: scopeText, offer, holds } = spec;
  const scope = scopeText === undefined ? undefined : attempt(scopeAt, () => compileScope(scopeText, about), findings);
  const defaults = defaultsOf(kind, offer);
  const compiled = compileMapping(kind, spec.mapping, defaults.lines);
  const fitted = attempt('holds.drops', () => fit(compiled.mapping, holds), findings) ?? {
    mapping: compiled.mapping,
    dropped: [],
  };
  const terms: Terms = {
    held: kind === 'User' || holds.groups,
    scope,
    mapping: fitted.mapping,
    hold: holdOf(
      kind,
      holds,
      fitted.mapping.lines.map(({ at }) => at.text),
    ),
    active: compiled.mapping.lines.find(({ at }) => at.text === 'active'),
  };
  const problems = [...compiled.problems, ...defaults.problems];
  const located = problems.map((problem) => ({ ...problem, at: `${section}.${problem.at}` }));
  findings.problems.push(...located, ...unnamed(kind, terms, problems, offer));
  findings.notes.push(
    ...fitted.dropped.map(({ at }) => `${section}.${at.text}: the application does not keep it, so it is not sent`),
    ...terms.mapping.lines
      .filter(({ at }) => at.doubt !== undefined)
      .map(({ at }) => `${section}.${at.text}: ${at.doubt ?? ''}; it is sent as it is written`),
    ...strangers(kind, terms, offer),
  );
  return terms;
}

/** What `compile` gives; a mistake in an expression or a path becomes a finding. */
export function attempt<T>(at: string, compile: () => T, { problems }: Findings): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError || error instanceof PathSyntaxError)) throw error;
    problems.push({ at, message: error.message });
    return undefined;
  }
}

function unnamed(
  kind: Kind,
  { held, mapping }: Terms,
  problems: readonly Problem[],
  { columns, mapping: offered }: Offer,
): readonly Problem[] {
  const { name, about, section } = wording[kind];
  const isFaulty = problems.some((problem) => problem.at.trim().toLowerCase() === name.toLowerCase());
  if (!held || isFaulty || mapping.lines.some(({ at }) => at.text === name)) return [];
  const likely = columns.find((column) =>
    /^(user.?name|login|upn|user.?principal.?name|e.?mail|mail|work.?e.?mail)$/i.test(column),
  );
  const example = `"${name}": ${JSON.stringify(nameIn(about, likely ?? (offered === undefined ? 'COLUMN' : 'ATTRIBUTE')))}`;
  const otherwise = offered === undefined ? `, or give the source a column ${name}` : '';
  return [
    {
      at: `${section}.${name}`,
      message: `is not mapped, and every ${about} must have one; write ${example}${otherwise}`,
    },
  ];
}

/** Names that no column has. No mistake for certain: `has(user.nickname)` asks just that. */
function strangers(kind: Kind, { scope, mapping }: Terms, { columns }: Offer): readonly string[] {
  if (columns.length === 0) return [];
  const { about, section, scope: scopeAt } = wording[kind];
  const readers: { at: string; uses: Expression['uses'] }[] =
    scope === undefined ? [] : [{ at: scopeAt, uses: scope.uses }];
  for (const { at, rule } of mapping.lines) {
    if (rule.kind === 'expression') readers.push({ at: `${section}.${at.text}`, uses: rule.expression.uses });
  }
  return readers.flatMap(({ at, uses }) => {
    const unknown = [...(uses ?? [])].filter((name) => !columns.includes(name));
    return unknown.map((name) => `${at}: reads ${nameIn(about, name)}, and the source has no such attribute`);
  });
}
