/** `word` covers names, operators and the literals true, false, null and numbers; the parser distinguishes them. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: '(' | ')' | '[' | ']'; readonly at: number };

const tokenPattern = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;

/** Splits a filter into tokens. @returns undefined for an unterminated quote or an escape that is invalid in JSON */
export function tokenize(text: string): readonly Token[] | undefined {
  const result: Token[] = [];
  tokenPattern.lastIndex = 0;
  const end = text.trimEnd().length;
  while (tokenPattern.lastIndex < end) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) return undefined;
    const [, quoted, bracket, word] = match;
    if (word !== undefined) result.push({ kind: 'word', text: word, at });
    else if (bracket !== undefined) result.push({ kind: bracket as '(', at });
    else {
      const value = unquote(quoted ?? '');
      if (value === undefined) return undefined;
      result.push({ kind: 'text', value, at });
    }
  }
  return result;
}

function unquote(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
