import type { Instant } from '../../model/ids.ts';
import type { Send } from '../../scim/transport/message.ts';
import type { PassEvent } from '../../sync/events.ts';
import type { Lane, Lanes } from '../../sync/lanes/lanes.ts';

/** Sees what passes do, and changes no plan. */
export interface PassWatch {
  event?(event: PassEvent): void;
  /** Wraps the sending of requests to a target. */
  intercept?(target: string): (send: Send) => Send;
  /** The target asked for a pause. */
  pause?(target: string, until: Instant): void;
  /** Wraps the lane of a target, which takes part in a pass from now on. */
  lane?(target: string, lane: Lane): Lane;
}

/** @returns undefined if nothing watches, so that a pass costs what it costs */
export function watchTogether(given: readonly (PassWatch | undefined)[]): PassWatch | undefined {
  const watches = given.filter((watch) => watch !== undefined);
  if (watches.length <= 1) return watches[0];
  return {
    event: (event) => watches.forEach((watch) => watch.event?.(event)),
    intercept: (target) => (send) => watches.reduce((inner, watch) => watch.intercept?.(target)(inner) ?? inner, send),
    pause: (target, until) => watches.forEach((watch) => watch.pause?.(target, until)),
    lane: (target, lane) => watches.reduce((inner, watch) => watch.lane?.(target, inner) ?? inner, lane),
  };
}

/** The same lanes, each watched while it takes part in a pass. */
export function watchedLanes(lanes: Lanes, watch: PassWatch | undefined): Lanes {
  if (watch?.lane === undefined) return lanes;
  return {
    enter(target, pass) {
      const lane = lanes.enter(target, pass);
      return lane && (watch.lane?.(target, lane) ?? lane);
    },
  };
}
