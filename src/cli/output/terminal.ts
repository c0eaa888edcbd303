import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { visibleLine } from '../../model/text/visible.ts';
import { write } from './streams.ts';

/** A person at a terminal, who is asked on standard error and answers on standard input. */
export interface Terminal {
  /** Aborted when the person declines by Ctrl-C or Ctrl-D, and when the command is stopped. */
  readonly declined: AbortSignal;
  /** @returns the line without its end; undefined: the person declined */
  ask(prompt: string): Promise<string | undefined>;
  /** The same for a secret, which is not shown. */
  askSecret(prompt: string): Promise<string | undefined>;
  /** Gives the terminal back: Ctrl-C is a signal again. */
  close(): void;
}

/** Opens the terminal. @returns undefined where standard input or standard error is none */
export function openTerminal(stop: AbortSignal): Terminal | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  let isHidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) write(2, chunk.toString());
      done();
    },
  });
  // Without a history: the arrow keys would show a secret.
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  const declining = new AbortController();
  const decline = (): void => declining.abort();
  lines.on('SIGINT', decline).on('close', decline);
  stop.addEventListener('abort', decline, { once: true });
  // A person may paste several answers at once.
  const typed: string[] = [];
  let deliver: (() => void) | undefined;
  lines.on('line', (line) => {
    typed.push(line);
    deliver?.();
  });
  const { signal: declined } = declining;
  declined.addEventListener('abort', () => deliver?.(), { once: true });

  const nextLine = async (): Promise<string | undefined> => {
    if (typed.length === 0 && !declined.aborted)
      await new Promise<void>((resolve) => {
        deliver = resolve;
      });
    deliver = undefined;
    return declined.aborted ? undefined : typed.shift();
  };
  return {
    declined,
    async ask(prompt) {
      lines.setPrompt(visibleLine(prompt, false));
      lines.prompt();
      return nextLine();
    },
    async askSecret(prompt) {
      write(2, visibleLine(prompt, false));
      isHidden = true;
      lines.setPrompt('');
      try {
        return await nextLine();
      } finally {
        isHidden = false;
        write(2, '\n');
      }
    },
    close() {
      stop.removeEventListener('abort', decline);
      lines.close();
    },
  };
}
