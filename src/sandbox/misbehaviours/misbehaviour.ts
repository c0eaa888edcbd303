import type { Behaviour } from '../behaviours/behaviour.ts';

/** HTTP methods that change resources. */
export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One entry of the catalogue of misbehaviours. The number identifies it and never changes. */
export type Misbehaviour = {
  readonly number: number;
  readonly title: string;
  /**
   * Methods that it refuses for a resource type, or for some states of a resource, whatever form the request has.
   * Refusals of a form, such as a path, are not listed.
   */
  readonly refuses?: readonly WriteMethod[];
} & (
  | {
      /** Creates the behaviour with an empty state. */
      readonly create: () => Behaviour;
    }
  | {
      /** Reason why no server can play it. */
      readonly cannot: string;
    }
);
