import { formatPath, type Step } from './issues.ts';

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
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const duplicates = duplicateNames(plain);
  return { value: JSON.parse(plain) as unknown, duplicates };
}

const tokens = {
  number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  text: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,
  word: /true|false|null/y,
  blank: /[ \t\r\n]*/y,
};

/** No configuration is nested like this; without a limit a broken file could exhaust the stack. */
const deepest = 100;

/** Walks over the text once, and throws at its first mistake. */
function duplicateNames(text: string): readonly string[] {
  const duplicates: string[] = [];
  let at = 0;

  blank();
  if (at === text.length) fail('the file is empty');
  value([]);
  if (at < text.length) fail(expected('nothing more was expected'));
  return duplicates;

  function value(path: readonly Step[]): void {
    if (path.length > deepest) fail(`brackets stand more than ${deepest} deep`);
    if (sign('{')) members(path);
    else if (sign('[')) elements(path);
    else if (text[at] === '"') quoted();
    else if (take(tokens.number) === undefined && take(tokens.word) === undefined)
      fail(expected('a value was expected'));
    blank();
  }

  function members(path: readonly Step[]): void {
    const names = new Set<string>();
    if (sign('}')) return;
    do {
      if (text[at] === '}') fail('the comma before } is one too many');
      if (text[at] !== '"') fail(expected('a name in double quotes was expected'));
      const name = JSON.parse(quoted()) as string;
      if (names.has(name)) duplicates.push(formatPath([...path, name]));
      names.add(name);
      blank();
      if (!sign(':')) fail(expected('a colon was expected after the name'));
      value([...path, name]);
    } while (sign(','));
    if (!sign('}')) fail(expected('a comma or } was expected'));
  }

  function elements(path: readonly Step[]): void {
    let index = 0;
    if (sign(']')) return;
    do {
      if (text[at] === ']') fail('the comma before ] is one too many');
      value([...path, index++]);
    } while (sign(','));
    if (!sign(']')) fail(expected('a comma or ] was expected'));
  }

  function quoted(): string {
    const unreadable =
      'this text does not end on its line, or has a backslash that JSON does not know (a backslash itself is \\\\)';
    return take(tokens.text) ?? fail(unreadable);
  }

  function sign(wanted: string): boolean {
    if (text[at] !== wanted) return false;
    at++;
    blank();
    return true;
  }

  function blank(): void {
    take(tokens.blank);
  }

  function take(token: RegExp): string | undefined {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  }

  function expected(what: string): string {
    if (at === text.length) return 'the file ends too early: a closing bracket or a value is missing';
    if (text[at] === '/') return 'JSON has no comments: remove it';
    return text[at] === "'" ? 'JSON has double quotes only' : what;
  }

  function fail(message: string): never {
    const lines = text.slice(0, at).split('\n');
    throw new JsonSyntaxError(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${message}`);
  }
}
