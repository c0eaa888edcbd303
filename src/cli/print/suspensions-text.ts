import { formatTime } from '../../model/time.ts';
import { describeMoment } from '../../model/dates/zone.ts';
import type { HeldByFreeze } from '../../model/plan.ts';
import type { Freeze, OperatorMark, Pause } from '../../store/store.ts';
import type { Operation } from '../../model/operation.ts';
import { describeOperation, type NameOf } from '../../plan/describe.ts';
import type { PausedTarget } from '../../sync/suspensions/paused-targets.ts';
import type { Console } from '../console.ts';
import { plural } from './format.ts';

/** `by anna on host1: "migration"`. */
export const markText = ({ operator, host }: OperatorMark, reason: string | undefined): string =>
  `by ${operator} on ${host}${reason === undefined ? '' : `: ${JSON.stringify(reason)}`}`;

/** "paused since 2026-11-29T09:00:00.000Z by anna on host1: …". */
export const pauseText = ({ begun, reason }: Pause): string =>
  `paused since ${formatTime(begun.at)} ${markText(begun, reason)}`;

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

/** "frozen: ada (4711) since 2026-11-29T09:00:00.000Z by anna on host1: "lawsuit", until …". */
export const freezeText = ({ key, name, begun, reason, until }: Freeze, zone: string): string =>
  `frozen: ${name === key ? key : `${name} (${key})`} since ${formatTime(begun.at)} ${markText(begun, reason)}` +
  (until === undefined ? '' : `, until ${describeMoment(until, zone)}`);

/** Lists of frozen users show this number; `--json` shows all. */
const maxFrozenShown = 20;

/** The users for whom nothing is changed, for a terminal. */
export const freezesText = (freezes: readonly Freeze[], zone: string): readonly string[] => [
  ...freezes.slice(0, maxFrozenShown).map((freeze) => freezeText(freeze, zone)),
  ...(freezes.length > maxFrozenShown ? [`frozen: … and ${freezes.length - maxFrozenShown} more users`] : []),
];

/** The same for `--json`: one line for each user. */
export const freezeLines = (freezes: readonly Freeze[]): readonly Readonly<Record<string, unknown>>[] =>
  freezes.map((freeze) => ({ type: 'frozen', code: 'user.frozen', ...freezeAsJson(freeze) }));

/** A freeze for `--json`. */
export const freezeAsJson = ({ key, name, begun, reason, until }: Freeze): Readonly<Record<string, unknown>> => ({
  ...{ key, name, since: formatTime(begun.at), operator: begun.operator, host: begun.host, reason },
  until: until === undefined ? null : formatTime(until),
});

/** A long plan shows this number of operations that are not sent. */
const maxHeldShown = 10;

/** What a plan does not send because users are frozen, for a terminal. */
export async function heldByFreezeText(
  { total, operations }: HeldByFreeze,
  namesOf: (operation: Operation) => Promise<NameOf>,
): Promise<readonly string[]> {
  if (total === 0) return [];
  const shown: string[] = [];
  for (const operation of operations.slice(0, maxHeldShown))
    shown.push(`frozen: ${describeOperation(operation, await namesOf(operation))}`);
  return [
    ...shown,
    ...(operations.length > maxHeldShown ? [`frozen: … and ${operations.length - maxHeldShown} more`] : []),
    `frozen: ${plural(total, 'change')} not sent, because the users are frozen; "scimsync unfreeze KEY" ends a freeze`,
  ];
}

/** What operators suspended, with what a pass did not do there. */
export function showSuspensions(
  { paused, freezes }: { readonly paused: readonly PausedTarget[]; readonly freezes: readonly Freeze[] },
  { json, zone }: { readonly json: boolean; readonly zone: string },
  { out, colors }: Console,
): void {
  if (json) for (const line of [...pausedLines(paused), ...freezeLines(freezes)]) out(JSON.stringify(line));
  else for (const line of [...pausedText(paused), ...freezesText(freezes, zone)]) out(colors.yellow(line));
}
