import { sourceKey, type SourceKey } from '../ids.ts';

/** The names of several sources, which are variables in expressions about users. */
export interface SourceNames {
  readonly primary: string;
  readonly joined: readonly string[];
  /** Those of the joined sources whose groups are groups of the company; by default none. */
  readonly withGroups?: readonly string[] | undefined;
}

/** The names of a primary source and of joined ones. */
export const namesOf = (sources: {
  readonly primary: string;
  readonly joined: readonly { readonly name: string; readonly source: { readonly groups?: unknown } }[];
}): SourceNames => ({
  primary: sources.primary,
  joined: sources.joined.map(({ name }) => name),
  withGroups: sources.joined.filter(({ source }) => source.groups !== undefined).map(({ name }) => name),
});

/**
 * The key of a group of a joined source: `ad:KEY`, so that it differs from the keys of all other sources. Names of
 * sources contain no colon.
 */
export const groupKeyOf = (source: string, key: string): SourceKey => sourceKey(`${source}:${key}`);

/** The joined source whose groups have keys like this one; undefined: it can be the key of a primary group. */
export const sourceOfGroupKey = (key: string, joined: readonly string[]): string | undefined =>
  joined.find((name) => key.startsWith(groupKeyOf(name, '')));

/** Words that expressions use otherwise: other variables, types, functions and keywords of CEL. */
const reservedNames: ReadonlySet<string> = new Set(
  (
    'user values group groups groupKeys membership scim tables parseDate formatDate ' +
    'bool bytes double duration dyn int list map null_type optional string timestamp type uint ' +
    'all base64 cel exists exists_one filter has matches size strings ' +
    'as break const continue else false for function if import in let loop namespace null package return true var ' +
    'void while'
  ).split(' '),
);

/** The variable with all values of the attributes of a source: `adValues.mail` is a list. */
export const listVariable = (source: string): string => `${source}Values`;

/** What is wrong with the name of a source, as a sentence; undefined: nothing. @param all the names of all sources */
export function sourceNameProblem(name: string, all: readonly string[]): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name))
    return 'must consist of letters, digits and "_", and begin with a letter: it is a variable in expressions';
  if (reservedNames.has(name)) return 'has another meaning in expressions; choose another name for this source';
  const other = all.find((one) => listVariable(one) === name);
  return other === undefined ? undefined : `is the variable with all values of ${other}; choose another name`;
}
