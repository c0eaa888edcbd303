import { formatPath, type Step } from '../issues.ts';

/** Where and why a text is not JSON (RFC 8259). Never quotes the text: a secret may stand there. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

export interface ParsedJson {
  readonly value: unknown;
  /** Paths of names that occur twice in one object: JSON.parse keeps the last one and says nothing. */
  readonly duplicates: readonly string[];
}

/**
 * Reads JSON, with what JSON.parse does not give: line and column of the mistake, a sentence that says what to do, and duplicate names.
 *
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): ParsedJson {
  const withoutBom = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const duplicates = duplicateNames(withoutBom);
  return { value: JSON.parse(withoutBom) as unknown, duplicates };
}

const tokens = {
  number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  string: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,
  literal: /true|false|null/y,
  whitespace: /[ \t\r\n]*/y,
};

/** No configuration is nested like this; without a limit a broken file could exhaust the stack. */
const maxDepth = 100;

/** Walks over the text once, and throws at its first mistake. */
function duplicateNames(text: string): readonly string[] {
  const duplicates: string[] = [];
  let offset = 0;

  skipWhitespace();
  if (offset === text.length) fail('the file is empty');
  parseValue([]);
  if (offset < text.length) fail(explainUnexpected('nothing more was expected'));
  return duplicates;

  function parseValue(path: readonly Step[]): void {
    if (path.length > maxDepth) fail(`brackets stand more than ${maxDepth} deep`);
    if (acceptCharacter('{')) parseObject(path);
    else if (acceptCharacter('[')) parseArray(path);
    else if (text[offset] === '"') parseString();
    else if (matchToken(tokens.number) === undefined && matchToken(tokens.literal) === undefined)
      fail(explainUnexpected('a value was expected'));
    skipWhitespace();
  }

  function parseObject(path: readonly Step[]): void {
    const names = new Set<string>();
    if (acceptCharacter('}')) return;
    do {
      if (text[offset] === '}') fail('the comma before } is one too many');
      if (text[offset] !== '"') fail(explainUnexpected('a name in double quotes was expected'));
      const name = JSON.parse(parseString()) as string;
      if (names.has(name)) duplicates.push(formatPath([...path, name]));
      names.add(name);
      skipWhitespace();
      if (!acceptCharacter(':')) fail(explainUnexpected('a colon was expected after the name'));
      parseValue([...path, name]);
    } while (acceptCharacter(','));
    if (!acceptCharacter('}')) fail(explainUnexpected('a comma or } was expected'));
  }

  function parseArray(path: readonly Step[]): void {
    let index = 0;
    if (acceptCharacter(']')) return;
    do {
      if (text[offset] === ']') fail('the comma before ] is one too many');
      parseValue([...path, index++]);
    } while (acceptCharacter(','));
    if (!acceptCharacter(']')) fail(explainUnexpected('a comma or ] was expected'));
  }

  function parseString(): string {
    const malformedString =
      'this text does not end on its line, or has a backslash that JSON does not know (a backslash itself is \\\\)';
    return matchToken(tokens.string) ?? fail(malformedString);
  }

  function acceptCharacter(character: string): boolean {
    if (text[offset] !== character) return false;
    offset++;
    skipWhitespace();
    return true;
  }

  function skipWhitespace(): void {
    matchToken(tokens.whitespace);
  }

  function matchToken(token: RegExp): string | undefined {
    token.lastIndex = offset;
    const match = token.exec(text)?.[0];
    offset += match?.length ?? 0;
    return match;
  }

  function explainUnexpected(byDefault: string): string {
    if (offset === text.length) return 'the file ends too early: a closing bracket or a value is missing';
    if (text[offset] === '/') return 'JSON has no comments: remove it';
    return text[offset] === "'" ? 'JSON has double quotes only' : byDefault;
  }

  function fail(message: string): never {
    const lines = text.slice(0, offset).split('\n');
    throw new JsonSyntaxError(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${message}`);
  }
}
