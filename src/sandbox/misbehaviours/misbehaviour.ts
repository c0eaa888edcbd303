import type { Habit } from '../application.ts';

/** One entry of the catalogue of misbehaviours, by its number there. */
export type Misbehaviour = {
  readonly number: number;
  /** In a few words. */
  readonly title: string;
} & (
  | {
      /** Begins to play it; what it remembers begins anew each time. */
      readonly play: () => Habit;
    }
  | {
      /** Why no server can play it. */
      readonly cannot: string;
    }
);
