import type { Log } from '../cli/log.ts';
import type { Events } from './api.ts';

type LogEvent = Events['log'];

/** A log whose lines are events. */
export function createEventLog(emit: (event: LogEvent) => void, redact: (text: string) => string): Log {
  const level =
    (name: LogEvent['level']): Log['info'] =>
    (first: unknown, second?: unknown) => {
      const fields = typeof first === 'string' ? {} : (JSON.parse(redact(JSON.stringify(first, plain))) as object);
      emit({ level: name, message: redact(String(typeof first === 'string' ? first : second)), fields: { ...fields } });
    };
  return { isDebug: false, debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}

/** The stack of an error is for its author: the message is what the fields of an event are about. */
const plain = (_: string, value: unknown): unknown => (value instanceof Error ? value.message : value);
