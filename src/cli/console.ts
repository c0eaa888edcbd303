import { writeSync } from 'node:fs';
import colors from 'picocolors';

/** Functions that colour a text, or return it unchanged. */
export type Colors = ReturnType<typeof colors.createColors>;

/** The output streams of a command. */
export interface Console {
  /** Prints a line of the result, on standard output. */
  out(line: string): void;
  /** Prints any other line, on standard error. */
  err(line: string): void;
  readonly colors: Colors;
  readonly errColors: Colors;
  /** Whether standard error is a terminal, where a line can be overwritten. */
  readonly isInteractive: boolean;
}

/** The streams of the process. All output passes `redact` last. */
export function processConsole(env: NodeJS.ProcessEnv, redact: (text: string) => string): Console {
  const coloured = (stream: NodeJS.WriteStream): Colors =>
    colors.createColors(stream.isTTY === true && env['NO_COLOR'] === undefined);
  return {
    out: (line) => {
      write(1, `${redact(line)}\n`);
    },
    err: (line) => {
      write(2, `${redact(line)}\n`);
    },
    colors: coloured(process.stdout),
    errColors: coloured(process.stderr),
    isInteractive: process.stderr.isTTY === true,
  };
}

/** Writes synchronously, so that no output is lost when the process ends. Waits if a pipe is full. */
export function write(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader of the pipe has ended ("scimsync plan | head").
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
