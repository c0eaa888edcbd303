import { formatPath, type Diagnostic, type Step } from '../issues.ts';
import type { SourceNames } from '../../model/reading/source-names.ts';
import type { Tables } from '../../model/target/tables.ts';
import type { PartialConfig } from '../schema/config-schema.ts';

/**
 * What an expression is about: a user, a group or a membership of the source, or the mapped resource. A `userRow` is a
 * user while the source is read: its groups are not known.
 */
export type ExpressionSubject = 'user' | 'userRow' | 'group' | 'membership' | 'resource';

/** What an expression may read besides its input. */
export interface Reads {
  readonly tables?: Tables | undefined;
  readonly sources?: SourceNames | undefined;
}

/** Syntax checks of other rooms, which config/ must not import. */
export interface SyntaxChecks {
  /**
   * What is wrong with an expression, or undefined.
   * @param about its input
   * @param use whether its result is a condition (true or false) or the value of an attribute
   * @param reads what it may read besides its input; by default nothing
   */
  expression(text: string, about: ExpressionSubject, use: 'condition' | 'value', reads?: Reads): string | undefined;
  /** Whether an expression about a user reads `groups` or `groupKeys`; false for an invalid one. */
  usesGroups(text: string, reads?: Reads): boolean;
  /**
   * What is wrong with an expression that gives the value of a join, or undefined.
   * @param source the only source that it may read
   */
  joinValue?(text: string, source: string, sources: SourceNames): string | undefined;
  /** What is wrong with a cron expression, or undefined. */
  schedule(text: string): string | undefined;
  /** What is wrong with an LDAP filter (RFC 4515), or undefined. */
  filter?(text: string): string | undefined;
}

/** What rules may read besides the configuration. */
export interface RuleContext {
  readonly check: SyntaxChecks;
  /** The text of a file. Throws if it cannot be read. */
  readonly readFile: (path: string) => string;
  /** The configuration file, absolute. */
  readonly file: string;
  /** The folder of the configuration file. */
  readonly folder: string;
  /** Nothing is sent, so certificates may be missing. */
  readonly withoutCredentials?: boolean | undefined;
}

/**
 * A check that the schema cannot express, for example across several keys. It receives only values that the schema
 * accepted.
 */
export type ConfigRule = (draft: PartialConfig, io: RuleContext) => readonly Diagnostic[];

/** The valid parts of a source that is a directory. */
export type PartialLdapSource = Extract<NonNullable<PartialConfig['source']>, { readonly type?: 'ldap' | undefined }>;

/** The valid parts of a source that consists of rows. */
export type PartialRowSource = Extract<
  NonNullable<PartialConfig['source']>,
  { readonly type?: 'csv' | 'command' | 'http' | undefined }
>;

/** The source, if it consists of rows. */
export function rowSourceOf({ source }: PartialConfig): PartialRowSource | undefined {
  return source?.type === 'csv' || source?.type === 'command' || source?.type === 'http' ? source : undefined;
}

/** The source, if it is a directory. */
export function ldapSourceOf({ source }: PartialConfig): PartialLdapSource | undefined {
  return source?.type === 'ldap' ? source : undefined;
}

/** The name of the primary source: the one that states it, or else the first one without a join. */
export function primarySourceName({ sources }: PartialConfig): string | undefined {
  const named = Object.entries(sources ?? {});
  const [name] = named.find(([, one]) => one?.primary === true) ?? named.find(([, one]) => !isJoined(one)) ?? [];
  return name;
}

/** Whether a source has a join, valid or not. */
export const isJoined = (source: NonNullable<PartialConfig['sources']>[string]): boolean =>
  source !== undefined && 'join' in source;

/** The names of several sources; undefined: there is one without a name, or none is primary. */
export function sourceNames(draft: PartialConfig): SourceNames | undefined {
  const primary = primarySourceName(draft);
  if (primary === undefined) return undefined;
  return { primary, joined: Object.keys(draft.sources ?? {}).filter((name) => name !== primary) };
}

/** A part of the configuration with one source, and where that source is in the file. */
export interface SourceView {
  readonly draft: PartialConfig;
  /** `['source']`, or `['sources', 'ad']`. */
  readonly at: readonly Step[];
  /** Undefined: the only source, which has no name. */
  readonly name: string | undefined;
}

/**
 * The configuration as rules about one source and its targets see it: once with each source. The targets are in the
 * view of the primary one.
 */
export function sourceViews(draft: PartialConfig): readonly SourceView[] {
  const { sources, ...common } = draft;
  const primary = primarySourceName(draft);
  const named = Object.entries(sources ?? {});
  if (named.length === 0) return [{ draft, at: ['source'], name: undefined }];
  return named.map(([name, source]) => ({
    draft: {
      ...common,
      source: source as PartialConfig['source'],
      ...(name === primary ? { sources } : { targets: [] }),
    },
    at: ['sources', name],
    name,
  }));
}

/** A place below `source` as the place in the file. */
export const placeInFile = (path: string, { at }: SourceView): string =>
  path.replace(/^source(?=$|[.[])/, () => formatPath(at));

/** The valid parts of a target. */
export type PartialTarget = NonNullable<NonNullable<PartialConfig['targets']>[number]>;

/** What the expressions of a target may read. Invalid tables are reported by the schema. */
export const readsOf = (draft: PartialConfig, target: PartialTarget): Reads => ({
  tables: tablesOf(draft, target),
  sources: sourceNames(draft),
});

/** One object for one target, and for all targets without tables: expressions are compiled once for each. */
function tablesOf({ tables: common }: PartialConfig, target: PartialTarget): Tables {
  if (common === undefined && target.tables === undefined) return noTables;
  const tables = tablesOfTargets.get(target) ?? ({ ...common, ...target.tables } as Tables);
  tablesOfTargets.set(target, tables);
  return tables;
}

const noTables: Tables = {};
const tablesOfTargets = new WeakMap<PartialTarget, Tables>();

/** Calls `visit` for each target with its path in the file. */
export function forEachTarget(
  draft: PartialConfig,
  visit: (target: PartialTarget, at: readonly Step[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  return (draft.targets ?? []).flatMap((target, index) =>
    target === undefined ? [] : visit(target, ['targets', index]),
  );
}
