/** A step of a page that a reader follows: a file to save, or a command with the output that the page shows. */
export type DocumentedStep =
  | { readonly type: 'file'; readonly name: string; readonly content: string }
  | { readonly type: 'command'; readonly command: string; readonly output: string };

/**
 * The steps of a page, in order. A block of the language `console` consists of commands (`$ …`) with their outputs. A
 * block of the language `csv` or `json` is the content of the file whose name is the last one between backticks
 * before it.
 */
export function stepsOf(page: string): readonly DocumentedStep[] {
  return [...page.matchAll(/^```(console|csv|json)\n(.*?)^```$/gms)].flatMap(
    ({ index, 1: language, 2: content = '' }): readonly DocumentedStep[] => {
      if (language === 'console') return commandsOf(content);
      const name = page
        .slice(0, index)
        .match(/`[\w.]+\.(?:csv|json)`/g)
        ?.at(-1);
      if (name === undefined) throw new Error(`the page does not name the file of this block:\n${content}`);
      return [{ type: 'file', name: name.slice(1, -1), content }];
    },
  );
}

function commandsOf(block: string): readonly DocumentedStep[] {
  const [before, ...parts] = block.split(/^\$ /m);
  if (before !== '') throw new Error(`a block must begin with a command:\n${block}`);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { type: 'command', command: part.slice(0, end), output: part.slice(end + 1) };
  });
}

/** Separates the outputs of the commands; no output contains it (ASCII record separator). */
const separator = '\u001E';

/** A bash script that carries out all steps in one shell, as a reader would. */
export function scriptOf(steps: readonly DocumentedStep[]): string {
  return steps
    .map((step) =>
      step.type === 'file'
        ? `cat >${step.name} <<'END_OF_FILE'\n${step.content}END_OF_FILE\n`
        : `printf '\\036'\n${step.command}\n`,
    )
    .join('');
}

/**
 * The outputs of the commands of `scriptOf`, in their order. Lines of CSV end with CR LF, which a terminal does not
 * show.
 */
export const outputsOf = (stdout: string): readonly string[] =>
  stdout.replaceAll('\r\n', '\n').split(separator).slice(1);

/**
 * A pattern for the output that a page shows. A line `…` stands for any lines. Ids of plans, times and durations may
 * differ.
 */
export function patternOf(output: string): RegExp {
  const lines = output
    .split('\n')
    .slice(0, -1)
    .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${patternOfLine(line)}\\n`));
  return new RegExp(`^${lines.join('')}$`);
}

const varying = [/[0-9a-f]{12}/, /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/, /\d+ (?:ms|s)/];
const anyVarying = new RegExp(`\\b(${varying.map(({ source }) => source).join('|')})\\b`);

function patternOfLine(line: string): string {
  return line
    .split(anyVarying)
    .map((part) => varying.find(({ source }) => new RegExp(`^${source}$`).test(part))?.source ?? escaped(part))
    .join('');
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
