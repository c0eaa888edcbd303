import type { DirectoryInMemory, Entry, EntryPart } from './directory-in-memory.ts';
import { entryParts } from './directory-in-memory.ts';

interface MirroredEntry {
  readonly part: EntryPart;
  readonly entry: Entry;
  readonly active: boolean;
  readonly until: number | undefined;
}

/** The expected mirror, computed in a simple way from the accepted readings. */
export class DirectoryModel {
  private readonly entries = new Map<string, MirroredEntry>();
  private readonly nested: 'flatten' | 'keep';

  constructor(nested: 'flatten' | 'keep') {
    this.nested = nested;
  }

  /** A rejected row keeps the record with its key, and the record with its id. */
  read(directory: DirectoryInMemory): void {
    const parts = entryParts.filter((part) => part !== 'nested' || this.nested === 'flatten');
    const rows = parts.flatMap((part) => directory.visible(part));
    const good = rows.filter(
      (row) =>
        !row.broken &&
        !rows.some((other) => other !== row && !other.broken && other.part === row.part && other.key === row.key),
    );
    const names = new Set(rows.map(nameOf));
    const rejectedIds = new Set(rows.filter((row) => !good.includes(row)).map(({ part, id }) => `${part} ${id}`));
    for (const [name, { part, entry }] of this.entries)
      if (!names.has(name) && !rejectedIds.has(`${part} ${entry.id}`)) this.entries.delete(name);
    for (const entry of good) {
      const before = this.entries.get(nameOf(entry));
      const isSame = before !== undefined && JSON.stringify(before.entry) === JSON.stringify(entry);
      if (isSame) continue;
      this.entries.set(nameOf(entry), {
        part: entry.part,
        entry,
        active: entry.part !== 'users' || !entry.locked,
        until: entry.part === 'users' ? entry.until : undefined,
      });
    }
  }

  /** A line for each record and each membership. */
  lines(): Map<string, string> {
    const lines = new Map<string, string>();
    for (const [name, { part, entry, active, until }] of this.entries) {
      const manager =
        entry.manager === undefined || part !== 'users'
          ? undefined
          : this.entriesWithHandle(`dn:${entry.manager}`, 'users')
              .map(({ entry: one }) => one.key)
              .sort()[0];
      const attributes = { mail: [entry.mail], ...(manager === undefined ? {} : { manager: [manager] }) };
      const period = until === undefined ? '' : `until ${until} `;
      const text = JSON.stringify(attributes, ['mail', 'manager']);
      lines.set(name, `${active ? 'active' : 'inactive'} ${period}${text}`);
      if (part === 'groups') for (const member of this.membersOf(entry)) lines.set(`${entry.key}>${member}`, '');
    }
    return lines;
  }

  count(part: EntryPart): number {
    return [...this.entries.values()].filter((one) => one.part === part).length;
  }

  private membersOf(group: Entry): Set<string> {
    const inside = new Set<MirroredEntry>();
    const enter = (entry: Entry): void => {
      for (const handle of entry.members) {
        for (const part of ['groups', 'nested'] as const)
          for (const one of this.entriesWithHandle(handle, part))
            if (!inside.has(one)) {
              inside.add(one);
              if (this.nested === 'flatten') enter(one.entry);
            }
      }
    };
    enter(group);
    const around = [group, ...(this.nested === 'flatten' ? [...inside].map(({ entry }) => entry) : [])];
    const members = new Set<string>();
    for (const entry of around) {
      for (const handle of entry.members)
        for (const person of this.entriesWithHandle(handle, 'users')) members.add(person.entry.key);
      for (const { part, entry: person } of this.entries.values())
        if (
          part === 'users' &&
          person.primary !== undefined &&
          person.primary === entry.rid &&
          this.hasUniqueRid(entry)
        )
          members.add(person.key);
    }
    if (this.nested === 'keep')
      for (const one of inside) if (one.part === 'groups' && one.entry.key !== group.key) members.add(one.entry.key);
    return members;
  }

  private entriesWithHandle(handle: string, part: EntryPart): MirroredEntry[] {
    const owners = [...this.entries.values()].filter(
      ({ entry }) => handle === `dn:${entry.dn}` || (entry.login !== undefined && handle === `login:${entry.login}`),
    );
    return isOneEntry(owners) ? owners.filter((one) => one.part === part) : [];
  }

  private hasUniqueRid({ rid }: Entry): boolean {
    return isOneEntry([...this.entries.values()].filter(({ part, entry }) => part !== 'users' && entry.rid === rid));
  }
}

/** A handle that several entries share names no entry. */
const isOneEntry = (owners: readonly MirroredEntry[]): boolean => new Set(owners.map(({ entry }) => entry.id)).size < 2;

const kinds = { users: 'User', groups: 'Group', nested: 'Nested' } as const;
export const nameOf = ({ part, key }: Pick<Entry, 'part' | 'key'>): string => `${kinds[part]} ${key}`;
