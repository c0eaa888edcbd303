import type { DirectoryInMemory, Entry, EntryPart } from './directory-in-memory.ts';
import { entryParts } from './directory-in-memory.ts';

interface Held {
  readonly part: EntryPart;
  readonly entry: Entry;
  active: boolean;
  readonly until: number | undefined;
}

/** What the mirror should hold, worked out the simple way from what was read and believed. */
export class DirectoryModel {
  private readonly held = new Map<string, Held>();
  private readonly nested: 'flatten' | 'keep';

  constructor(nested: 'flatten' | 'keep') {
    this.nested = nested;
  }

  /** With a row that cannot be believed nobody counts as gone. */
  take(directory: DirectoryInMemory, now: number): void {
    const parts = entryParts.filter((part) => part !== 'nested' || this.nested === 'flatten');
    const rows = parts.flatMap((part) => directory.visible(part));
    const good = rows.filter(
      (row) =>
        !row.broken &&
        !rows.some((other) => other !== row && !other.broken && other.part === row.part && other.key === row.key),
    );
    const goodNames = new Set(good.map(nameOf));
    const isComplete = good.length === rows.length;
    if (isComplete) for (const name of this.held.keys()) if (!goodNames.has(name)) this.held.delete(name);
    for (const entry of good) {
      const before = this.held.get(nameOf(entry));
      const isSame = before !== undefined && JSON.stringify(before.entry) === JSON.stringify(entry);
      if (isSame) continue;
      const isActive = entry.part !== 'users' || (!entry.locked && (entry.until === undefined || entry.until > now));
      this.held.set(nameOf(entry), {
        part: entry.part,
        entry,
        active: isActive,
        until: entry.part === 'users' ? entry.until : undefined,
      });
    }
    for (const one of this.held.values()) if (one.until !== undefined && one.until <= now) one.active = false;
  }

  /** A line for each record and each membership. */
  lines(): Map<string, string> {
    const lines = new Map<string, string>();
    for (const [name, { part, entry, active }] of this.held) {
      const manager =
        entry.manager === undefined || part !== 'users'
          ? undefined
          : this.bearing(`dn:${entry.manager}`, 'users')
              .map(({ entry: one }) => one.key)
              .sort()[0];
      lines.set(
        name,
        `${active ? 'active' : 'inactive'} ${JSON.stringify({ mail: [entry.mail], ...(manager === undefined ? {} : { manager: [manager] }) }, ['mail', 'manager'].sort())}`,
      );
      if (part === 'groups') for (const member of this.membersOf(entry)) lines.set(`${entry.key}>${member}`, '');
    }
    return lines;
  }

  count(part: EntryPart): number {
    return [...this.held.values()].filter((one) => one.part === part).length;
  }

  private membersOf(group: Entry): Set<string> {
    const inside = new Set<Held>();
    const enter = (entry: Entry): void => {
      for (const handle of entry.members) {
        for (const part of ['groups', 'nested'] as const)
          for (const one of this.bearing(handle, part))
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
        for (const person of this.bearing(handle, 'users')) members.add(person.entry.key);
      for (const { part, entry: person } of this.held.values())
        if (part === 'users' && person.primary !== undefined && person.primary === entry.rid) members.add(person.key);
    }
    if (this.nested === 'keep')
      for (const one of inside) if (one.part === 'groups' && one.entry.key !== group.key) members.add(one.entry.key);
    return members;
  }

  private bearing(handle: string, part: EntryPart): Held[] {
    return [...this.held.values()].filter(
      (one) =>
        one.part === part &&
        (handle === `dn:${one.entry.dn}` || (one.entry.login !== undefined && handle === `login:${one.entry.login}`)),
    );
  }
}

const kinds = { users: 'User', groups: 'Group', nested: 'Nested' } as const;
export const nameOf = ({ part, key }: Pick<Entry, 'part' | 'key'>): string => `${kinds[part]} ${key}`;
