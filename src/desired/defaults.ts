import type { Kind } from '../model/kind.ts';
import { PathSyntaxError } from '../model/path.ts';
import { canonicalPath, covers, type KnownPath } from './canonical.ts';
import { compileExpression, nameIn } from './expression.ts';
import type { Line, Rule } from './line.ts';
import { compileMapping, type Problem } from './mapping.ts';

/** What a source says about its attributes of one kind of record. */
export interface Offer {
  /** Their names; empty where they cannot be listed. */
  readonly columns: readonly string[];
  /** SCIM path → expression; undefined: columns that are named like SCIM attributes map themselves. */
  readonly mapping: Readonly<Record<string, string>> | undefined;
}

export interface Defaults {
  readonly lines: readonly Line[];
  readonly problems: readonly Problem[];
}

/**
 * The mapping that there is without any configuration: `externalId` is the key, `active` the source's own business, and the rest is what the
 * source offers, or what its columns are called.
 */
export function defaultsOf(kind: Kind, { columns, mapping }: Offer): Defaults {
  if (mapping === undefined) return { lines: defaultLines(kind, columns), problems: [] };
  const identity = [
    line(kind, 'externalId', { kind: 'key' }),
    ...(kind === 'User' ? [line(kind, 'active', { kind: 'active' })] : []),
  ];
  const compiled = compileMapping(kind, mapping, identity);
  return {
    lines: compiled.mapping.lines.map((each) => ({ ...each, from: 'default' })),
    problems: compiled.problems.map(({ at, message }) => ({
      at,
      message: `what the source maps by default is wrong: ${message}`,
    })),
  };
}

/**
 * The mapping that a CSV has without any configuration: a column whose header is a SCIM path maps to that path, in any case
 * (`username`, `department`, `emails[type eq "work"].value`). `active` is the source's own business, and a password is only
 * sent where somebody asked for it.
 */
export function defaultLines(kind: Kind, columns: readonly string[]): readonly Line[] {
  const always =
    kind === 'User' ? line(kind, 'active', { kind: 'active' }) : line(kind, 'displayName', groupName(columns));
  const identity = [line(kind, 'externalId', { kind: 'key' }), always];
  const lines: Line[] = [];
  for (const column of columns) {
    const at = selfMapped(kind, column);
    if (at === undefined || lines.some((other) => covers(other.at.path, at.path) || covers(at.path, other.at.path)))
      continue;
    lines.push({ at, rule: copied(kind, column, at.type === 'list'), from: 'default' });
  }
  return [...identity.filter(({ at }) => !lines.some((other) => other.at.text === at.text)), ...lines];
}

const notByItself = new Set(['active', 'password']);

function selfMapped(kind: Kind, column: string): KnownPath | undefined {
  try {
    const at = canonicalPath(kind, column);
    const isDefined = at.doubt === undefined && at.type !== 'object' && !notByItself.has(at.text);
    // An element of addresses has no value, so a plain column cannot be one.
    return isDefined && !(at.type === 'list' && at.path.attribute === 'addresses') ? at : undefined;
  } catch (error) {
    if (error instanceof PathSyntaxError) return undefined;
    throw error;
  }
}

function groupName(columns: readonly string[]): Rule {
  const column = ['name', 'cn'].flatMap((wanted) => columns.filter((name) => name.toLowerCase() === wanted)).at(0);
  return column === undefined ? { kind: 'key' } : copied('Group', column, false);
}

function copied(kind: Kind, column: string, all: boolean): Rule {
  const first = kind === 'User' ? 'user' : 'group';
  return { kind: 'expression', expression: compileExpression(nameIn(all ? 'values' : first, column), first) };
}

function line(kind: Kind, path: string, rule: Rule): Line {
  return { at: canonicalPath(kind, path), rule, from: 'default' };
}
