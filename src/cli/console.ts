import colors from 'picocolors';
import { csvRecord, type CsvCell } from './output/csv.ts';
import { write } from './output/streams.ts';
import { visibleLine, visibleText } from '../model/text/visible.ts';

/** Functions that colour a text, or return it unchanged. */
export type Colors = ReturnType<typeof colors.createColors>;

/** Text without colours. */
export const plainColors: Colors = colors.createColors(false);

/** The output streams of a command. */
export interface Console {
  /** Prints a line of the result, on standard output. */
  out(line: string): void;
  /** Prints a record of CSV, on standard output, with the line end of RFC 4180. */
  record(cells: readonly CsvCell[]): void;
  /** Prints any other line, or lines, on standard error. */
  err(line: string): void;
  readonly colors: Colors;
  readonly errColors: Colors;
  /** Whether standard error is a terminal, where a line can be overwritten. */
  readonly isInteractive: boolean;
}

/** The streams of the process. All output passes `redact` last. */
export function processConsole(env: NodeJS.ProcessEnv, redact: (text: string) => string): Console {
  const hasColours = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && env['NO_COLOR'] === undefined;
  const coloured = (stream: NodeJS.WriteStream): Colors => colors.createColors(hasColours(stream));
  return {
    out: (line) => {
      write(1, `${visibleLine(redact(line), hasColours(process.stdout))}\n`);
    },
    record: (cells) => {
      write(1, `${csvRecord(cells.map((cell) => (typeof cell === 'string' ? redact(cell) : cell)))}\r\n`);
    },
    err: (line) => {
      write(2, `${visibleText(redact(line), hasColours(process.stderr))}\n`);
    },
    colors: coloured(process.stdout),
    errColors: coloured(process.stderr),
    isInteractive: process.stderr.isTTY === true,
  };
}
