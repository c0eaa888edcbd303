import { createRequire } from 'node:module';
import type * as Pino from 'pino';
import type { Logger } from 'pino';
import { write } from './output/streams.ts';
import { visibleLine } from '../model/text/visible.ts';
import type { LogLevel } from './program/log-levels.ts';

/** The log of a command. */
export interface Log {
  /** Whether `debug` writes anything: a line for each operation is not put together for nothing. */
  readonly isDebug: boolean;
  readonly debug: Logger['debug'];
  readonly info: Logger['info'];
  readonly warn: Logger['warn'];
  readonly error: Logger['error'];
}

const require = createRequire(import.meta.url);

/**
 * A log on standard error: text on a terminal, otherwise one JSON object per line.
 *
 * @param redact removes secrets
 * @param fields of each line; null: none
 */
export async function createLog(
  level: LogLevel,
  interactive: boolean,
  redact: (text: string) => string,
  fields: Readonly<Record<string, string>> | null = null,
): Promise<Log> {
  const sink = { write: (text: string) => write(2, `${visibleLine(redact(text.trimEnd()), interactive)}\n`) };
  const options = { level, base: fields, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  if (!interactive) return openedByFirstLine(level, () => loadPino()(options, sink));
  const { default: pretty } = await import('pino-pretty');
  const prettify = pretty.prettyFactory({ colorize: true, singleLine: true, translateTime: 'SYS:HH:MM:ss' });
  return openedByFirstLine(level, () => loadPino()(options, { write: (text: string) => sink.write(prettify(text)) }));
}

const loadPino = (): typeof Pino.pino => (require('pino') as typeof Pino).pino;

/** Most commands that need no network log nothing, and loading the library is a tenth of their time. */
function openedByFirstLine(lowest: LogLevel, open: () => Logger): Log {
  let opened: Logger | undefined;
  const level =
    (name: Exclude<keyof Log, 'isDebug'>): Logger['info'] =>
    (...line: Parameters<Logger['info']>) => {
      opened ??= open();
      opened[name](...line);
    };
  const isDebug = lowest === 'debug';
  return { isDebug, debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}
