import type { Kind } from '../model/kind.ts';
import { PathSyntaxError } from '../model/path.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Body, Json } from '../model/resource.ts';
import { canonicalPath, covers, type KnownPath } from './canonical.ts';
import { elementsOf, type Element } from './elements.ts';
import { compileExpression, ExpressionSyntaxError, type Context } from './expression.ts';
import { cellOf, type Line, type Rule } from './line.ts';
import { normalise } from './normalise.ts';

/** What a resource of one kind looks like at one target. */
export interface Mapping {
  readonly kind: Kind;
  /** In the order in which they were written, defaults first. */
  readonly lines: readonly Line[];
  /** The same in the order of their paths, so that equal resources have equal texts. */
  readonly ordered: readonly Line[];
  readonly elements: readonly Element[];
}

/** One mistake in a mapping, with the path at which it was written. */
export interface Problem {
  readonly at: string;
  readonly message: string;
}

/**
 * A string is an expression, any other JSON value a constant; null removes a default, and so does a path that overlaps it.
 * Defaults are compiled lines already. All mistakes are collected, so that they can be mended at once.
 */
export function compileMapping(
  kind: Kind,
  written: Readonly<Record<string, Json>>,
  defaults: readonly Line[],
): { mapping: Mapping; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const lines: Line[] = [];
  const places: KnownPath[] = [];
  for (const [text, value] of Object.entries(written)) {
    try {
      const at = canonicalPath(kind, text);
      const twin = places.find((place) => overlaps(place, at));
      if (twin !== undefined)
        problems.push({ at: text, message: `says the same as, or overlaps, ${twin.text}; keep one of them` });
      places.push(at);
      if (value !== null) lines.push({ at, rule: compileRule(kind, at, value), from: 'mapping' });
    } catch (error) {
      if (!(error instanceof PathSyntaxError || error instanceof ExpressionSyntaxError)) throw error;
      problems.push({ at: text, message: error.message });
    }
  }
  const kept = defaults.filter(({ at }) => !places.some((place) => overlaps(place, at)));
  return { mapping: mappingOf(kind, [...kept, ...lines]), problems };
}

export function mappingOf(kind: Kind, lines: readonly Line[]): Mapping {
  const ordered = lines.toSorted((one, other) =>
    one.at.text < other.at.text ? -1 : one.at.text > other.at.text ? 1 : 0,
  );
  return { kind, lines, ordered, elements: elementsOf(lines) };
}

/** The whole resource, or the first reason why there can be none. */
export function applyMapping(
  mapping: Mapping,
  record: SourceRecord,
  context: Context,
): { body: Body } | { fault: string } {
  const values = new Map<Line, Json>();
  for (const line of mapping.ordered) {
    const cell = cellOf(line, record, context);
    if (cell.kind === 'fault') return { fault: cell.message };
    if (cell.kind === 'value') values.set(line, cell.value);
  }
  for (const { carriers, members } of mapping.elements) {
    if (!carriers.some((line) => values.has(line))) members.forEach((line) => values.delete(line));
  }
  const body: Record<string, Json> = {};
  for (const [line, value] of values) body[line.at.text] = value;
  return { body };
}

function overlaps(one: KnownPath, other: KnownPath): boolean {
  return covers(one.path, other.path) || covers(other.path, one.path);
}

function compileRule(kind: Kind, at: KnownPath, value: Json): Rule {
  if (typeof value === 'string') {
    const expression = compileExpression(value, kind === 'User' ? 'user' : 'group');
    const reason = misfit(expression.type, at);
    if (reason !== undefined) throw new ExpressionSyntaxError(reason);
    return { kind: 'expression', expression };
  }
  const normalised = normalise(value, at);
  if ('fault' in normalised) throw new ExpressionSyntaxError(normalised.fault);
  if (normalised.value === undefined) {
    throw new ExpressionSyntaxError(`the constant ${JSON.stringify(value)} is blank; write null to remove a default`);
  }
  return { kind: 'constant', value: normalised.value };
}

/** A type that can never fit is a mistake in the configuration, not in each of the records. */
function misfit(type: string, { type: wanted, text }: KnownPath): string | undefined {
  const isList = type.startsWith('list');
  const isMap = type.startsWith('map');
  if ((wanted === 'string' || wanted === 'reference') && (isList || isMap)) {
    const given = isList ? 'list; write user.NAME for the first of values.NAME, or join them' : 'map';
    return `${text} takes a single value, and this expression gives a ${given}`;
  }
  if (wanted === 'boolean' && !['bool', 'string', 'dyn'].includes(type))
    return `${text} must be true or false, and this expression gives ${type}`;
  if (wanted === 'object' && !isMap && type !== 'dyn')
    return `${text} has sub-attributes; map them one by one, as in name.givenName`;
  return undefined;
}
