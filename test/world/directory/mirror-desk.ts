import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../src/cli/world.ts';
import { readDirectories } from '../../../src/config/directories.ts';
import type { WrittenDirectory } from '../../../src/config/directory-schema.ts';
import { ldapSource } from '../../../src/source/ldap/ldap-source.ts';
import type { DirectoryKind, LdapSettings } from '../../../src/source/ldap/settings.ts';
import type { Uses } from '../../../src/source/source.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { PassEvent } from '../../../src/sync/events.ts';
import { takeReading } from '../../../src/sync/reading.ts';
import type { DirectoryServer } from './server.ts';

/** What a mirror holds: a line for each record and each membership, by keys. */
export type Held = readonly string[];

/** A state file into which a directory is read as a pass reads it, without a process for each. */
export interface MirrorDesk {
  /** @returns why everything was read although changes were asked for; undefined where changes would do */
  read(): Promise<{ readonly why: string | undefined; readonly isUnchanged: boolean }>;
  held(): Held;
  [Symbol.dispose](): void;
}

export interface MirrorSettings {
  readonly server: Pick<DirectoryServer, 'url' | 'caFile' | 'admin'>;
  readonly kind: string | WrittenDirectory;
  readonly users: { readonly base: string; readonly filter?: string };
  readonly groups: { readonly base: string; readonly filter?: string; readonly nested: 'flatten' | 'keep' };
  readonly uses: Uses;
}

const never = new AbortController().signal;

export function mirrorDesk({ server, kind, users, groups, uses }: MirrorSettings): MirrorDesk {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-mirror-'));
  const file = join(folder, 'state.db');
  const store = openStore(file);
  const settings: LdapSettings = {
    connection: {
      urls: [server.url], startTls: false, tls: { ca: readFileSync(server.caFile, 'utf8') }, connectTimeoutMs: 10_000, timeoutMs: 30_000,
      bind: { method: 'simple', dn: server.admin.dn, password: () => server.admin.password },
    },
    kind: kindOf(kind), kinds: new Map(), users: { ...users, honourShadowExpire: false }, groups, pageSize: 1000,
  };
  const spec = { source: ldapSource(settings, { clock: realClock }), groupsFromColumn: false, sanity: { maxShrink: 1, maxBlank: 1, floor: 1000 }, fullEveryMs: Infinity };
  return {
    async read() {
      const events: PassEvent[] = [];
      const io = { store, clock: realClock, emit: (event: PassEvent) => void events.push(event) };
      const open = await spec.source.open(never);
      try {
        const result = await store.transaction(() => takeReading(io, spec, open, uses, { acceptAnything: true, everything: false }, never));
        if (result.kind !== 'believed' || result.rejected > 0) throw new Error(`the reading came to ${JSON.stringify(result)}`);
      } finally {
        await open.close();
      }
      return { why: events.find(({ type }) => type === 'everything') === undefined ? undefined : reasonOf(events), isUnchanged: events.some((event) => event.type === 'read' && event.unchanged) };
    },
    held() {
      const db = openDatabase(file);
      try {
        const all = (sql: string): string[] => db.prepare(sql).pluck().all() as string[];
        return [
          ...all(`select kind || ' ' || key || iif(active, ' active', ' inactive') || coalesce(' until ' || active_until, '') || ' ' || attributes
            from record where gone is null order by kind, key`),
          ...all('select group_key || \' has \' || member_key from edge where gone is null order by group_key, member_key'),
        ];
      } finally {
        db.close();
      }
    },
    [Symbol.dispose]() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const reasonOf = (events: readonly PassEvent[]): string => events.flatMap((event) => (event.type === 'everything' ? [event.reason] : [])).join('; ');

function kindOf(written: string | WrittenDirectory): DirectoryKind {
  const directoriesFolder = join(import.meta.dirname, '../../../config/directories');
  const read = readDirectories(written, { readFile: (path) => readFileSync(path, 'utf8'), listFolder: (path) => readdirSync(path), directoriesFolder });
  if (read.kind === 'wrong' || read.directories.chosen === undefined) throw new Error(read.kind === 'wrong' ? read.message : 'no kind');
  return read.directories.chosen;
}
