import { plainColors, type Console } from '../cli/console.ts';

/** A library prints nothing. */
export const silentConsole: Console = {
  out: () => undefined,
  record: () => undefined,
  err: () => undefined,
  colors: plainColors,
  errColors: plainColors,
  isInteractive: false,
};
