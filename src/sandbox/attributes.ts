import { pathOf, type AttributePath, type Selector } from '../model/path.ts';
import type { Json } from '../model/resource.ts';
import { isComplex, withMember, type Complex } from './resource.ts';

/** The values at a path of a resource; one for each element that the path means. A URN stands for its whole extension. */
export function valuesOf(attributes: Complex, text: string): readonly Json[] {
  const whole = attributes[text];
  if (whole !== undefined) return Array.isArray(whole) ? (whole as readonly Json[]) : [whole];
  const { schema, attribute, filter, sub } = pathOf(text);
  const container = schema === undefined ? attributes : attributes[schema];
  const value = isComplex(container) ? container[attribute] : undefined;
  if (value === undefined) return [];
  const elements = (Array.isArray(value) ? (value as readonly Json[]) : [value]).filter((element) =>
    selects(filter, element),
  );
  if (sub === undefined && filter === undefined) return elements;
  return elements.flatMap((element) => (isComplex(element) ? (element[sub ?? 'value'] ?? []) : []));
}

/**
 * The attributes with each value at a path changed; a path without a sub-attribute means all that its elements hold.
 * @param change undefined removes the value
 */
export function changeAt(attributes: Complex, text: string, change: (value: Json) => Json | undefined): Complex {
  const extension = text.startsWith('urn:') ? attributes[text] : undefined;
  if (extension !== undefined) return withMember(attributes, text, change(extension));
  const path = pathOf(text);
  if (path.schema === undefined) return changeIn(attributes, path, change);
  const container = attributes[path.schema];
  return isComplex(container)
    ? withMember(attributes, path.schema, filled(changeIn(container, path, change)))
    : attributes;
}

/** Only what the paths name, and what no account can be without. */
export function onlyAt(attributes: Complex, texts: readonly string[]): Complex {
  const paths = texts.map(pathOf);
  const kept = Object.entries(attributes).flatMap(([name, value]): [string, Json][] => {
    if (essential.has(name) || texts.some((text) => text.toLowerCase() === name.toLowerCase())) return [[name, value]];
    const inner =
      name.startsWith('urn:') && isComplex(value)
        ? filled(
            Object.fromEntries(
              Object.entries(value).flatMap(([sub, of]) => named(sub, keptOf(of, covering(paths, sub, name)))),
            ),
          )
        : keptOf(value, covering(paths, name, undefined));
    return named(name, inner);
  });
  return Object.fromEntries(kept);
}

/** Texts changed, wherever they stand in a value. */
export function changeTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => changeTexts(element, change));
  if (!isComplex(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'type' || name === '$ref' ? inner : changeTexts(inner, change),
    ]),
  );
}

const essential = new Set(['userName', 'active']);

const named = (name: string, value: Json | undefined): [string, Json][] => (value === undefined ? [] : [[name, value]]);

function covering(
  paths: readonly AttributePath[],
  attribute: string,
  schema: string | undefined,
): readonly AttributePath[] {
  return paths.filter(
    (path) =>
      path.attribute.toLowerCase() === attribute.toLowerCase() && path.schema?.toLowerCase() === schema?.toLowerCase(),
  );
}

function keptOf(value: Json, paths: readonly AttributePath[]): Json | undefined {
  if (paths.some(({ filter, sub }) => filter === undefined && sub === undefined)) return value;
  if (Array.isArray(value)) {
    const elements = (value as readonly Json[]).flatMap((element) => keptElement(element, paths) ?? []);
    return elements.length === 0 ? undefined : elements;
  }
  return keptElement(value, paths);
}

function keptElement(element: Json, paths: readonly AttributePath[]): Json | undefined {
  if (!isComplex(element)) return undefined;
  const names = paths
    .filter(({ filter }) => selects(filter, element))
    .flatMap(({ filter, sub }) => [sub ?? 'value', ...(filter ?? []).map(({ name }) => name)]);
  return filled(Object.fromEntries(Object.entries(element).filter(([name]) => names.includes(name))));
}

function changeIn(
  container: Complex,
  { attribute, filter, sub }: AttributePath,
  change: (value: Json) => Json | undefined,
): Complex {
  const value = container[attribute];
  if (value === undefined) return container;
  const changed = (element: Json): Json | undefined => {
    if (!selects(filter, element)) return element;
    const name = sub ?? (filter === undefined ? undefined : 'value');
    if (name === undefined) return change(element);
    if (!isComplex(element) || element[name] === undefined) return element;
    const after = change(element[name]);
    // What has lost the value that it stands for is no element any more.
    return after === undefined && name === 'value' ? undefined : filled(withMember(element, name, after));
  };
  if (!Array.isArray(value)) return withMember(container, attribute, changed(value));
  const elements = (value as readonly Json[]).flatMap((element) => changed(element) ?? []);
  return withMember(container, attribute, elements.length === 0 ? undefined : elements);
}

function selects(filter: readonly Selector[] | undefined, element: Json): boolean {
  return (filter ?? []).every(({ name, value }) => {
    const actual = isComplex(element) ? element[name] : undefined;
    return typeof actual === 'string' && typeof value === 'string'
      ? actual.toLowerCase() === value.toLowerCase()
      : actual === value;
  });
}

const filled = (object: Complex): Complex | undefined => (Object.keys(object).length === 0 ? undefined : object);
