import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';

/** A resource that this probe created. The probe changes and deletes nothing else. */
export interface Canary {
  readonly resourceType: ResourceType;
  readonly name: string;
  readonly id: RemoteId;
}

/** The last known state of a canary at the target. */
export type CanaryState = 'present' | 'deleted' | 'deactivated';

/** One create request. */
export interface LedgerEntry {
  readonly resourceType: ResourceType;
  readonly name: string;
  /**
   * `sent`: no response yet, so the resource may exist · `refused`: the target refused it · `present` ·
   * `deleted`: never created, or deleted · `deactivated`: the target does not delete it
   */
  state: 'sent' | 'refused' | CanaryState;
  id?: RemoteId;
}

/** The write-ahead list of canaries: every create is recorded before its request leaves. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Records a create before it is sent. */
  recordIntent(resourceType: ResourceType, name: string): LedgerEntry;
  /** The resource exists. @returns the canary, which experiments may change from now on */
  markCreated(entry: LedgerEntry, id: RemoteId): Canary;
  /** The canary with that id. @returns undefined for a resource that the probe did not create */
  canaryWithId(resourceType: ResourceType, id: RemoteId): Canary | undefined;
  setState(canary: Canary, state: CanaryState): void;
  /** Canaries that exist or may exist; groups before users. */
  unremoved(): readonly LedgerEntry[];
  /** Refused creates, except those that reused the name of another canary. */
  refusedEntries(): readonly LedgerEntry[];
}

/** Records the canaries of one probe, so that the clean-up finds all of them. */
export function createLedger(): Ledger {
  const entries: LedgerEntry[] = [];
  return {
    entries,
    recordIntent(resourceType, name) {
      const entry: LedgerEntry = { resourceType, name, state: 'sent' };
      entries.push(entry);
      return entry;
    },
    markCreated(entry, id) {
      entry.id = id;
      entry.state = 'present';
      return { resourceType: entry.resourceType, name: entry.name, id };
    },
    canaryWithId(resourceType, id) {
      const entry = entries.find((each) => each.resourceType === resourceType && each.id === id);
      return entry === undefined ? undefined : { resourceType, name: entry.name, id };
    },
    setState({ resourceType, id }, state) {
      for (const entry of entries) if (entry.resourceType === resourceType && entry.id === id) entry.state = state;
    },
    unremoved: () =>
      [
        ...entries.filter(({ resourceType }) => resourceType === 'Group'),
        ...entries.filter(({ resourceType }) => resourceType === 'User'),
      ].filter(({ state }) => state === 'sent' || state === 'present'),
    refusedEntries: () =>
      entries.filter(
        (entry) =>
          entry.state === 'refused' &&
          !entries.some(
            (other) => other !== entry && other.resourceType === entry.resourceType && other.name === entry.name,
          ),
      ),
  };
}
