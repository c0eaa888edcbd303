import type { Filter } from './filter.ts';

/**
 * The values of which `attribute` must equal one if the filter matches, for an index look-up:
 * `userName eq "a"`, `id eq "1" or id eq "2"`, `active eq true and userName eq "a"`.
 * @returns undefined if the filter does not restrict the attribute to a list of values
 */
export function equalities(filter: Filter, attribute: string): readonly string[] | undefined {
  switch (filter.kind) {
    case 'compare': {
      const { location, operator, value } = filter;
      const isSameAttribute =
        location.attribute.name === attribute && location.extension === undefined && location.sub === undefined;
      return isSameAttribute && operator === 'eq' && typeof value === 'string' ? [value] : undefined;
    }
    case 'and':
      return filter.parts.map((part) => equalities(part, attribute)).find((values) => values !== undefined);
    case 'or': {
      const values = filter.parts.map((part) => equalities(part, attribute));
      return values.every((list) => list !== undefined) ? values.flat() : undefined;
    }
    case 'not':
    case 'present':
    case 'element':
      return undefined;
  }
}
