import type { Instant } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import type { DriftRecord, NameAtTarget } from '../../store/store.ts';
import type { OperatorAction } from '../print/audit/action-text.ts';
import { driftLine } from './drift-json.ts';
import { driftText } from './drift-text.ts';

/** When each difference was found, and when a read showed the acknowledged value again, as lines of the history. */
export function driftActions(drift: readonly DriftRecord[], nameAtTarget: NameAtTarget): readonly OperatorAction[] {
  return drift.flatMap((one) => {
    const action = (verb: 'driftFound' | 'driftEnded', at: Instant): OperatorAction => ({
      at,
      line: { ...driftLine(one), type: 'action', action: verb, at: formatTime(at) },
      text: `${formatTime(at)}  ${driftText(one, nameAtTarget)}${verb === 'driftEnded' ? ' → ended' : ''}`,
    });
    return [
      action('driftFound', one.foundAt),
      ...(one.closedAt === undefined ? [] : [action('driftEnded', one.closedAt)]),
    ];
  });
}
