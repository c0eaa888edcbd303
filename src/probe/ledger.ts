import type { RemoteId } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';

/** A resource that this probe made. Only what is one may be changed or removed. */
export interface Canary {
  readonly kind: Kind;
  readonly name: string;
  readonly id: RemoteId;
}

/** A create that was sent. */
export interface Entry {
  readonly kind: Kind;
  readonly name: string;
  /** `sent`: no answer says whether it was made · `refused`: it should not be there · `there` · `gone`: it was never made, or is removed · `closed`: removed as far as the application can */
  state: 'sent' | 'refused' | 'there' | 'gone' | 'closed';
  id?: RemoteId;
}

/** What was asked to be made, written down before the request goes out. */
export interface Ledger {
  readonly entries: readonly Entry[];
  /** Before a create is sent. */
  intend(kind: Kind, name: string): Entry;
  /** It is there. @returns what may be changed from now on */
  made(entry: Entry, id: RemoteId): Canary;
  /** One that is there under that id, if it is ours. */
  owned(kind: Kind, id: RemoteId): Canary | undefined;
  /** It was seen not to be there, or only closed. */
  settle(canary: Canary, state: 'there' | 'gone' | 'closed'): void;
  /** Whatever has been or may have been made and is not known to be gone; groups before people. */
  open(): readonly Entry[];
  /** What was refused, and bears no name that something else bears which is known of. */
  refused(): readonly Entry[];
}

export function openLedger(): Ledger {
  const entries: Entry[] = [];
  return {
    entries,
    intend(kind, name) {
      const entry: Entry = { kind, name, state: 'sent' };
      entries.push(entry);
      return entry;
    },
    made(entry, id) {
      entry.id = id;
      entry.state = 'there';
      return { kind: entry.kind, name: entry.name, id };
    },
    owned(kind, id) {
      const entry = entries.find((each) => each.kind === kind && each.id === id);
      return entry === undefined ? undefined : { kind, name: entry.name, id };
    },
    settle({ kind, id }, state) {
      for (const entry of entries) if (entry.kind === kind && entry.id === id) entry.state = state;
    },
    open: () =>
      [...entries.filter(({ kind }) => kind === 'Group'), ...entries.filter(({ kind }) => kind === 'User')].filter(
        ({ state }) => state === 'sent' || state === 'there',
      ),
    refused: () =>
      entries.filter(
        (entry) =>
          entry.state === 'refused' &&
          !entries.some((other) => other !== entry && other.kind === entry.kind && other.name === entry.name),
      ),
  };
}
