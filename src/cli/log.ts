import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { write } from './console.ts';
import type { LogLevel } from './log-levels.ts';

/** The log of a command. */
export type Log = Logger;

/** A log on standard error: text on a terminal, otherwise one JSON object per line. `redact` removes secrets. */
export function createLog(level: LogLevel, interactive: boolean, redact: (text: string) => string): Log {
  const sink = { write: (text: string) => write(2, redact(text)) };
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  if (!interactive) return pino(options, sink);
  const prettify = pretty.prettyFactory({ colorize: true, singleLine: true, translateTime: 'SYS:HH:MM:ss' });
  return pino(options, { write: (text: string) => sink.write(prettify(text)) });
}
