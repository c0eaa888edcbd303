import { createHash } from 'node:crypto';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { ParsedRow } from '../../../src/store/store.ts';

export type EntryPart = 'users' | 'groups' | 'nested';
export const entryParts: readonly EntryPart[] = ['users', 'groups', 'nested'];

/** An entry of a directory: whatever is in it is in its bytes. */
export interface Entry {
  /** Never changes. The key is an attribute that an administrator may edit. */
  readonly id: string;
  readonly part: EntryPart;
  readonly key: string;
  readonly dn: string;
  /** Outside of the base, or not in the filter. */
  readonly hidden: boolean;
  readonly broken: boolean;
  readonly mail: string;
  readonly locked: boolean;
  readonly until?: number | undefined;
  readonly login?: string | undefined;
  /** The group that a person names. */
  readonly primary?: string | undefined;
  readonly manager?: string | undefined;
  /** By which people name this group. */
  readonly rid?: string | undefined;
  /** DNs and logins. */
  readonly members: readonly string[];
}

export interface DirectoryRow {
  readonly line: number;
  readonly digest: Buffer;
  readonly entry: Entry;
}

export const rowOf = (entry: Entry, line: number): DirectoryRow => ({
  line,
  entry,
  digest: createHash('sha256').update(JSON.stringify(entry)).digest().subarray(0, 16),
});

export const identity = (id: string): string => `id:${id}`;

/** What a source makes of an entry. */
export function parsed({ line, entry }: DirectoryRow): ParsedRow {
  const { id, part, key, dn, login, primary, manager, rid, members, mail } = entry;
  if (entry.broken) {
    const subject = { kind: 'record', handles: [identity(id)] } as const;
    return { kind: 'rejected', line, key, reason: 'broken', subject };
  }
  const isUser = part === 'users';
  const active = !isUser || !entry.locked;
  const period = isUser && entry.until !== undefined ? { validTo: instant(entry.until) } : {};
  return {
    kind: 'record',
    groups: undefined,
    record: {
      resourceType: isUser ? 'User' : 'Group',
      key: sourceKey(key),
      active,
      ...period,
      attributes: { mail: [mail] },
    },
    entryReferences: {
      handles: [
        identity(id),
        `dn:${dn}`,
        ...(login === undefined ? [] : [`login:${login}`]),
        ...(rid === undefined ? [] : [`rid:${rid}`]),
      ],
      members: [...members],
      groups: primary === undefined ? [] : [`rid:${primary}`],
      attributeReferences: manager === undefined ? {} : { manager: `dn:${manager}` },
    },
  };
}

/**
 * A directory whose server updates references in other entries after a rename or a deletion, and does not report those
 * entries as changed. It updates them immediately or, if it is slow, when `settle` is called.
 */
export class DirectoryInMemory {
  readonly entries = new Map<string, Entry>();
  /** Entries that an incremental read reports. */
  readonly reported = new Set<string>();
  private readonly pendingUpdates: (() => void)[] = [];
  private readonly updatesReferences: boolean;

  constructor(tidies: boolean) {
    this.updatesReferences = tidies;
  }

  put(entry: Entry): void {
    this.entries.set(entry.id, entry);
    this.reported.add(entry.id);
  }

  change(id: string, changes: Partial<Entry>): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) this.put({ ...entry, ...changes });
  }

  rename(id: string, dn: string): void {
    const before = this.entries.get(id)?.dn;
    if (before === undefined || before === dn || this.holder(dn) !== undefined) return;
    this.change(id, { dn });
    this.updateReferences(before, dn);
  }

  delete(id: string): void {
    const before = this.entries.get(id)?.dn;
    this.entries.delete(id);
    this.reported.add(id);
    if (before !== undefined) this.updateReferences(before, undefined);
  }

  holder(dn: string): Entry | undefined {
    return [...this.entries.values()].find((entry) => entry.dn === dn);
  }

  applyPendingUpdates(): void {
    for (const task of this.pendingUpdates.splice(0)) task();
  }

  visible(part: EntryPart): readonly Entry[] {
    return [...this.entries.values()].filter((entry) => entry.part === part && !entry.hidden);
  }

  private updateReferences(before: string, after: string | undefined): void {
    if (!this.updatesReferences) return;
    this.pendingUpdates.push(() => {
      for (const entry of this.entries.values()) {
        const members = [
          ...new Set(
            entry.members.flatMap((member) =>
              member !== `dn:${before}` ? [member] : after === undefined ? [] : [`dn:${after}`],
            ),
          ),
        ];
        const manager = entry.manager === before ? after : entry.manager;
        if (members.join() !== entry.members.join() || manager !== entry.manager)
          this.entries.set(entry.id, { ...entry, members, manager });
      }
    });
  }
}
