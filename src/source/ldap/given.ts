import { readEntry } from './entry.ts';
import { identityHandle } from './identity.ts';
import { nameFolder } from './names.ts';
import type { DirectoryPart } from './parts.ts';
import { idText } from './values.ts';

/** Entries that a reading of changes has given already. */
export class Given {
  private readonly ids = new Set<string>();
  private readonly names = new Map<string, string>();

  note(part: DirectoryPart, entries: Iterable<Buffer>): void {
    const fold = nameFolder(part.rules.schema);
    for (const bytes of entries) {
      const { dn } = readEntry(bytes);
      this.names.set(`dn:${fold(dn)}`, dn);
      this.take(part, handleIn(part, bytes));
    }
  }

  /** @returns false where it was given before */
  take({ part }: DirectoryPart, handle: string | undefined): boolean {
    const place = `${part} ${handle ?? ''}`;
    return !this.ids.has(place) && Boolean(this.ids.add(place));
  }

  /** The name behind a folded one, as the server spells it; undefined where nobody by that name was given. */
  spelled(handle: string): string | undefined {
    return this.names.get(handle);
  }
}

/** The handle of an entry's identity, where it shows one. */
export function handleIn(part: DirectoryPart, bytes: Buffer): string | undefined {
  const { attribute, form } = part.rules.kind.id;
  const value = readEntry(bytes).attributes.get(attribute.toLowerCase())?.values[0];
  const text = value === undefined ? undefined : idText(form, value);
  return text === undefined ? undefined : identityHandle(text);
}
