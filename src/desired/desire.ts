import type { SourceRecord } from '../model/record.ts';
import type { Wish } from '../model/resource.ts';
import { recordContext, type Context } from './expression.ts';
import { cellOf } from './line.ts';
import { applyMapping } from './mapping.ts';
import { decideScope } from './scope.ts';
import { nameOf, type Terms } from './terms.ts';

/**
 * Who should exist there, looking how.
 *
 *     inactive in the source, or by the mapping of `active`  → absent, inactive
 *     not in scope, or a kind that is not held there         → absent, outOfScope
 *     a value that does not fit, or no name                  → rejected; what is there stays
 *     otherwise                                              → present
 *
 * Whoever is both inactive and out of scope is inactive. What cannot be decided never removes anybody.
 */
export function desire(
  record: SourceRecord,
  terms: Terms,
  context: Context = recordContext(record.kind, record.attributes),
): Wish {
  if (!record.active) return { kind: 'absent', because: 'inactive' };
  const activity = activityOf(record, terms, context);
  if (activity === 'inactive') return { kind: 'absent', because: 'inactive' };
  if (!terms.held) return { kind: 'absent', because: 'outOfScope' };
  const scope = decideScope(terms.scope, context);
  if (scope.kind === 'out') return { kind: 'absent', because: 'outOfScope' };
  if (scope.kind === 'undecided') return { kind: 'rejected', reason: scope.because };
  if (activity !== 'active') return { kind: 'rejected', reason: activity.doubt };
  const applied = resourceOf(record, terms, context);
  if ('fault' in applied) return { kind: 'rejected', reason: applied.fault };
  const name = nameOf(record.kind);
  if (applied.body[name] !== undefined) return { kind: 'present', body: applied.body };
  return { kind: 'rejected', reason: `has no ${name}: ${whyAbsent(name, record, terms, context)}` };
}

/** The whole resource as the application takes it, or the first reason why there can be none. */
export function resourceOf(
  record: SourceRecord,
  { mapping, hold }: Terms,
  context: Context,
): ReturnType<typeof applyMapping> {
  const applied = applyMapping(mapping, record, context);
  return 'fault' in applied ? applied : hold(applied.body);
}

function activityOf(
  record: SourceRecord,
  { active }: Terms,
  context: Context,
): 'active' | 'inactive' | { doubt: string } {
  if (active === undefined) return 'active';
  const cell = cellOf(active, record, context);
  if (cell.kind === 'value') return cell.value === false ? 'inactive' : 'active';
  // Guessing either way would give a leaver access or take a person's access away.
  return { doubt: cell.kind === 'fault' ? cell.message : `active cannot be decided: ${cell.because}` };
}

function whyAbsent(name: string, record: SourceRecord, { mapping }: Terms, context: Context): string {
  const line = mapping.lines.find(({ at }) => at.text === name);
  const cell = line === undefined ? undefined : cellOf(line, record, context);
  return cell?.kind === 'absent' ? cell.because : 'nothing is mapped to it';
}
