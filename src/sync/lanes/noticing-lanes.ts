import type { Clock } from '../../model/clock.ts';
import type { NoticeView } from '../../store/store.ts';
import { atIntervals } from './at-intervals.ts';
import { pausedByOperator, type Lanes } from './lanes.ts';

/** The lanes of a single pass, and what lets them take notice of commands. */
export interface NoticingLanes extends Lanes {
  /** A lane takes them between two operations, too. */
  takeNotices(): void;
}

interface Busy {
  announce(): void;
  readonly end: AbortController;
}

/**
 * The lanes of a single pass that takes notice of what commands change while it sends:
 *
 *     pause              the lane ends its pass: what is not sent waits for `resume`
 *     freeze, unfreeze   news: what is not sent yet for the user is left out, or compared again
 *     resume, approve    nothing: the next pass plans with them
 *
 * @param notices those that are there now are known to what the pass is going to plan
 */
export function noticingLanes(notices: NoticeView, clock: Pick<Clock, 'now'>): NoticingLanes {
  let last = notices.after(0).at(-1)?.id ?? 0;
  const busy = new Map<string, Busy>();
  const takeNotices = (): void => {
    for (const { id, command, target } of notices.after(last)) {
      last = id;
      for (const [name, lane] of busy) {
        if (target !== undefined && target !== name) continue;
        if (command === 'pause') lane.end.abort(new Error(pausedByOperator));
        if (command === 'freeze' || command === 'unfreeze') lane.announce();
      }
    }
  };
  const takeSometimes = atIntervals(clock, takeNotices);
  return {
    takeNotices,
    enter(target) {
      const end = new AbortController();
      let isPending = false;
      const announce = (): void => {
        isPending = true;
      };
      busy.set(target, { announce, end });
      return {
        news: {
          get pending() {
            takeSometimes();
            return isPending;
          },
          take() {
            isPending = false;
          },
        },
        end: end.signal,
        async leave() {
          busy.delete(target);
        },
      };
    },
  };
}
