import type { Behaviour } from '../behaviours/behaviour.ts';

/** One entry of the catalogue of misbehaviours, by its number there. */
export type Misbehaviour = {
  readonly number: number;
  /** In a few words. */
  readonly title: string;
} & (
  | {
      /** Begins to play it; what it remembers begins anew each time. */
      readonly create: () => Behaviour;
    }
  | {
      /** Why no server can play it. */
      readonly cannot: string;
    }
);
