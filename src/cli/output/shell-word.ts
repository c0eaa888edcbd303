/** A text as one word of a command line, for commands that messages propose. */
export const shellWord = (text: string): string =>
  /^[\w@.+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
