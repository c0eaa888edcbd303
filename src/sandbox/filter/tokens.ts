/** `word` covers names, operators and the literals true, false, null and numbers: what it is depends on where it stands. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: '(' | ')' | '[' | ']'; readonly at: number };

const tokenForm = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;

/** @returns undefined where the text cannot be split: a quote that does not end, or an escape that JSON does not know */
export function tokens(text: string): readonly Token[] | undefined {
  const found: Token[] = [];
  tokenForm.lastIndex = 0;
  const end = text.trimEnd().length;
  while (tokenForm.lastIndex < end) {
    const at = tokenForm.lastIndex;
    const match = tokenForm.exec(text);
    if (match === null) return undefined;
    const [, quoted, bracket, word] = match;
    if (word !== undefined) found.push({ kind: 'word', text: word, at });
    else if (bracket !== undefined) found.push({ kind: bracket as '(', at });
    else {
      const value = unquote(quoted ?? '');
      if (value === undefined) return undefined;
      found.push({ kind: 'text', value, at });
    }
  }
  return found;
}

function unquote(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
