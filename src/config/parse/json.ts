import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { formatPath, type Step } from '../issues.ts';

/**
 * Where and why a text is not JSON (RFC 8259) with comments and trailing commas. The message never quotes the text,
 * which may contain a secret.
 */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** A JSON value with its duplicate names. */
export interface ParsedJson {
  readonly value: unknown;
  /** Paths of names that occur twice in one object; `value` has the last one. */
  readonly duplicates: readonly string[];
}

/**
 * Reads JSON with comments (`//`, `/* … *\/`) and trailing commas, and reports duplicate names.
 *
 * @throws JsonSyntaxError with line and column of the first mistake
 */
export function parseJson(text: string): ParsedJson {
  const withoutBom = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const plain = parsePlainJson(withoutBom);
  if (plain !== undefined) return { value: plain.value, duplicates: [] };
  rejectDeepNesting(withoutBom);
  const errors: ParseError[] = [];
  const root = parseTree(withoutBom, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined && (root !== undefined || !isAtEnd(first, withoutBom)))
    throw syntaxError(withoutBom, first.offset, explain(first, withoutBom));
  if (root === undefined)
    throw syntaxError(withoutBom, 0, `the file ${withoutBom.trim() === '' ? 'is empty' : 'contains only comments'}`);
  const duplicates: string[] = [];
  return { value: toValue(root, [], duplicates), duplicates };
}

/**
 * The value of a text that is JSON without comments, trailing commas, duplicate names and deep nesting; undefined: it
 * may not be, and the tolerant parser, which is slower, reads it.
 */
function parsePlainJson(text: string): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // Of two equal names in one object, JSON.parse returns one.
  const strings = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g);
  let written = 0;
  for (const [, colon] of strings) if (colon !== undefined) written += 1;
  return countNames(value, 0) === written ? { value } : undefined;
}

/** The number of names in a value; NaN: it is nested too deep. */
function countNames(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= maxDepth) return Number.NaN;
  const children = Object.values(value);
  return children.reduce(
    (sum: number, child) => sum + countNames(child, depth + 1),
    Array.isArray(value) ? 0 : children.length,
  );
}

/** Limit that keeps an invalid file from exhausting the stack: the parser calls itself for each level. */
const maxDepth = 100;

function rejectDeepNesting(text: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const first = text[scanner.getTokenOffset()];
    if (first === '{' || first === '[') depth += 1;
    if (first === '}' || first === ']') depth -= 1;
    if (depth > maxDepth)
      throw syntaxError(text, scanner.getTokenOffset(), `brackets are nested more than ${maxDepth} deep`);
  }
}

function toValue(node: Node, path: readonly Step[], duplicates: string[]): unknown {
  if (node.type === 'array')
    return (node.children ?? []).map((child, index) => toValue(child, [...path, index], duplicates));
  if (node.type !== 'object') return node.value as unknown;
  const names = new Set<string>();
  const entries = (node.children ?? []).flatMap(({ children: [key, value] = [] }) => {
    if (key === undefined || value === undefined) return [];
    const name = key.value as string;
    const at = [...path, name];
    if (names.has(name)) duplicates.push(formatPath(at));
    names.add(name);
    return [[name, toValue(value, at, duplicates)] as const];
  });
  return Object.fromEntries(entries);
}

const explanations: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  PropertyNameExpected: 'expected a name in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected a colon after the name',
  CommaExpected: 'expected a comma',
  CloseBraceExpected: 'expected a comma or }',
  CloseBracketExpected: 'expected a comma or ]',
  EndOfFileExpected: 'expected the end of the file',
  UnexpectedEndOfComment: 'the comment is not closed by */',
  UnexpectedEndOfString: 'the text is not closed by a double quote on its line',
  InvalidUnicode: 'invalid \\u escape',
  InvalidEscapeCharacter: 'invalid escape; write a backslash as \\\\',
  InvalidCharacter: 'a control character must be escaped, for example a tab as \\t',
};

function explain(error: ParseError, text: string): string {
  if (isAtEnd(error, text)) return 'the file ends too early: a closing bracket or a value is missing';
  if (text[error.offset] === "'") return 'texts and names need double quotes';
  return explanations[printParseErrorCode(error.error)] ?? 'not a JSON value (texts need double quotes)';
}

function isAtEnd({ offset }: ParseError, text: string): boolean {
  return text.slice(offset).trim() === '';
}

function syntaxError(text: string, offset: number, message: string): JsonSyntaxError {
  const lines = text.slice(0, offset).split('\n');
  return new JsonSyntaxError(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${message}`);
}
