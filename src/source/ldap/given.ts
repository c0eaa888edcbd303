import { readEntry } from './entry.ts';
import { handleIn } from './identity.ts';
import type { DirectoryPart } from './parts.ts';

/** Entries that a reading of changes has given already. */
export class Given {
  /** By part and handle of the identity: their names. */
  private readonly entries = new Map<string, string>();

  /** Those that were not given before, which now they are. */
  take(part: DirectoryPart, found: Iterable<Buffer>): readonly Buffer[] {
    const fresh: Buffer[] = [];
    for (const bytes of found) {
      const entry = readEntry(bytes);
      const place = placeOf(part, handleIn(entry, part.rules.kind.id) ?? entry.dn);
      if (this.entries.has(place)) continue;
      this.entries.set(place, entry.dn);
      fresh.push(bytes);
    }
    return fresh;
  }

  /** The name of the entry with that identity; undefined where it was not given. */
  nameOf(part: DirectoryPart, handle: string): string | undefined {
    return this.entries.get(placeOf(part, handle));
  }
}

const placeOf = ({ part }: DirectoryPart, handle: string): string => `${part} ${handle}`;
