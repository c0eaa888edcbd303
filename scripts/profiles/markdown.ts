/** A table of GitHub's Markdown. A bar inside of a cell is escaped, in code as well. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${prose(item)}`).join('\n');
}

/** A value as one would write it in a profile. */
export function code(value: unknown): string {
  const text = JSON.stringify(value, undefined, 1)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/([[{]) (?=[\]}"\d{[])/g, '$1')
    .replace(/(?<=[\]}"\d\w]) ([\]}])/g, '$1');
  return `\`${text}\``;
}

/** Text of a profile, in which brackets, stars and the like mean themselves. */
export function prose(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, '\\$&');
}
