import { minuteMs } from '../../model/time.ts';
import type { Lane } from '../../sync/lanes/lanes.ts';

/**
 * For how long a busy lane may give no sign of life, in ms. Its waits are much shorter: a request has a time limit, and
 * a pause or a quota that lasts longer than some minutes ends the pass of the lane.
 */
export const maxSilenceMs = 60 * minuteMs;

/** Which of the busy lanes still work. */
export interface LaneLife {
  /** The lane of a target, whose life is observed until it leaves its pass. */
  observe(target: string, lane: Lane): Lane;
  /** The lane of the target did something. Cheap: it is called for each request. */
  sign(target: string): void;
  /** The targets whose busy lanes have given no sign of life for longer than `maxSilenceMs`. */
  silent(): readonly string[];
}

/** @param elapsed milliseconds of a clock that only goes forward */
export function createLaneLife(elapsed: () => number): LaneLife {
  /** The last sign of life of each busy lane. */
  const busy = new Map<string, { at: number }>();
  const sign = (target: string): void => {
    const life = busy.get(target);
    if (life !== undefined) life.at = elapsed();
  };
  return {
    observe(target, lane) {
      const life = { at: elapsed() };
      busy.set(target, life);
      return {
        ...lane,
        news: {
          // Asked between two operations.
          get pending() {
            life.at = elapsed();
            return lane.news.pending;
          },
          take: () => lane.news.take(),
        },
        async leave(end) {
          try {
            await lane.leave(end);
          } finally {
            // The target may have begun its next pass meanwhile.
            if (busy.get(target) === life) busy.delete(target);
          }
        },
      };
    },
    sign,
    silent: () => [...busy].filter(([, { at }]) => elapsed() - at > maxSilenceMs).map(([target]) => target),
  };
}
