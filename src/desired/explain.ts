import type { SourceRecord } from '../model/record.ts';
import type { Body, Json, Wish } from '../model/resource.ts';
import { desire, resourceOf } from './desire.ts';
import { recordContext } from './expression.ts';
import { cellOf, ruleText, type Line } from './line.ts';
import { applyMapping } from './mapping.ts';
import { decideScope } from './scope.ts';
import type { Terms } from './terms.ts';

/** Why one record looks as it does at one target: all that `explain` shows of the mapping. */
export interface Explanation {
  readonly wish: Wish;
  readonly scope: { readonly inScope: boolean; readonly because: string };
  /** In mapping order. */
  readonly paths: readonly ExplainedPath[];
  /** What holds for every record: paths that the application does not keep. */
  readonly notes: readonly string[];
}

export interface ExplainedPath {
  readonly path: string;
  readonly rule: string;
  readonly from: 'mapping' | 'default';
  readonly value?: Json;
  /** Why there is no value. */
  readonly absent?: string;
}

export function explain(record: SourceRecord, terms: Terms, notes: readonly string[]): Explanation {
  const context = recordContext(record.kind, record.attributes);
  const scope = terms.held
    ? decideScope(terms.scope, context)
    : ({ kind: 'out', because: 'the application has no groups' } as const);
  const bodyOf = (applied: { readonly body: Body } | { readonly fault: string }): Body | undefined =>
    'body' in applied ? applied.body : undefined;
  const mapped = bodyOf(applyMapping(terms.mapping, record, context));
  const body = bodyOf(resourceOf(record, terms, context));
  const explained = (line: Line): ExplainedPath => {
    const { at, rule, from } = line;
    const cell = cellOf(line, record, context);
    const common = { path: at.text, rule: ruleText(rule), from };
    if (cell.kind === 'absent') return { ...common, absent: cell.because };
    if (cell.kind === 'fault') return { ...common, absent: cell.message };
    if (mapped !== undefined && mapped[at.text] === undefined)
      return { ...common, absent: 'the element that it belongs to has no value' };
    if (body !== undefined && body[at.text] === undefined)
      return { ...common, absent: 'the application takes no more of this list' };
    return { ...common, value: body?.[at.text] ?? cell.value };
  };
  return {
    wish: desire(record, terms, context),
    scope: { inScope: scope.kind === 'in', because: scope.because },
    paths: terms.mapping.lines.map(explained),
    notes,
  };
}
