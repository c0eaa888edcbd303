import type { Diagnostic, Step } from '../issues.ts';
import type { Tables } from '../../model/target/tables.ts';
import type { PartialConfig } from '../schema/config-schema.ts';

/**
 * What an expression is about: a user, a group or a membership of the source, or the mapped resource. A `userRow` is a
 * user while the source is read: its groups are not known.
 */
export type ExpressionSubject = 'user' | 'userRow' | 'group' | 'membership' | 'resource';

/** Syntax checks of other rooms, which config/ must not import. */
export interface SyntaxChecks {
  /**
   * What is wrong with an expression, or undefined.
   * @param about its input
   * @param use whether its result is a condition (true or false) or the value of an attribute
   * @param tables the tables that it may read; undefined: none
   */
  expression(text: string, about: ExpressionSubject, use: 'condition' | 'value', tables?: Tables): string | undefined;
  /** Whether an expression about a user reads `groups` or `groupKeys`; false for an invalid one. */
  usesGroups(text: string, tables?: Tables): boolean;
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

/** The valid parts of a target. */
export type PartialTarget = NonNullable<NonNullable<PartialConfig['targets']>[number]>;

/** The tables that the expressions of a target may read. Invalid ones are reported by the schema. */
export const tablesOf = (draft: PartialConfig, target: PartialTarget): Tables =>
  ({ ...draft.tables, ...target.tables }) as Tables;

/** Calls `visit` for each target with its path in the file. */
export function forEachTarget(
  draft: PartialConfig,
  visit: (target: PartialTarget, at: readonly Step[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  return (draft.targets ?? []).flatMap((target, index) =>
    target === undefined ? [] : visit(target, ['targets', index]),
  );
}
