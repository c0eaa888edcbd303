import type { Diagnostic, Step } from '../issues.ts';
import type { PartialConfig } from '../schema/config-schema.ts';

/** What the rules cannot know by themselves; handed in, because the packages that know it live in other rooms. */
export interface SyntaxChecks {
  /**
   * What is wrong with an expression, or undefined.
   * @param about what it speaks about: a person, a group, or the resource that a mapping made
   * @param use whether it decides (true or false) or gives the value of an attribute
   */
  expression(text: string, about: 'user' | 'group' | 'resource', use: 'condition' | 'value'): string | undefined;
  /** What is wrong with a schedule in cron notation, or undefined. */
  schedule(text: string): string | undefined;
  /** What is wrong with an LDAP filter (RFC 4515), or undefined. */
  filter?(text: string): string | undefined;
}

export interface RuleContext {
  readonly check: SyntaxChecks;
  /** The text of a file, or throws. */
  readonly readFile: (path: string) => string;
  /** The folder of the configuration file. */
  readonly folder: string;
}

/** Something that takes more than one look, or that the schema cannot know. Sees only what the schema has let through. */
export type ConfigRule = (draft: PartialConfig, io: RuleContext) => readonly Diagnostic[];

/** The source as far as the schema has let it through, where it is a directory. */
export type PartialLdapSource = Extract<NonNullable<PartialConfig['source']>, { readonly type?: 'ldap' | undefined }>;

export function ldapSourceOf({ source }: PartialConfig): PartialLdapSource | undefined {
  return source?.type === 'ldap' ? source : undefined;
}

export type PartialTarget = NonNullable<NonNullable<PartialConfig['targets']>[number]>;

/** Looks at every target that the schema has let through. */
export function forEachTarget(
  draft: PartialConfig,
  visit: (target: PartialTarget, at: readonly Step[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  return (draft.targets ?? []).flatMap((target, index) =>
    target === undefined ? [] : visit(target, ['targets', index]),
  );
}
