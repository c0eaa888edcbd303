import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../src/cli/world.ts';
import { readDirectories } from '../../../src/config/directories.ts';
import type { WrittenDirectory } from '../../../src/config/directory-schema.ts';
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
  /** As `source.directory` is written; by default the server is asked. */
  readonly directory?: string | WrittenDirectory;
  readonly users: Omit<LdapSettings['users'], 'honourShadowExpire'> & Partial<LdapSettings['users']>;
  readonly groups?: LdapSettings['groups'];
  readonly uses: Uses;
  readonly clock?: Clock;
  readonly fullEveryMs?: number;
}

export interface Taken {
  /** Whether everything was read. */
  readonly isWhole: boolean;
  readonly isUnchanged: boolean;
  /** Why everything was read, where changes were asked for. */
  readonly reasons: readonly string[];
  readonly number: number;
}

/** A state file into which a directory is read as a pass reads it, without a process for each, and without an application. */
export interface DirectoryMirror {
  /** @throws where a row is rejected, or nobody is there */
  read(changes?: Partial<MirrorOptions>): Promise<Taken>;
  /** A line for each person, group and membership. */
  lines(): readonly string[];
  /** Writes into the state file what nobody should. */
  bookmark(edit: (text: string) => string | undefined): void;
  [Symbol.dispose](): void;
}

function kindsFor(written: string | WrittenDirectory): Pick<LdapSettings, 'kind' | 'kinds'> {
  const read = readDirectories(written, {
    directoriesFolder,
    readFile: (path) => readFileSync(path, 'utf8'),
    listFolder: (path) => readdirSync(path),
  });
  if (read.kind === 'wrong') throw new Error(read.message);
  return { kind: read.directories.chosen, kinds: read.directories.builtIn };
}

export function directoryMirror(
  { url, caFile, admin }: Pick<DirectoryServer, 'url' | 'caFile' | 'admin'>,
  options: MirrorOptions,
): DirectoryMirror {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-mirror-'));
  const file = join(folder, 'state.db');
  const store = openStore(file);
  const db = openDatabase(file);
  const signal = new AbortController().signal;
  const connection: LdapSettings['connection'] = {
    urls: [url],
    startTls: false,
    tls: { ca: readFileSync(caFile, 'utf8') },
    bind: { method: 'simple', dn: admin.dn, password: () => admin.password },
    connectTimeoutMs: 20_000,
    timeoutMs: 30_000,
  };
  return {
    async read(changes = {}) {
      const {
        directory = 'auto',
        users,
        groups,
        uses,
        clock = realClock,
        fullEveryMs = day,
      } = { ...options, ...changes };
      const source = ldapSource(
        { connection, ...kindsFor(directory), users: { honourShadowExpire: false, ...users }, groups, pageSize: 100 },
        { clock },
      );
      const spec = { source, groupsFromColumn: false, sanity: { maxShrink: 1, maxBlank: 1, floor: 1000 }, fullEveryMs };
      const events: PassEvent[] = [];
      const before = completedIn(db);
      const open = await source.open(signal);
      try {
        const io = { store, clock, emit: (event: PassEvent) => events.push(event) };
        const result = await store.transaction(() =>
          takeReading(io, spec, open, uses, { acceptAnything: true, everything: false }, signal),
        );
        if (result.kind !== 'believed' || result.rejected > 0)
          throw new Error(`the reading came to ${JSON.stringify(result)}`);
        return {
          isWhole: completedIn(db) !== before,
          number: result.number,
          isUnchanged: events.some((event) => event.type === 'read' && event.unchanged),
          reasons: events.flatMap((event) => (event.type === 'everything' ? [event.reason] : [])),
        };
      } finally {
        await open.close();
      }
    },
    lines: () =>
      db
        .prepare(
          `
      select kind || ' ' || key || iif(active, ' active ', ' inactive ') || coalesce('until ' || active_until || ' ', '') || attributes from record where gone is null and kind <> 'Nested'
      union all select group_key || '>' || member_key from edge where gone is null order by 1`,
        )
        .pluck()
        .all() as string[],
    bookmark(edit) {
      const text = db.prepare('select bookmark from reading').pluck().get() as string;
      db.prepare('update reading set bookmark = ?').run(edit(text) ?? null);
    },
    [Symbol.dispose]() {
      db.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Two readings never end at one moment: a whole one takes longer than that, or a test's clock goes on between them. */
const completedIn = (db: Db): unknown => db.prepare('select completed from reading').pluck().get();
