import type { SourceKey } from '../../model/ids.ts';
import type { WaitingName, WaitingNames } from '../../model/plan.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { StoredOperation } from './stored-operation.ts';

/**
 * The name that a user or group has at a target, or gets or had there by the journal; undefined: none is known.
 * Synchronous, because a message needs it between two requests.
 */
export type NameAtTarget = (target: string, resourceType: ResourceType, key: string) => string | undefined;

/** What may be asked about names at targets. */
export interface NameView {
  /** The keys of records with this key in the journal, or that have or had this name at a target, in any case. */
  keysNamed(resourceType: ResourceType, name: string): readonly SourceKey[];
  readonly nameAtTarget: NameAtTarget;
  /** The creates and updates of a pass that wait for a name: the first ones, and their number. */
  waitingForNames(pass: number, target: string, limit: number): Promise<WaitingNames>;
}

/** The operations of a planned round that depend on a name. */
export interface NameHolds {
  /** Holds the operations of a round that need the name of an account whose removal or rename is held. */
  holdWaiting(pass: number, target: string, round: number, removalPhases: readonly number[]): Promise<void>;
  /** Takes the operation of a record out of a round before it is judged. @returns it; undefined: there is none */
  withdraw(
    pass: number,
    target: string,
    round: number,
    resourceType: ResourceType,
    key: SourceKey,
  ): Promise<StoredOperation | undefined>;
}

/** What sending finds out about names. */
export interface NamesBetweenRequests {
  /** Notes, between two requests, that a record waits. */
  noteWaiting(pass: number, target: string, waiting: WaitingName): Promise<void>;
}

/** The names that the records of one planning request, to find two records with one name. */
export interface NameRequests {
  /** Forgets the requests of the planning before. */
  clearNameRequests(): void;
  /** @returns the record that requested the name before; undefined: it is the first. Synchronous: once per create. */
  requestName(resourceType: ResourceType, foldedName: string, key: SourceKey): SourceKey | undefined;
}
