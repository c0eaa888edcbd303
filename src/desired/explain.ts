import type { SourceRecord } from '../model/record.ts';
import type { FlatResource, Json, DesiredState } from '../model/resource.ts';
import { desire, mapResource } from './desire.ts';
import { recordContext } from './expression.ts';
import { evaluateEntry, describeSource, type MappingEntry } from './mapping-entry.ts';
import { applyMapping } from './mapping.ts';
import { decideScope } from './scope.ts';
import type { ResourceTypeMapping } from './resource-type-mapping.ts';

/** How one record is mapped for one target, and why; `explain` shows it. */
export interface Explanation {
  readonly desired: DesiredState;
  readonly scope: { readonly inScope: boolean; readonly reason: string };
  /** In mapping order. */
  readonly paths: readonly ExplainedPath[];
  /** Notes for all records: paths that the application does not store. */
  readonly notes: readonly string[];
}

/** One SCIM path of an explained record: its expression, and its value or why it has none. */
export interface ExplainedPath {
  readonly path: string;
  readonly source: string;
  readonly origin: 'mapping' | 'default';
  readonly value?: Json;
  /** The reason for a missing value. */
  readonly absenceReason?: string;
}

/** Explains how a record becomes a resource at one target: scope, and each path with its expression and value. */
export function explain(record: SourceRecord, typeMapping: ResourceTypeMapping, notes: readonly string[]): Explanation {
  const context = recordContext(record.resourceType, record.attributes);
  const scope = typeMapping.isSupported
    ? decideScope(typeMapping.scope, context)
    : ({ kind: 'out', reason: 'the application has no groups' } as const);
  const bodyOf = (result: { readonly body: FlatResource } | { readonly error: string }): FlatResource | undefined =>
    'body' in result ? result.body : undefined;
  const mapped = bodyOf(applyMapping(typeMapping.mapping, record, context));
  const body = bodyOf(mapResource(record, typeMapping, context));
  const explainEntry = (entry: MappingEntry): ExplainedPath => {
    const { at, source, origin } = entry;
    const evaluated = evaluateEntry(entry, record, context);
    const common = { path: at.text, source: describeSource(source), origin };
    if (evaluated.kind === 'absent') return { ...common, absenceReason: evaluated.reason };
    if (evaluated.kind === 'fault') return { ...common, absenceReason: evaluated.message };
    if (mapped !== undefined && mapped[at.text] === undefined)
      return { ...common, absenceReason: 'the element that it belongs to has no value' };
    if (body !== undefined && body[at.text] === undefined)
      return { ...common, absenceReason: 'the application takes no more of this list' };
    return { ...common, value: body?.[at.text] ?? evaluated.value };
  };
  return {
    desired: desire(record, typeMapping, context),
    scope: { inScope: scope.kind === 'in', reason: scope.reason },
    paths: typeMapping.mapping.entries.map(explainEntry),
    notes,
  };
}
