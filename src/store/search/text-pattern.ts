/**
 * The pattern for `like … escape '\'` that finds a text as a whole value in JSON, in any letter case. SQLite compares
 * only ASCII without case, so the pattern allows any character in place of the others; `holdsText` decides.
 */
export function textPattern(text: string): string {
  // The quotation marks of JSON restrict the match to whole values.
  const escaped = JSON.stringify(text).replace(/[\\%_]/g, (character) => `\\${character}`);
  return `%${escaped.replace(/[^\p{ASCII}]/gu, '_')}%`;
}

/** Whether a JSON value is this text, or contains it as a whole value, in any letter case. */
export function holdsText(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.toLowerCase() === text.toLowerCase();
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part) => holdsText(part, text));
}

/**
 * The texts under which the table `former_value` may have a text. The lower case of SQLite leaves letters outside of
 * ASCII as they are, so `MÜLLER` is stored as `mÜller`.
 */
export function formerSpellings(text: string): readonly string[] {
  const asciiLower = (one: string): string => one.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return [...new Set([text.toLowerCase(), asciiLower(text), asciiLower(text.toUpperCase())])];
}
