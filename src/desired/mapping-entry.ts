import type { SourceRecord } from '../model/record.ts';
import type { Json } from '../model/resource.ts';
import type { CanonicalPath } from './canonical-path.ts';
import type { Expression } from './expression.ts';
import type { ExpressionContext } from './expression-context.ts';
import { normalise } from './normalise.ts';

/** The source of one attribute's value. */
export type ValueSource =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'constant'; readonly value: Json }
  /** The record's key in the source. */
  | { readonly kind: 'key' }
  /** Active by the source's definition. */
  | { readonly kind: 'active' };

/** One entry of a mapping: a path, the source of its value, and whether the operator or a default defines it. */
export interface MappingEntry {
  readonly at: CanonicalPath;
  readonly source: ValueSource;
  readonly origin: 'mapping' | 'default';
}

/** The value of one mapping entry, or why the record has none. A `fault` rejects the record. */
export type MappedValue =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'fault'; readonly message: string };

/** The value of one entry for one record. */
export function evaluateEntry(
  { at, source }: MappingEntry,
  record: SourceRecord,
  context: ExpressionContext,
): MappedValue {
  if (source.kind === 'key') return { kind: 'value', value: record.key };
  if (source.kind === 'active') return { kind: 'value', value: record.active };
  if (source.kind === 'constant') return { kind: 'value', value: source.value };
  const result = source.expression.evaluate(context);
  if (result.kind === 'missing') return { kind: 'absent', reason: `${result.name} is missing` };
  if (result.kind === 'error') return { kind: 'fault', message: `${at.text} cannot be computed: ${result.message}` };
  const normalised = normalise(result.value, at);
  if ('error' in normalised) return { kind: 'fault', message: normalised.error };
  return normalised.value === undefined
    ? { kind: 'absent', reason: 'its value is blank' }
    : { kind: 'value', value: normalised.value };
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
  }
}
