import type { Instant } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import type { OperatorMark, PauseRecord } from '../../store/store.ts';
import { markText } from './suspensions-text.ts';

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
