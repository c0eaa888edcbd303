import { readEntry } from '../protocol/entry.ts';
import { identityHandleOf } from '../names/identity.ts';
import type { PartSearch } from './part-searches.ts';

/** Entries that a reading of changes has given already. */
export class AlreadyRead {
  /** By part and handle of the identity: their names. */
  private readonly entries = new Map<string, string>();

  /** Those that were not given before, which now they are. */
  filterNew(part: PartSearch, entries: Iterable<Buffer>): readonly Buffer[] {
    const newEntries: Buffer[] = [];
    for (const bytes of entries) {
      const entry = readEntry(bytes);
      const key = entryKey(part, identityHandleOf(entry, part.readerOptions.directoryProfile.id) ?? entry.dn);
      if (this.entries.has(key)) continue;
      this.entries.set(key, entry.dn);
      newEntries.push(bytes);
    }
    return newEntries;
  }

  /** The name of the entry with that identity; undefined where it was not given. */
  dnOf(part: PartSearch, handle: string): string | undefined {
    return this.entries.get(entryKey(part, handle));
  }
}

const entryKey = ({ part }: PartSearch, handle: string): string => `${part} ${handle}`;
