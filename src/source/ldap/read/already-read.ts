import { readEntry } from '../protocol/entry.ts';
import { identityHandleOf } from '../names/identity.ts';
import type { PartSearch } from './part-searches.ts';

/** The entries that an incremental read has returned so far. */
export class AlreadyRead {
  /** DNs, by part and handle of the immutable ID. */
  private readonly entries = new Map<string, string>();

  /** The entries that were not returned before; from now on they count as returned. */
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

  /** The DN of the entry with this handle; undefined where it was not returned. */
  dnOf(part: PartSearch, handle: string): string | undefined {
    return this.entries.get(entryKey(part, handle));
  }
}

const entryKey = ({ part }: PartSearch, handle: string): string => `${part} ${handle}`;
