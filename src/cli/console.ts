import { writeSync } from 'node:fs';
import colors from 'picocolors';

export type Colors = ReturnType<typeof colors.createColors>;

/** Where a command says what it has to say. */
export interface Console {
  /** The answer: standard output. */
  out(line: string): void;
  /** Everything about the answer: standard error. */
  err(line: string): void;
  readonly colors: Colors;
  readonly errColors: Colors;
  /** Standard error is a terminal, where a line can be written over. */
  readonly isInteractive: boolean;
}

/** The process's own streams. `redact` has the last word on everything that is written. */
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

/** Written before it returns, so that nothing is lost when the process ends; a full pipe is waited for. */
export function write(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Nobody reads any more ("scimsync plan | head"): there is nobody left to tell.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
