import type { Profile } from '../model/profile.ts';
import type { Exchange } from './exchange.ts';
import type { Habits } from './habits.ts';
import type { Turns } from './turns.ts';

/** All that it takes to say an operation to one target. */
export interface Voice {
  readonly exchange: Exchange;
  readonly profile: Profile;
  readonly habits: Habits;
  readonly turns: Turns;
}
