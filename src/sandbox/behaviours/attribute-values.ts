import { pathOf, type AttributePath, type FilterCondition } from '../../model/path.ts';
import type { Json } from '../../model/resource.ts';
import { isComplex, withMember, type Complex } from '../resources/resource.ts';

/** The values at a path, one for each element that the path selects. A URN selects its extension. */
export function valuesOf(attributes: Complex, text: string): readonly Json[] {
  const whole = attributes[text];
  if (whole !== undefined) return Array.isArray(whole) ? (whole as readonly Json[]) : [whole];
  const { schema, attribute, filter, subAttribute } = pathOf(text);
  const container = schema === undefined ? attributes : attributes[schema];
  const value = isComplex(container) ? container[attribute] : undefined;
  if (value === undefined) return [];
  const elements = (Array.isArray(value) ? (value as readonly Json[]) : [value]).filter((element) =>
    matchesSelectors(filter, element),
  );
  if (subAttribute === undefined && filter === undefined) return elements;
  return elements.flatMap((element) => (isComplex(element) ? (element[subAttribute ?? 'value'] ?? []) : []));
}

/**
 * Changes every value at a path. A path without a sub-attribute changes complete elements.
 * @param change undefined removes the value
 */
export function changeValuesAt(attributes: Complex, text: string, change: (value: Json) => Json | undefined): Complex {
  const extension = text.startsWith('urn:') ? attributes[text] : undefined;
  if (extension !== undefined) return withMember(attributes, text, change(extension));
  const path = pathOf(text);
  if (path.schema === undefined) return changeIn(attributes, path, change);
  const container = attributes[path.schema];
  return isComplex(container)
    ? withMember(attributes, path.schema, nonEmpty(changeIn(container, path, change)))
    : attributes;
}

/** The attributes that the paths name, plus userName and active. */
export function pickPaths(attributes: Complex, texts: readonly string[]): Complex {
  const paths = texts.map(pathOf);
  const entries = Object.entries(attributes).flatMap(([name, value]): [string, Json][] => {
    if (alwaysStored.has(name) || texts.some((text) => text.toLowerCase() === name.toLowerCase()))
      return [[name, value]];
    const inner =
      name.startsWith('urn:') && isComplex(value)
        ? nonEmpty(
            Object.fromEntries(
              Object.entries(value).flatMap(([sub, of]) => entryOf(sub, pickValue(of, pathsFor(paths, sub, name)))),
            ),
          )
        : pickValue(value, pathsFor(paths, name, undefined));
    return entryOf(name, inner);
  });
  return Object.fromEntries(entries);
}

/** Changes every string in a value, except `type` and `$ref`. */
export function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => mapStrings(element, change));
  if (!isComplex(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'type' || name === '$ref' ? inner : mapStrings(inner, change),
    ]),
  );
}

const alwaysStored = new Set(['userName', 'active']);

const entryOf = (name: string, value: Json | undefined): [string, Json][] =>
  value === undefined ? [] : [[name, value]];

function pathsFor(
  paths: readonly AttributePath[],
  attribute: string,
  schema: string | undefined,
): readonly AttributePath[] {
  return paths.filter(
    (path) =>
      path.attribute.toLowerCase() === attribute.toLowerCase() && path.schema?.toLowerCase() === schema?.toLowerCase(),
  );
}

function pickValue(value: Json, paths: readonly AttributePath[]): Json | undefined {
  if (paths.some(({ filter, subAttribute }) => filter === undefined && subAttribute === undefined)) return value;
  if (Array.isArray(value)) {
    const elements = (value as readonly Json[]).flatMap((element) => pickElement(element, paths) ?? []);
    return elements.length === 0 ? undefined : elements;
  }
  return pickElement(value, paths);
}

function pickElement(element: Json, paths: readonly AttributePath[]): Json | undefined {
  if (!isComplex(element)) return undefined;
  const names = paths
    .filter(({ filter }) => matchesSelectors(filter, element))
    .flatMap(({ filter, subAttribute }) => [subAttribute ?? 'value', ...(filter ?? []).map(({ name }) => name)]);
  return nonEmpty(Object.fromEntries(Object.entries(element).filter(([name]) => names.includes(name))));
}

function changeIn(
  container: Complex,
  { attribute, filter, subAttribute }: AttributePath,
  change: (value: Json) => Json | undefined,
): Complex {
  const value = container[attribute];
  if (value === undefined) return container;
  const changeElement = (element: Json): Json | undefined => {
    if (!matchesSelectors(filter, element)) return element;
    const name = subAttribute ?? (filter === undefined ? undefined : 'value');
    if (name === undefined) return change(element);
    if (!isComplex(element) || element[name] === undefined) return element;
    const after = change(element[name]);
    // An element without its `value` is removed.
    return after === undefined && name === 'value' ? undefined : nonEmpty(withMember(element, name, after));
  };
  if (!Array.isArray(value)) return withMember(container, attribute, changeElement(value));
  const elements = (value as readonly Json[]).flatMap((element) => changeElement(element) ?? []);
  return withMember(container, attribute, elements.length === 0 ? undefined : elements);
}

function matchesSelectors(filter: readonly FilterCondition[] | undefined, element: Json): boolean {
  return (filter ?? []).every(({ name, value }) => {
    const actual = isComplex(element) ? element[name] : undefined;
    return typeof actual === 'string' && typeof value === 'string'
      ? actual.toLowerCase() === value.toLowerCase()
      : actual === value;
  });
}

const nonEmpty = (object: Complex): Complex | undefined => (Object.keys(object).length === 0 ? undefined : object);
