import type { Finding, Step } from './issues.ts';
import type { Draft } from './schema.ts';

/** What the rules cannot know by themselves; handed in, because the packages that know it live in other rooms. */
export interface Checks {
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

export interface RuleIo {
  readonly check: Checks;
  /** The text of a file, or throws. */
  readonly readFile: (path: string) => string;
  /** The folder of the configuration file. */
  readonly folder: string;
}

/** Something that takes more than one look, or that the schema cannot know. Sees only what the schema has let through. */
export type Rule = (draft: Draft, io: RuleIo) => readonly Finding[];

/** The source as far as the schema has let it through, where it is a directory. */
export type LdapDraft = Extract<NonNullable<Draft['source']>, { readonly type?: 'ldap' | undefined }>;

export function ldapOf({ source }: Draft): LdapDraft | undefined {
  return source?.type === 'ldap' ? source : undefined;
}

export type TargetDraft = NonNullable<NonNullable<Draft['targets']>[number]>;

/** Looks at every target that the schema has let through. */
export function eachTarget(
  draft: Draft,
  look: (target: TargetDraft, at: readonly Step[]) => readonly Finding[],
): readonly Finding[] {
  return (draft.targets ?? []).flatMap((target, index) =>
    target === undefined ? [] : look(target, ['targets', index]),
  );
}
