import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';

/** A resource that this probe made. Only what is one may be changed or removed. */
export interface Canary {
  readonly resourceType: ResourceType;
  readonly name: string;
  readonly id: RemoteId;
}

/** A create that was sent. */
export interface LedgerEntry {
  readonly resourceType: ResourceType;
  readonly name: string;
  /** `sent`: no answer says whether it was made · `refused`: it should not be there · `there` · `gone`: it was never made, or is removed · `closed`: removed as far as the application can */
  state: 'sent' | 'refused' | 'there' | 'gone' | 'closed';
  id?: RemoteId;
}

/** What was asked to be made, written down before the request goes out. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Before a create is sent. */
  recordIntent(resourceType: ResourceType, name: string): LedgerEntry;
  /** It is there. @returns what may be changed from now on */
  markCreated(entry: LedgerEntry, id: RemoteId): Canary;
  /** One that is there under that id, if it is ours. */
  canaryWithId(resourceType: ResourceType, id: RemoteId): Canary | undefined;
  /** It was seen not to be there, or only closed. */
  setState(canary: Canary, state: 'there' | 'gone' | 'closed'): void;
  /** Whatever has been or may have been made and is not known to be gone; groups before people. */
  unremoved(): readonly LedgerEntry[];
  /** What was refused, and bears no name that something else bears which is known of. */
  refusedEntries(): readonly LedgerEntry[];
}

export function createLedger(): Ledger {
  const entries: LedgerEntry[] = [];
  return {
    entries,
    recordIntent(resourceType, name) {
      const entry: LedgerEntry = { resourceType: resourceType, name, state: 'sent' };
      entries.push(entry);
      return entry;
    },
    markCreated(entry, id) {
      entry.id = id;
      entry.state = 'there';
      return { resourceType: entry.resourceType, name: entry.name, id };
    },
    canaryWithId(resourceType, id) {
      const entry = entries.find((each) => each.resourceType === resourceType && each.id === id);
      return entry === undefined ? undefined : { resourceType: resourceType, name: entry.name, id };
    },
    setState({ resourceType, id }, state) {
      for (const entry of entries) if (entry.resourceType === resourceType && entry.id === id) entry.state = state;
    },
    unremoved: () =>
      [
        ...entries.filter(({ resourceType }) => resourceType === 'Group'),
        ...entries.filter(({ resourceType }) => resourceType === 'User'),
      ].filter(({ state }) => state === 'sent' || state === 'there'),
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
