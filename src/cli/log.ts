import { pino, type Logger } from 'pino';
import { write } from './output/streams.ts';
import { visibleLine } from './output/visible.ts';
import type { LogLevel } from './program/log-levels.ts';

/** The log of a command. */
export type Log = Logger;

/** A log on standard error: text on a terminal, otherwise one JSON object per line. `redact` removes secrets. */
export async function createLog(level: LogLevel, interactive: boolean, redact: (text: string) => string): Promise<Log> {
  const sink = { write: (text: string) => write(2, `${visibleLine(redact(text.trimEnd()), interactive)}\n`) };
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  if (!interactive) return pino(options, sink);
  const { default: pretty } = await import('pino-pretty');
  const prettify = pretty.prettyFactory({ colorize: true, singleLine: true, translateTime: 'SYS:HH:MM:ss' });
  return pino(options, { write: (text: string) => sink.write(prettify(text)) });
}
