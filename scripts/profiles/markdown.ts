/** A table in GitHub's Markdown. A bar inside a cell is escaped, also in code. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${prose(item)}`).join('\n');
}

/** A value as in a profile. */
export function code(value: unknown): string {
  const text = JSON.stringify(value, undefined, 1)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/([[{]) (?=[\]}"\d{[])/g, '$1')
    .replace(/(?<=[\]}"\d\w]) ([\]}])/g, '$1');
  return `\`${text}\``;
}

/** Escapes the Markdown characters of a profile's text. */
export function prose(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, '\\$&');
}

/** The same for a text with code between backticks, which stays as it is. */
export function proseWithCode(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : prose(part)))
    .join('');
}
