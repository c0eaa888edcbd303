import type { SourceRecord } from '../model/record.ts';
import type { FlatResource, Json } from '../model/resource.ts';
import { foldUnique } from '../model/target/unique-value.ts';
import type { CanonicalPath } from './canonical-path.ts';
import type { Expression } from './expression.ts';
import type { ExpressionContext } from './expression-context.ts';
import { isJoinInDoubt } from './joins/join-rules.ts';
import { normalise } from './normalise.ts';

/** The source of one attribute's value. */
export type ValueSource =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'constant'; readonly value: Json }
  /** The record's key in the source. */
  | { readonly kind: 'key' }
  /** Active by the source's definition. */
  | { readonly kind: 'active' }
  /** The first of these values that no other account of the target has. */
  | { readonly kind: 'unique'; readonly candidates: readonly Expression[] };

/** One entry of a mapping: a path, the source of its value, and whether the operator or a default defines it. */
export interface MappingEntry {
  readonly at: CanonicalPath;
  readonly source: ValueSource;
  readonly origin: 'mapping' | 'default';
  /** The value where the source gives none. */
  readonly fallback?: ValueSource | undefined;
  /** The value is set when the account is created, and stays what the account has. */
  readonly onCreate?: true;
  /** The joined sources that it reads. */
  readonly joinedSources?: readonly string[] | undefined;
}

/** What decides values besides the record. */
export interface EntryContext extends ExpressionContext {
  /** What the account of the record holds at the target; undefined: it has no account there. */
  readonly account?: FlatResource | undefined;
  /** The unique values that are assigned to the record; undefined: the first candidate is shown. */
  readonly assigned?: FlatResource | undefined;
}

/** The value of one mapping entry, or why the record has none. A `fault` rejects the record. */
export type MappedValue =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'fault'; readonly message: string };

/** The value of one entry for one record. */
export function evaluateEntry(entry: MappingEntry, record: SourceRecord, context: EntryContext): MappedValue {
  const { at, source, fallback } = entry;
  if (entry.onCreate === true && context.account !== undefined)
    return heldValue(context.account[at.text], 'the value is set only when an account is created');
  if (context.account !== undefined && isSourceInDoubt(entry, context))
    return heldValue(context.account[at.text], 'it is in doubt which record of a joined source belongs to the user');
  const mapped = evaluateSource(source, at, record, context);
  return mapped.kind === 'absent' && fallback !== undefined ? evaluateSource(fallback, at, record, context) : mapped;
}

const heldValue = (value: Json | undefined, reason: string): MappedValue =>
  value === undefined ? { kind: 'absent', reason: `the account has none, and ${reason}` } : { kind: 'value', value };

/** Whether the entry reads a joined source of which the user's record is in doubt: an account keeps its value. */
const isSourceInDoubt = ({ joinedSources }: MappingEntry, { joined }: ExpressionContext): boolean =>
  joinedSources?.some((source) => isJoinInDoubt(joined?.[source])) === true;

/** Whether the account keeps the value that it has. */
export const keepsHeldValue = (entry: MappingEntry, context: EntryContext): boolean =>
  context.account !== undefined && (entry.onCreate === true || isSourceInDoubt(entry, context));

function evaluateSource(
  source: ValueSource,
  at: CanonicalPath,
  record: SourceRecord,
  context: EntryContext,
): MappedValue {
  switch (source.kind) {
    case 'key':
      return { kind: 'value', value: record.key };
    case 'active':
      return { kind: 'value', value: record.active };
    case 'constant':
      return { kind: 'value', value: source.value };
    case 'unique':
      return assignedValue(source.candidates, at, context);
    case 'expression':
      return evaluateExpression(source.expression, at, context);
  }
}

function evaluateExpression(expression: Expression, at: CanonicalPath, context: ExpressionContext): MappedValue {
  const result = expression.evaluate(context);
  if (result.kind === 'missing') return { kind: 'absent', reason: `${result.name} is missing` };
  if (result.kind === 'error') return { kind: 'fault', message: `${at.text} cannot be computed: ${result.message}` };
  const normalised = normalise(result.value, at);
  if ('error' in normalised) return { kind: 'fault', message: normalised.error };
  return normalised.value === undefined
    ? { kind: 'absent', reason: 'its value is blank' }
    : { kind: 'value', value: normalised.value };
}

/** The candidates of a unique value that the record has, without repetitions; a fault of any of them counts. */
export function candidateValues(
  candidates: readonly Expression[],
  at: CanonicalPath,
  context: ExpressionContext,
): { readonly values: readonly [string, ...string[]] } | Exclude<MappedValue, { kind: 'value' }> {
  const values = new Map<string, string>();
  let absent: MappedValue = { kind: 'absent', reason: 'its value is blank' };
  for (const candidate of candidates) {
    const mapped = evaluateExpression(candidate, at, context);
    if (mapped.kind === 'fault') return mapped;
    if (mapped.kind === 'absent') absent = mapped;
    else if (typeof mapped.value === 'object')
      return { kind: 'fault', message: `${at.text} must be a text to be unique, not ${JSON.stringify(mapped.value)}` };
    else if (!values.has(foldUnique(String(mapped.value))))
      values.set(foldUnique(String(mapped.value)), String(mapped.value));
  }
  const [first, ...others] = values.values();
  return first === undefined ? absent : { values: [first, ...others] };
}

/** An assigned value stays, also where the record has other candidates by now, or none. */
function assignedValue(candidates: readonly Expression[], at: CanonicalPath, context: EntryContext): MappedValue {
  const assigned = context.assigned?.[at.text];
  if (assigned !== undefined) return { kind: 'value', value: assigned };
  const computed = candidateValues(candidates, at, context);
  if (!('values' in computed)) return computed;
  const { values } = computed;
  if (context.assigned === undefined) return { kind: 'value', value: values[0] };
  const detail = `other accounts at the target have ${listed(values)}; add another value to the list`;
  return { kind: 'fault', message: `${at.text}: ${detail}` };
}

/** At most this number of values is named in a message. */
const maxNamed = 5;

function listed(values: readonly string[]): string {
  const named = values.slice(0, maxNamed).map((each) => JSON.stringify(each));
  if (values.length === 1) return named.join('');
  const more = values.length > maxNamed ? ` and ${values.length - maxNamed} more` : '';
  return `all of ${named.join(', ')}${more}`;
}

/** The expressions of an entry. */
export function expressionsOfEntry({ source, fallback }: MappingEntry): readonly Expression[] {
  return [source, fallback].flatMap((one) => {
    if (one?.kind === 'unique') return one.candidates;
    return one?.kind === 'expression' ? [one.expression] : [];
  });
}

/** An entry as text for the operator, with its policy. */
export function describeEntry({ source, fallback, onCreate }: MappingEntry): string {
  return [
    describeSource(source),
    ...(fallback === undefined ? [] : [`; default: ${describeSource(fallback)}`]),
    ...(onCreate === true ? ['; only when the account is created'] : []),
  ].join('');
}

/** A value source as text for the operator. */
export function describeSource(source: ValueSource): string {
  switch (source.kind) {
    case 'expression':
      return source.expression.text;
    case 'constant':
      return JSON.stringify(source.value);
    case 'key':
      return 'the key in the source';
    case 'active':
      return 'active in the source';
    case 'unique':
      return `the first unique value of ${source.candidates.map(({ text }) => text).join(', ')}`;
  }
}
