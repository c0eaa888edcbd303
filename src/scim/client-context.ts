import type { Profile } from '../model/profile.ts';
import type { Transport } from './transport/transport.ts';
import type { LearnedCapabilities } from './capabilities.ts';
import type { KeyedMutex } from './operations/group-lock.ts';

/** All that it takes to say an operation to one target. */
export interface ClientContext {
  readonly transport: Transport;
  readonly profile: Profile;
  readonly capabilities: LearnedCapabilities;
  readonly groupLock: KeyedMutex;
}
