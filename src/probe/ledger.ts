import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';

/** A resource that this probe created. The probe changes and deletes nothing else. */
export interface Canary {
  readonly resourceType: ResourceType;
  readonly name: string;
  /** The current id: some targets change it. */
  readonly id: RemoteId;
}

/** The last known state of a canary at the target. */
export type CanaryState = 'present' | 'deleted' | 'deactivated';

/** One create request. */
export interface LedgerEntry {
  readonly resourceType: ResourceType;
  readonly name: string;
  /**
   * `sent`: no clear response yet, so the resource may exist · `refused`: the target refused it · `present` ·
   * `deleted`: never created, or deleted · `deactivated`: DELETE is accepted, and the user is inactive or hidden ·
   * `closed`: the target does not delete it, and a read shows that it is inactive
   */
  state: 'sent' | 'refused' | 'closed' | CanaryState;
  id?: RemoteId;
  /** Why the clean-up did not remove it. */
  reason?: string;
}

/** The write-ahead list of canaries: every create is recorded before its request leaves. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Records a create before it is sent. */
  recordIntent(resourceType: ResourceType, name: string): LedgerEntry;
  /** The resource exists. @returns the canary, which experiments may change from now on */
  markCreated(entry: LedgerEntry, id: RemoteId): Canary;
  /** The target gave the canary another id: from now on, the canary has this one. */
  changeId(canary: Canary, id: RemoteId): void;
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
  const withId = (resourceType: ResourceType, id: RemoteId): readonly LedgerEntry[] =>
    entries.filter((each) => each.resourceType === resourceType && each.id === id);
  /** Reads the id from the entry: every holder of the canary sees a changed id. */
  const canaryOf = (entry: LedgerEntry, id: RemoteId): Canary => ({
    resourceType: entry.resourceType,
    name: entry.name,
    get id() {
      return entry.id ?? id;
    },
  });
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
      return canaryOf(entry, id);
    },
    changeId({ resourceType, id: previousId }, id) {
      for (const entry of withId(resourceType, previousId)) entry.id = id;
    },
    canaryWithId(resourceType, id) {
      const [entry] = withId(resourceType, id);
      return entry === undefined ? undefined : canaryOf(entry, id);
    },
    setState({ resourceType, id }, state) {
      for (const entry of withId(resourceType, id)) entry.state = state;
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
