import type { ResourceType } from '../model/resource-type.ts';
import { formatFilter, pathOf } from '../model/path.ts';
import type { Supports, ListConstraint, ValueConstraint } from '../model/profile.ts';
import type { FlatResource, Json } from '../model/resource.ts';
import { fromScimJson, toScimJson } from '../model/scim-json.ts';

/**
 * Converts a resource to the form that an application accepts, or returns the reason for its rejection.
 * @param held paths whose values the application holds already; they are not checked
 */
export type ApplyConstraints = (
  body: FlatResource,
  held?: ReadonlySet<string>,
) => { readonly body: FlatResource } | { readonly error: string };

type Element = { readonly [name: string]: Json };

/**
 * Compiles the constraints of one resource type. A rejection here costs no request, and its text names the constraint.
 * @param order the paths of the mapping; the first of several primary elements stays primary
 * @throws SyntaxError if `rejectPattern` is not a regular expression
 */
export function compileConstraints(
  resourceType: ResourceType,
  supports: Pick<Supports, 'values' | 'lists' | 'requiredAttributes'>,
  order: readonly string[] = [],
): ApplyConstraints {
  if (resourceType === 'Group') return (body) => ({ body });
  const values = Object.entries(supports.values).map(([path, constraint]) => ({
    path,
    constraint,
    rejectPattern: constraint.rejectPattern === undefined ? undefined : new RegExp(constraint.rejectPattern, 'u'),
  }));
  const lists = Object.entries(supports.lists);
  if (values.length + lists.length + supports.requiredAttributes.length === 0) return (body) => ({ body });
  return (body, held) => {
    const result: Record<string, Json> = { ...body };
    for (const { path, constraint, rejectPattern } of values) {
      const value = result[path];
      if (typeof value !== 'string' || held?.has(path) === true) continue;
      const error = errorAt(path, value, constraint, rejectPattern);
      if (error !== undefined) return { error };
      if (constraint.lowerCase === true) result[path] = value.toLowerCase();
    }
    for (const [attribute, constraint] of lists) constrainList(result, attribute, constraint, order);
    const missing = firstMissing(resourceType, result, supports.requiredAttributes);
    return missing === undefined ? { body: result } : { error: `has no ${missing}, which this application requires` };
  };
}

/** The first path without a value. */
function firstMissing(resourceType: ResourceType, body: FlatResource, needs: readonly string[]): string | undefined {
  if (needs.length === 0) return undefined;
  const present = fromScimJson(toScimJson(resourceType, body), needs);
  return needs.find((path) => present[path] === undefined);
}

function errorAt(
  path: string,
  value: string,
  { maxLength }: ValueConstraint,
  rejectPattern: RegExp | undefined,
): string | undefined {
  if (maxLength !== undefined && [...value].length > maxLength)
    return `${path} ${JSON.stringify(value)} has more than the ${maxLength} characters that this application takes`;
  if (rejectPattern?.test(value) === true)
    return `${path} ${JSON.stringify(value)} holds what this application refuses (${rejectPattern.source})`;
  return undefined;
}

/** A body contains a list completely, or as paths to single elements. */
function constrainList(
  body: Record<string, Json>,
  attribute: string,
  constraint: ListConstraint,
  order: readonly string[],
): void {
  const whole = body[attribute];
  if (Array.isArray(whole)) {
    body[attribute] = constrainElements(whole as readonly Json[], constraint);
    return;
  }
  const elements = new Map<string, string[]>();
  for (const text of Object.keys(body)) {
    const { schema, attribute: name, filter } = pathOf(text);
    if (schema !== undefined || name !== attribute || filter === undefined) continue;
    const element = `${attribute}[${formatFilter(filter)}]`;
    elements.set(element, [...(elements.get(element) ?? []), text]);
  }
  const isPrimary = (element: string): boolean => body[`${element}.primary`] === true;
  const ordered = [...elements.keys()].sort(
    (one, other) => Number(isPrimary(other)) - Number(isPrimary(one)) || orderOf(one, order) - orderOf(other, order),
  );
  const most = constraint.maxItems ?? ordered.length;
  for (const element of ordered.slice(most)) for (const path of elements.get(element) ?? []) delete body[path];
  if (constraint.primary !== true) return;
  for (const [index, element] of ordered.slice(0, most).entries()) {
    if (index === 0) body[`${element}.primary`] = true;
    else delete body[`${element}.primary`];
  }
}

/** The element that the mapping marks as primary, or else the first one. */
function orderOf(element: string, order: readonly string[]): number {
  const primary = order.indexOf(`${element}.primary`);
  return primary === -1 ? order.findIndex((path) => path.startsWith(`${element}.`)) : primary;
}

function constrainElements(
  list: readonly Json[],
  { maxItems, primary, subAttributes, plain }: ListConstraint,
): readonly Json[] {
  if (plain === true) return list.map(plainValue).slice(0, maxItems ?? list.length);
  const elements = list.filter(isElement);
  const isPrimary = (element: Element): boolean => element['primary'] === true;
  const ordered = [...elements]
    .sort((one, other) => Number(isPrimary(other)) - Number(isPrimary(one)))
    .slice(0, maxItems ?? elements.length);
  return ordered.map((element, index) => {
    const withPrimary = primary === true ? { ...element, primary: index === 0 } : element;
    if (withPrimary !== element && index > 0) delete (withPrimary as Record<string, Json>)['primary'];
    return subAttributes === undefined
      ? withPrimary
      : Object.fromEntries(Object.entries(withPrimary).filter(([name]) => subAttributes.includes(name)));
  });
}

const isElement = (value: Json): value is Element =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An element as a plain word: its `value`. */
const plainValue = (element: Json): Json => (isElement(element) ? (element['value'] ?? element) : element);
