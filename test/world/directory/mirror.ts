import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDirectories } from '../../../src/config/directories.ts';
import type { Clock } from '../../../src/model/world.ts';
import { ldapSource } from '../../../src/source/ldap/ldap-source.ts';
import type { LdapSettings } from '../../../src/source/ldap/settings.ts';
import type { Uses } from '../../../src/source/source.ts';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { PassEvent } from '../../../src/sync/events.ts';
import { takeReading } from '../../../src/sync/reading.ts';
import type { DirectoryServer } from './server.ts';

const directoriesFolder = join(import.meta.dirname, '..', '..', '..', 'config', 'directories');
const day = 86_400_000;

export interface MirrorOptions {
  readonly users: LdapSettings['users'];
  readonly groups?: LdapSettings['groups'];
  readonly uses: Uses;
  readonly clock: Clock;
  readonly fullEveryMs?: number;
}

export interface Taken {
  /** Whether everything was read. */
  readonly isWhole: boolean;
  /** Why, where changes were asked for. */
  readonly reasons: readonly string[];
  readonly number: number;
}

/** A state file into which a directory is read as a pass reads it, and no application. */
export interface DirectoryMirror {
  read(changes?: Partial<MirrorOptions>): Promise<Taken>;
  /** A line for each person, group and membership. */
  lines(): readonly string[];
  /** Writes into the state file what nobody should. */
  bookmark(edit: (text: string) => string | undefined): void;
  close(): void;
}

/** The kinds of directories that are built in, as the command line reads them. */
export function directoryKinds(): LdapSettings['kinds'] {
  const read = readDirectories('auto', { directoriesFolder, readFile: (path) => readFileSync(path, 'utf8'), listFolder: (path) => readdirSync(path) });
  if (read.kind === 'wrong') throw new Error(read.message);
  return read.directories.builtIn;
}

export function directoryMirror(server: Pick<DirectoryServer, 'plainUrl' | 'admin'>, options: MirrorOptions): DirectoryMirror {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-mirror-'));
  const file = join(folder, 'state.db');
  const store = openStore(file);
  const db = openDatabase(file);
  const signal = new AbortController().signal;
  const kinds = directoryKinds();
  return {
    async read(changes = {}) {
      const { users, groups, uses, clock, fullEveryMs = day } = { ...options, ...changes };
      const source = ldapSource({
        connection: {
          urls: [server.plainUrl], startTls: false, tls: {}, bind: { method: 'simple', dn: server.admin.dn, password: () => server.admin.password },
          connectTimeoutMs: 20_000, timeoutMs: 20_000,
        },
        kind: undefined, kinds, users, groups, pageSize: 100,
      }, { clock });
      const spec = { source, groupsFromColumn: false, sanity: { maxShrink: 1, maxBlank: 1, floor: 1000 }, fullEveryMs };
      const events: PassEvent[] = [];
      const before = completedIn(db);
      const open = await source.open(signal);
      try {
        const io = { store, clock, emit: (event: PassEvent) => events.push(event) };
        const result = await store.transaction(() => takeReading(io, spec, open, uses, { acceptAnything: true, everything: false }, signal));
        if (result.kind === 'empty') throw new Error('nobody was read');
        if (result.rejected > 0) throw new Error(`rejected: ${JSON.stringify(result.rejections)}`);
        return {
          isWhole: completedIn(db) !== before, number: result.number,
          reasons: events.flatMap((event) => (event.type === 'everything' ? [event.reason] : [])),
        };
      } finally {
        await open.close();
      }
    },
    lines: () => db.prepare(`
      select kind || ' ' || key || iif(active, ' active ', ' inactive ') || attributes from record where gone is null and kind <> 'Nested'
      union all select group_key || '>' || member_key from edge where gone is null order by 1`).pluck().all() as string[],
    bookmark(edit) {
      const text = db.prepare('select bookmark from reading').pluck().get() as string;
      db.prepare('update reading set bookmark = ?').run(edit(text) ?? null);
    },
    close() {
      db.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every clock of these tests goes on between two readings, so that two of them never end at one moment. */
const completedIn = (db: Db): unknown => db.prepare('select completed from reading').pluck().get();
