import type { Instant } from '../../../model/ids.ts';
import { describeMoment } from '../../../model/dates/zone.ts';
import { formatTime } from '../../../model/time.ts';
import type { FreezeRecord, OperatorMark, PauseRecord } from '../../../store/store.ts';
import { freezeAsJson, markText } from '../suspensions-text.ts';

/** What an operator suspended, or ended, as a line of the history. */
export interface OperatorAction {
  readonly at: Instant;
  readonly line: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The begin and the end of each pause. */
export function pauseActions(pauses: readonly PauseRecord[]): readonly OperatorAction[] {
  return pauses.flatMap(({ target, begun, ended, reason }) => {
    const action = (name: 'pause' | 'resume', mark: OperatorMark): OperatorAction => ({
      at: mark.at,
      line: {
        ...{ type: 'action', action: name, target, at: formatTime(mark.at) },
        ...{ operator: mark.operator, host: mark.host, reason: reason ?? null },
      },
      text: `${formatTime(mark.at)}  ${target}  ${name} ${markText(mark, reason)}`,
    });
    return [action('pause', begun), ...(ended === undefined ? [] : [action('resume', ended)])];
  });
}

/** The begin and the end of each freeze. */
export function freezeActions(freezes: readonly FreezeRecord[], zone: string): readonly OperatorAction[] {
  return freezes.flatMap((freeze) => {
    const { key, name, begun, ended, until, reason } = freeze;
    const label = `user ${name === key ? key : `${name} (${key})`}`;
    const end = until === undefined ? '' : `, until ${describeMoment(until, zone)}`;
    const action = (verb: 'freeze' | 'unfreeze', at: Instant, who: string | null, by: string): OperatorAction => ({
      at,
      line: {
        type: 'action',
        action: verb,
        resource: 'User',
        ...freezeAsJson(freeze),
        at: formatTime(at),
        operator: who,
      },
      text: `${formatTime(at)}  ${verb} ${label} ${by}`,
    });
    return [
      action('freeze', begun.at, begun.operator, `${markText(begun, reason)}${end}`),
      ...(ended === undefined
        ? []
        : [
            action(
              'unfreeze',
              ended.at,
              ended.operator ?? null,
              ended.operator === undefined ? 'because its time has passed' : `by ${ended.operator} on ${ended.host}`,
            ),
          ]),
    ];
  });
}
