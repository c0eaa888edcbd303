import type { SourceRecord } from '../model/record.ts';
import type { Json } from '../model/resource.ts';
import type { KnownPath } from './canonical.ts';
import type { Context, Expression } from './expression.ts';
import { normalise } from './normalise.ts';

/** Where the value of one attribute comes from. */
export type Rule =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'constant'; readonly value: Json }
  /** The record's key in the source. */
  | { readonly kind: 'key' }
  /** The source's own notion of active. */
  | { readonly kind: 'active' };

/** One line of a mapping: what stands at a path, and who said so. */
export interface Line {
  readonly at: KnownPath;
  readonly rule: Rule;
  readonly from: 'mapping' | 'default';
}

export type Cell =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'absent'; readonly because: string }
  | { readonly kind: 'fault'; readonly message: string };

/** What one line says about one record. */
export function cellOf({ at, rule }: Line, record: SourceRecord, context: Context): Cell {
  if (rule.kind === 'key') return { kind: 'value', value: record.key };
  if (rule.kind === 'active') return { kind: 'value', value: record.active };
  if (rule.kind === 'constant') return { kind: 'value', value: rule.value };
  const result = rule.expression.evaluate(context);
  if (result.kind === 'missing') return { kind: 'absent', because: `${result.name} is missing` };
  if (result.kind === 'error') return { kind: 'fault', message: `${at.text} cannot be computed: ${result.message}` };
  const normalised = normalise(result.value, at);
  if ('fault' in normalised) return { kind: 'fault', message: normalised.fault };
  return normalised.value === undefined
    ? { kind: 'absent', because: 'its value is blank' }
    : { kind: 'value', value: normalised.value };
}

/** A rule as a person would read it. */
export function ruleText(rule: Rule): string {
  switch (rule.kind) {
    case 'expression':
      return rule.expression.text;
    case 'constant':
      return JSON.stringify(rule.value);
    case 'key':
      return 'the key in the source';
    case 'active':
      return 'active in the source';
  }
}
