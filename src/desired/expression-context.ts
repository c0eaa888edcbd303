import type { Attributes, JoinedRecord } from '../model/record.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { JsonObject } from '../model/scim-json.ts';

/** What a row of the source is about. */
export type RowSubject = 'user' | 'group' | 'membership';

/**
 * The variables of an expression: `user`, `values`, `groups` and `groupKeys`; `group` and `values`; `membership` and
 * `values`; or `scim`, the mapped resource. A `userRow` is a user while the source is read: its groups are not known.
 * With several sources, a `user` also has the variables of `sourceVariables`.
 */
export type ExpressionSubject = RowSubject | 'userRow' | 'resource';

/** One record or resource, prepared once for all expressions. */
export interface ExpressionContext {
  readonly attributes: Attributes;
  readonly variables: object;
  /** The groups of a user; undefined: they are not known. */
  readonly groups?: GroupVariables | undefined;
  /** What a user has in joined sources, by their names. */
  readonly joined?: Readonly<Record<string, JoinedRecord>> | undefined;
}

/** The groups of a user in two lists of equal order: their names and their keys. */
export interface GroupVariables {
  readonly groups: readonly string[];
  readonly groupKeys: readonly string[];
}

/**
 * The variables for expressions about a record of the source: `user` or `group`.
 *
 * @param groups the groups of a user; called at most once, and only if an expression needs them
 */
export function recordContext(
  resourceType: ResourceType,
  attributes: Attributes,
  groups?: () => GroupVariables | undefined,
  joined?: ExpressionContext['joined'],
): ExpressionContext {
  const row = { ...rowContext(resourceType === 'User' ? 'user' : 'group', attributes), joined };
  if (groups === undefined) return row;
  let known: { readonly value: GroupVariables | undefined } | undefined;
  const once = (): GroupVariables | undefined => (known ??= { value: groups() }).value;
  return {
    attributes,
    joined,
    get groups() {
      return once();
    },
    variables: Object.defineProperties(row.variables, {
      groups: { get: () => once()?.groups, enumerable: true },
      groupKeys: { get: () => once()?.groupKeys, enumerable: true },
    }),
  };
}

/** The variables for expressions about a row of the source. */
export function rowContext(subject: RowSubject, attributes: Attributes): ExpressionContext {
  // Maps, not objects: a column may be called "constructor". Created on demand: most mappings copy one attribute.
  let first: Map<string, string> | undefined;
  let all: Map<string, readonly string[]> | undefined;
  const firstValues = (): Map<string, string> =>
    (first ??= new Map(withValues(attributes).map(([name, [value = '']]) => [name, value])));
  const allValues = (): Map<string, readonly string[]> => (all ??= new Map(withValues(attributes)));
  return { attributes, variables: rowVariables[subject](firstValues, allValues) };
}

type RowVariables = (
  first: () => Map<string, string>,
  all: () => Map<string, readonly string[]>,
) => { readonly values: Map<string, readonly string[]> };

const rowVariables: Readonly<Record<RowSubject, RowVariables>> = {
  user: (first, all) => ({
    get user() {
      return first();
    },
    get values() {
      return all();
    },
  }),
  group: (first, all) => ({
    get group() {
      return first();
    },
    get values() {
      return all();
    },
  }),
  membership: (first, all) => ({
    get membership() {
      return first();
    },
    get values() {
      return all();
    },
  }),
};

/** The variables for expressions about a resource at the target: `scim`. */
export function resourceContext(resource: JsonObject): ExpressionContext {
  return { attributes: {}, variables: { scim: resource } };
}

function withValues(attributes: Attributes): [string, readonly string[]][] {
  return Object.entries(attributes).filter(([, values]) => values.length > 0);
}
