import type { LaneState } from '../../model/target/lane-state.ts';

/** What the lanes of a daemon do, for other processes. */
export interface LaneStates {
  /** @param state undefined: the lane is free */
  save(target: string, state: LaneState | undefined): Promise<void>;
}
