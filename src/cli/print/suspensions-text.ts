import { formatTime } from '../../model/time.ts';
import type { OperatorMark, Pause } from '../../store/store.ts';
import type { PausedTarget } from '../../sync/suspensions/paused-targets.ts';
import { plural } from './format.ts';

/** `by anna on host1: "migration"`. */
export const markText = ({ operator, host }: OperatorMark, reason: string | undefined): string =>
  `by ${operator} on ${host}${reason === undefined ? '' : `: ${JSON.stringify(reason)}`}`;

/** "paused since 2026-11-29T09:00:00.000Z by anna on host1: …". */
export const pauseText = ({ begun, reason }: Pause): string =>
  `paused since ${formatTime(begun.at)} ${markText(begun, reason)}`;

/** Who suspended something, when and why, for `--json`. */
export const markAsJson = ({ at, operator, host }: OperatorMark): Readonly<Record<string, unknown>> => ({
  at: formatTime(at),
  operator,
  host,
});

/** The targets that a pass left alone, for a terminal. */
export function pausedText(paused: readonly PausedTarget[]): readonly string[] {
  return paused.flatMap((one) => [
    `${one.target}: ${pauseText(one)}`,
    one.pending === 0
      ? '  nothing waits there'
      : `  nothing was read or sent there; ${plural(one.pending, 'changed person or group waits', waitMany)}. ` +
        `Continue: "scimsync resume ${one.target}"`,
  ]);
}

const waitMany = 'changed people and groups wait';

/** The same for `--json`: one line for each target. */
export function pausedLines(paused: readonly PausedTarget[]): readonly Readonly<Record<string, unknown>>[] {
  return paused.map((one) => ({
    ...{ type: 'paused', code: 'target.paused', target: one.target, pending: one.pending },
    ...pauseAsJson(one),
  }));
}

/** A pause for `--json`. */
export const pauseAsJson = ({ begun, reason }: Pause): Readonly<Record<string, unknown>> => ({
  since: formatTime(begun.at),
  ...{ operator: begun.operator, host: begun.host, reason: reason ?? null },
});

/** Whether changes wait at a target that is set aside. */
export const isPending = ({ pending }: PausedTarget): boolean => pending > 0;
